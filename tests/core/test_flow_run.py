# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from drawplate.errors import DrawplateError, FlowError, StepFailed
from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.flow.run import run_flow
from drawplate.testing import make_runner

FLOW = """
[model]
onnx = "tiny.onnx"
[[step]]
use = "scale"
[[step]]
use = "count"
factor = 0.5
"""


@pytest.fixture
def flow_file(tmp_path, tiny_file):
    path = tmp_path / "my.toml"
    path.write_text(FLOW)
    return path


@pytest.fixture
def runner(tmp_path, scale, count):
    return make_runner(tmp_path, plugin_files=[scale, count])


def calls(runner):
    path = runner.session.store.root / "calls.txt"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_a_flow_runs_and_its_folder_tells_all(flow_file, runner):
    result = run_flow(read_flow(flow_file), runner)
    weight = result.steps["count"].outcome.metric("weight")
    assert weight == pytest.approx(sum(abs(float(f"{(i * 7 % 13) / 13 - 0.5:.3f}")) for i in range(640)), rel=1e-5)
    record = json.loads((result.folder / "run.json").read_text())
    assert record["status"] == "done"
    assert record["flow"]["step"][1] == {"use": "count", "factor": 0.5}
    assert set(record["versions"]) >= {"python", "drawplate", "onnx"}
    assert [path.name for path in sorted((result.folder / "steps").iterdir())] == ["01-scale.json", "02-count.json"]
    assert "step 1 (scale) done" in (result.folder / "log.txt").read_text()


def test_the_same_is_never_computed_twice(flow_file, runner, tmp_path, scale, count):
    first = run_flow(read_flow(flow_file), runner)
    again = run_flow(read_flow(flow_file), make_runner(tmp_path, plugin_files=[scale, count]))
    assert calls(runner) == 1
    assert first.steps == again.steps


def test_other_options_other_seeds_and_other_code_are_computed(flow_file, runner, tmp_path, scale, count):
    run_flow(read_flow(flow_file), runner)
    run_flow(read_flow(flow_file, ["scale.factor=3.0"]), runner)
    run_flow(read_flow(flow_file, seed=1), runner)
    scale.write_text(scale.read_text() + "\n# changed\n")
    run_flow(read_flow(flow_file), make_runner(tmp_path, plugin_files=[scale, count]))
    assert calls(runner) == 4


def test_a_step_can_name_what_it_takes(flow_file, runner):
    flow_file.write_text(FLOW.replace('use = "count"', 'use = "count"\non = "model"'))
    plain = run_flow(read_flow(flow_file), runner).steps["count"].outcome.metric("weight")
    flow_file.write_text(FLOW)
    scaled = run_flow(read_flow(flow_file), runner).steps["count"].outcome.metric("weight")
    assert scaled == pytest.approx(2 * plain)


PLAN_MISTAKES = {
    "no such step": ('use = "count"', 'use = "cuont"', r"(?s)my.toml, step 2 \(cuont\).*did you mean: count\?"),
    "no such option": ("factor = 0.5", "facto = 0.5", r"(?s)step 2 \(count\).*did you mean: factor\?"),
    "bad value": ("factor = 0.5", "factor = -1", "more than 0"),
    "no such verb": ("factor = 0.5", 'only = ["compres"]', "cannot 'compres'"),
    "teachers": ("factor = 0.5", 'teachers = ["model"]', "does not train"),
    "no such model": ("tiny.onnx", "tny.onnx", "tny.onnx"),
}


@pytest.mark.parametrize("name", PLAN_MISTAKES)
def test_a_plan_finds_mistakes_before_any_work(flow_file, runner, name):
    old, new, said = PLAN_MISTAKES[name]
    flow_file.write_text(FLOW.replace(old, new))
    with pytest.raises(DrawplateError, match=said):
        run_flow(read_flow(flow_file), runner)
    assert calls(runner) == 0


def test_forms_must_chain(flow_file, runner, tmp_path, write_plugin, scale, count):
    picky = write_plugin(
        "picky",
        '@hookimpl\ndef card():\n    return Card(summary="", options={"measure": Options}, accepts={Form.DATAFLOW})\n'
        "@hookimpl\ndef measure(subject):\n    return ()\n",
    )
    flow_file.write_text(FLOW.replace('use = "count"', 'use = "picky"'))
    runner = make_runner(tmp_path, plugin_files=[scale, count, picky])
    with pytest.raises(FlowError, match="takes a dataflow model, but gets a float one"):
        make_plan(read_flow(flow_file), runner)


