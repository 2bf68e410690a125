# SPDX-License-Identifier: Apache-2.0
import sys

import pytest

from drawplate.errors import BrokenPlugin, ContractError, FlowError
from drawplate.job import Request
from drawplate.plugins import Entry, Plugins
from drawplate.testing import make_runner


def test_a_file_is_a_plugin(scale):
    card = Plugins([scale], entries=[]).card("scale")
    assert card.summary == "scales weights"


def test_a_misspelt_step_is_named_with_the_nearest(scale):
    with pytest.raises(FlowError, match="did you mean: scale"):
        Plugins([scale], entries=[]).card("scal")


def test_an_import_that_fails_stops_only_its_own_step(write_plugin, scale):
    bad = write_plugin("bad", "import no_such_module")
    plugins = Plugins([bad, scale], entries=[])
    assert list(plugins.steps()) == ["scale"]
    with pytest.raises(BrokenPlugin, match=r"(?s)'bad' of bad.py.*No module named 'no_such_module'"):
        plugins.card("bad")


def test_a_misspelt_hook_is_found(write_plugin):
    path = write_plugin("typo", "@hookimpl\ndef compres(model): ...")
    with pytest.raises(BrokenPlugin, match="compres"):
        Plugins([path], entries=[]).card("typo")


def test_a_hook_with_unknown_arguments_is_found(write_plugin):
    path = write_plugin("args", "@hookimpl\ndef compress(model, optionen): ...")
    with pytest.raises(BrokenPlugin, match="optionen"):
        Plugins([path], entries=[]).card("args")


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("return 3", "returned int, not a Card"),
        ('return Card(summary="", options={}, accepts={Form.FLOAT})', "offers no verb"),
        ('return Card(summary="", options={"export": Options}, accepts={Form.FLOAT})', "no such hook"),
        ('return Card(summary="", options={"export": Options}, accepts={Form.FLOAT}, contract=9)', "contract 9"),
    ],
)
def test_a_wrong_card_is_refused(write_plugin, card, said):
    path = write_plugin("wrong", f"@hookimpl\ndef card():\n    {card}")
    with pytest.raises(BrokenPlugin, match=said):
        Plugins([path], entries=[]).card("wrong")


def test_two_distributions_with_one_step_are_both_named(monkeypatch, tmp_path):
    entries = [
        Entry(name="fold", module="one", distribution="first", version="1.0"),
        Entry(name="fold", module="two", distribution="second", version="2.0"),
    ]
    with pytest.raises(BrokenPlugin, match=r"first 1.0 and second 2.0"):
        Plugins(entries=entries).card("fold")
    assert "one" not in sys.modules


def test_side_hooks_of_two_plugins_are_merged_and_clashes_named(write_plugin):
    one = write_plugin("one", "@hookimpl\ndef search_spaces():\n    return {'a': 1, 'same': 2}")
    two = write_plugin("two", "@hookimpl\ndef search_spaces():\n    return {'b': 1}")
    three = write_plugin("three", "@hookimpl\ndef search_spaces():\n    return {'a': 3}")
    assert Plugins([one, two], entries=[]).contributions("search_spaces") == {"a": 1, "same": 2, "b": 1}
    with pytest.raises(BrokenPlugin, match=r"'a' is offered by .*one.* and by .*three"):
        Plugins([one, three], entries=[]).contributions("search_spaces")


def test_a_wrapping_plugin_sees_the_calls_of_every_step(write_plugin, scale, tiny, tmp_path):
    wrapper = write_plugin(
        "wrapper",
        """
        import pathlib
        @hookimpl(wrapper=True)
        def compress(model, options, job):
            (job.host.session.store.root / "seen.txt").write_text(job.step)
            return (yield)
        """,
    )
    runner = make_runner(tmp_path, plugin_files=[scale, wrapper])
    model = runner.session.store.put_model(tiny)
    runner.run(Request(step="scale", subject=model))
    assert (tmp_path / "store" / "seen.txt").read_text() == "scale"


BROKEN_PROMISES = {
    "returned int, not an Artifact": "return 3",
    "returned NoneType, not an Artifact": "return None",
    "changed the file": """
        data = model.path.read_bytes()
        model.path.write_bytes(data + b"x")
        result = model
        return result""",
    "promises to keep them": """
        proto = model.proto()
        proto.graph.output[0].name = proto.graph.node[-1].output[0] = "other"
        return job.save(proto)""",
    "its card promises float": "return job.save(model.proto(), Form.QONNX)",
    "not in the store": "import attrs, pathlib; return attrs.evolve(model, path=pathlib.Path('/nowhere'))",
}


@pytest.mark.parametrize("said", BROKEN_PROMISES)
def test_a_broken_promise_is_blamed_on_the_plugin(write_plugin, tiny, tmp_path, said):
    body = "\n".join("    " + line.strip() for line in BROKEN_PROMISES[said].strip().splitlines())
    path = write_plugin(
        "liar",
        '@hookimpl\ndef card():\n    return Card(summary="", options={"compress": Options}, accepts={Form.FLOAT})\n'
        f"@hookimpl\ndef compress(model, options, job):\n{body}\n",
    )
    runner = make_runner(tmp_path, plugin_files=[path])
    with pytest.raises(ContractError, match=said) as raised:
        runner.run(Request(step="liar", subject=runner.session.store.put_model(tiny)))
    assert "liar.compress of liar.py" in str(raised.value)
