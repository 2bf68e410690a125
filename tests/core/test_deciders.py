# SPDX-License-Identifier: Apache-2.0
"""A changed plugin never gives a result of the old one; one without a part in a result does not change its key."""

from __future__ import annotations

import onnx
import pytest

from drawplate.card import Verb
from drawplate.errors import ContractError
from drawplate.job import Request
from drawplate.options import read_options
from drawplate.plugins import Plugins
from drawplate.runner.deciders import Deciders
from drawplate.steps.fit import FitOptions
from drawplate.store import Store
from drawplate.testing import make_runner

OPERATOR = """
    from drawplate.torch import Op

    @hookimpl
    def torch_ops():
        return {("mine", "Twice"): lambda node: Op(lambda x: x * 2)}
"""
METHODS = """
    @hookimpl
    def distillation_methods():
        return {"mine": 1, "other": 2}
"""
STUDY = """
    @frozen(kw_only=True)
    class Wishes:
        method: str = option("A method.", default="kd")

    @hookimpl
    def card():
        return Card(
            summary="trains", options={"train": Wishes}, accepts={Form.FLOAT},
            consults={"distillation_methods": lambda options: [options.method]},
        )

    @hookimpl
    def train(model, job):
        job.note(str(sorted(job.contributions("distillation_methods"))))
        return model
"""


@pytest.fixture
def twice(tiny) -> onnx.ModelProto:
    """The small model with an operator that only a plugin knows."""
    tiny.opset_import.append(onnx.helper.make_opsetid("mine", 1))
    tiny.graph.node[1].output[0] = "product"
    tiny.graph.node.append(onnx.helper.make_node("Twice", ["product"], ["logits"], domain="mine"))
    return tiny


def fit_code(files, store, proto):
    deciders = Deciders(Plugins(files), store)
    return deciders.code("fit", Verb.TRAIN, read_options(FitOptions, {}, "test"), [store.put_model(proto)])


def test_fit_depends_on_who_teaches_an_operator_of_its_model(write_plugin, tmp_path, tiny, twice):
    store = Store(tmp_path / "store")
    before = fit_code([write_plugin("taught", OPERATOR)], store, twice)
    assert set(before) == {"drawplate", "taught.py"}
    after = fit_code([write_plugin("taught", OPERATOR.replace("* 2", "* 3"))], store, twice)
    assert before["taught.py"] != after["taught.py"]
    assert before["drawplate"] == after["drawplate"]


def test_fit_does_not_depend_on_operators_that_its_model_lacks(write_plugin, tmp_path, tiny):
    files = [write_plugin("taught", OPERATOR), write_plugin("study", STUDY), write_plugin("methods", METHODS)]
    assert set(fit_code(files, Store(tmp_path / "store"), tiny)) == {"drawplate"}


def test_a_quantized_model_depends_on_the_quantizers(tmp_path, tiny):
    tiny.opset_import.append(onnx.helper.make_opsetid("qonnx.custom_op.general", 1))
    values = [onnx.helper.make_tensor(name, 1, [], [value]) for name, value in (("s", 0.5), ("z", 0), ("b", 4))]
    tiny.graph.initializer.extend(values)
    tiny.graph.node[1].input[1] = "q"
    quant = onnx.helper.make_node("Quant", ["weight", "s", "z", "b"], ["q"], domain="qonnx.custom_op.general")
    tiny.graph.node.insert(0, quant)
    assert set(fit_code([], Store(tmp_path / "store"), tiny)) == {"drawplate", "drawplate-quant-finn"}


def test_a_step_depends_on_the_methods_that_its_options_name(write_plugin, tmp_path, tiny):
    files = [write_plugin("study", STUDY), write_plugin("methods", METHODS)]

    def notes(method):
        runner = make_runner(tmp_path, plugin_files=files)
        subject = runner.session.store.put_model(tiny)
        return runner.run(Request(step="study", subject=subject, options={"method": method})).notes

    first = {method: notes(method) for method in ("mine", "kd")}
    write_plugin("methods", METHODS.replace('"other"', '"another"'))
    assert "'another'" in str(notes("mine"))
    assert "'other'" in str(first["mine"])
    assert notes("kd") == first["kd"], "its key names a method of somebody else"


def test_a_search_depends_on_all_that_its_steps_may_take(write_plugin, tmp_path, tiny):
    search = """
        @hookimpl
        def card():
            return Card(
                summary="", options={"compress": Options}, accepts={Form.FLOAT}, runs=lambda options: ["study"]
            )

        @hookimpl
        def compress(model, job):
            return model
    """
    files = [write_plugin("search", search), write_plugin("study", STUDY), write_plugin("methods", METHODS)]
    deciders, store = Deciders(Plugins(files, entries=[]), Store(tmp_path / "store")), Store(tmp_path / "store")
    code = deciders.code("search", Verb.COMPRESS, None, [store.put_model(tiny)])
    assert set(code) == {"drawplate", "search.py", "study.py", "methods.py"}


def test_a_step_depends_on_who_offers_its_tool(write_plugin, tmp_path, tiny):
    user = """
        @hookimpl
        def card():
            return Card(summary="", options={"measure": Options}, accepts={Form.FLOAT}, tools=["hammer"])

        @hookimpl
        def measure(subject):
            return ()
    """
    tool = """
        from drawplate.toolenv import SystemTool

        @hookimpl
        def tools():
            return (SystemTool(name="hammer", summary="", commands=("true",), hint="buy one"),)
    """
    files = [write_plugin("user", user), write_plugin("shop", tool)]
    store = Store(tmp_path / "store")
    plugins = Plugins(files, entries=[])
    code = Deciders(plugins, store).code("user", Verb.MEASURE, None, [store.put_model(tiny)])
    assert set(code) == {"drawplate", "user.py", "shop.py"}
    assert not plugins.broken, "who cannot be asked counts too, so this would show nothing"
    other = write_plugin("other", tool.replace('"hammer"', '"saw"'))
    code = Deciders(Plugins([*files, other], entries=[]), store).code(
        "user", Verb.MEASURE, None, [store.put_model(tiny)]
    )
    assert set(code) == {"drawplate", "user.py", "shop.py"}


def test_who_cannot_be_asked_counts(write_plugin, tmp_path, twice):
    broken = write_plugin("taught", "@hookimpl\ndef torch_ops():\n    raise ImportError('no torch')")
    assert "taught.py" in fit_code([broken], Store(tmp_path / "store"), twice)


def test_taking_what_the_card_does_not_name_is_refused(write_plugin, tmp_path, tiny):
    silent = STUDY.replace('consults={"distillation_methods": lambda options: [options.method]},', "")
    runner = make_runner(tmp_path, plugin_files=[write_plugin("silent", silent)])
    with pytest.raises(ContractError, match=r"(?s)silent.train of silent.py.*distillation_methods.*consults="):
        runner.run(Request(step="silent", subject=runner.session.store.put_model(tiny)))