def test_a_preview_refuses_before_earlier_steps_run(flow_file, tmp_path, write_plugin, scale):
    refuses = write_plugin(
        "refuses",
        """
        @hookimpl
        def card():
            return Card(summary="", options={"measure": Options}, accepts={Form.FLOAT})
        @hookimpl
        def preview(model):
            raise ModelError("cannot run MatMul", where=f"layer {model.proto().graph.node[1].output[0]!r}")
        @hookimpl
        def measure(subject):
            return ()
        """,
    )
    keeps = tmp_path / "keeps.py"
    keeps.write_text(scale.read_text() + "\n@hookimpl\ndef preview(model):\n    return Preview(model=model)\n")
    flow_file.write_text(FLOW.replace('"scale"', '"keeps"').replace('"count"', '"refuses"'))
    runner = make_runner(tmp_path, plugin_files=[keeps, refuses])
    with pytest.raises(DrawplateError, match=r"step 2 \(refuses\), layer 'logits': cannot run MatMul"):
        run_flow(read_flow(flow_file), runner)
    assert calls(runner) == 0


def test_a_crash_keeps_its_traceback_and_is_never_cached(flow_file, tmp_path, write_plugin, scale):
    crashes = write_plugin(
        "crashes",
        """
        import pathlib
        FLAG = pathlib.Path(__file__).with_name("flag")
        @hookimpl
        def card():
            return Card(summary="", options={"measure": Options}, accepts={Form.FLOAT})
        @hookimpl
        def measure(subject):
            if not FLAG.exists():
                raise ZeroDivisionError("by zero")
            return ()
        """,
    )
    flow_file.write_text(FLOW.replace('"count"', '"crashes"'))
    runner = make_runner(tmp_path, plugin_files=[scale, crashes])
    with pytest.raises(StepFailed, match="ZeroDivisionError: by zero") as raised:
        run_flow(read_flow(flow_file), runner)
    folder = next((tmp_path / "store" / "runs").iterdir())
    assert "crashes.py" in (folder / "traceback.txt").read_text()
    assert str(folder) in raised.value.hint
    assert json.loads((folder / "run.json").read_text())["status"] == "failed"
    (tmp_path / "flag").touch()
    run_flow(read_flow(flow_file), runner)
    assert calls(runner) == 1


def test_for_each_goes_over_a_front(flow_file, tmp_path, write_plugin, scale, count):
    front = write_plugin(
        "front",
        """
        @hookimpl
        def card():
            return Card(summary="", options={"compress": Options}, accepts={Form.FLOAT})
        @hookimpl
        def compress(model, options, job):
            outcomes = [job.run("scale", model, options={"factor": f}) for f in (1.0, 2.0, 4.0)]
            return Front(candidates=tuple(Candidate(artifact=o.artifact, genome={"f": 1}) for o in outcomes), chosen=1)
        """,
    )
    flow_file.write_text(FLOW.replace('use = "scale"', 'use = "front"').replace("factor = 0.5", 'for_each = "front"'))
    for workers in (1, 2):
        runner = make_runner(tmp_path / str(workers), plugin_files=[scale, count, front], workers=workers)
        result = run_flow(read_flow(flow_file), runner).steps["count"]
        one, two, four = (outcome.metric("weight") for outcome in result.outcomes)
        assert (two / one, four / one) == (pytest.approx(2), pytest.approx(4))
        assert result.outcome == result.outcomes[1]


def test_tables_that_a_step_wrote_are_in_its_outcome_each_time(flow_file, tmp_path, write_plugin, scale):
    stages = write_plugin(
        "stages",
        """
        @hookimpl
        def card():
            return Card(summary="", options={"measure": Options}, accepts={Form.FLOAT})
        @hookimpl
        def measure(subject, options, job):
            job.row("stages", "conv", {"cycles": 155})
            return ()
        """,
    )
    flow_file.write_text(FLOW.replace('"count"', '"stages"'))
    runner = make_runner(tmp_path, plugin_files=[scale, stages])
    for _computed_then_from_the_store in range(2):
        given = run_flow(read_flow(flow_file), runner)
        assert given.steps["stages"].outcome.tables == {"stages": ({"cycles": 155},)}
    record = json.loads(next(given.folder.glob("steps/*-stages.json")).read_text())
    assert record["outcomes"][0]["tables"] == {"stages": [{"cycles": 155}]}


def test_a_step_that_needs_teachers_is_refused_without(flow_file, tmp_path, write_plugin, scale):
    needs = write_plugin(
        "needs",
        """
        @hookimpl
        def card():
            return Card(summary="", options={"train": Options}, accepts={Form.FLOAT}, needs_teachers=True)
        @hookimpl
        def train(model, teachers, options, job):
            return model
        """,
    )
    flow_file.write_text(FLOW.replace('use = "count"', 'use = "needs"'))
    runner = make_runner(tmp_path, plugin_files=[scale, needs])
    with pytest.raises(FlowError, match=r"step 2 \(needs\): has no teachers"):
        make_plan(read_flow(flow_file), runner)
    flow_file.write_text(FLOW.replace('use = "count"', 'use = "needs"\nteachers = ["model"]'))
    make_plan(read_flow(flow_file), runner)
