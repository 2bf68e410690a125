# SPDX-License-Identifier: Apache-2.0
"""The step as a flow uses it, through the real compiler."""

import hashlib
import json
import subprocess
import sys

import pytest

from drawplate.artifact import Form
from drawplate.doctor import examine
from drawplate.errors import DrawplateError, FlowError, ModelError
from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.job import Request
from drawplate.metric import Source
from drawplate.testing import make_runner
from drawplate.zoo import build_model
from drawplate_target_myriadx.latency import load_model

pytestmark = pytest.mark.myriad
ZOO = {
    "flexstudent": (3, 32, 32),
    "resnet8x4": (3, 32, 32),
    "resnet32x4": (3, 32, 32),
    "mobilenetv2": (3, 32, 32),
    "mlp": (1, 28, 28),
}


@pytest.fixture
def runner(tmp_path):
    runner = make_runner(tmp_path, data={"name": "digits", "limit": 100})
    yield runner
    runner.close()


def put(runner, name, shape=(1, 8, 8), **arguments):
    return runner.session.store.put_model(build_model(name, arguments, shape=shape, classes=10, seed=0), Form.FLOAT)


def run(runner, model, **options):
    return runner.run(Request(step="myriadx", subject=model, options={"accuracy": False, **options}))


def test_the_zoo_is_compiled_and_estimated(tmp_path):
    runner = make_runner(tmp_path)
    found = {}
    for name, shape in ZOO.items():
        outcome = run(runner, put(runner, name, shape), run="estimate")
        found[name] = outcome.metric("latency_ms")
        rows = outcome.tables["stages"]
        assert len(rows) == outcome.metric("stages")
        assert 1.2 < found[name] < 20
        fixed = load_model().prices.fixed_ms
        assert sum(row["latency_ms"] for row in rows) + fixed == pytest.approx(found[name], rel=0.01)
    runner.close()
    assert found["resnet8x4"] == pytest.approx(3.6, abs=0.1)
    assert 1.5 < found["flexstudent"] < 2
    assert found["mlp"] < found["flexstudent"] < found["resnet8x4"] < found["mobilenetv2"] < found["resnet32x4"]


def test_estimates_have_error_bars_by_family(tmp_path):
    runner = make_runner(tmp_path)
    latency = {}
    for name in ("resnet8x4", "mobilenetv2"):
        metrics = run(runner, put(runner, name, ZOO[name]), run="estimate").metrics
        latency[name] = next(metric for metric in metrics if metric.name == "latency_ms" and metric.layer is None)
    runner.close()
    assert {metric.source for metric in latency.values()} == {Source.ESTIMATED}
    assert "known family" in latency["resnet8x4"].note
    assert "new family" in latency["mobilenetv2"].note
    relative = {name: metric.error / metric.value for name, metric in latency.items()}
    assert relative["mobilenetv2"] > 3 * relative["resnet8x4"]


def test_top1_in_half_precision_is_that_of_the_trained_model(tmp_path):
    runner = make_runner(tmp_path, data={"name": "digits"})
    fitted = runner.run(Request(step="fit", subject=put(runner, "mlp", hidden=[32]), options={"epochs": 4}))
    expected = runner.run(Request(step="ort", subject=fitted.artifact, options={"runs": 1})).metric("top1")
    assert expected > 30  # chance is 10
    for options in ({}, {"device": "oak"}):
        found = run(runner, fitted.artifact, accuracy=True, **options)
        assert found.metric("top1") == pytest.approx(expected, abs=2)
        assert "FP16" in next(metric.note for metric in found.metrics if metric.name == "top1")
    runner.close()


def test_a_batch_is_one_inference_of_several_images(runner):
    found = {}
    for batch in (1, 4):
        proto = build_model("mlp", {"hidden": [16]}, shape=(1, 8, 8), classes=10, seed=0)
        for value in (*proto.graph.input, *proto.graph.output):
            value.type.tensor_type.shape.dim[0].dim_value = batch
        model = runner.session.store.put_model(proto, Form.FLOAT)
        found[batch] = run(runner, model, accuracy=True, limit=20)
    assert found[4].metric("latency_ms") < 4 * found[1].metric("latency_ms")
    assert found[4].metric("fps") > found[1].metric("fps")
    assert found[4].metric("top1") == found[1].metric("top1")


def test_an_oak_takes_bytes(runner):
    build = run(runner, put(runner, "mlp", hidden=[16]), device="oak").build
    manifest = json.loads(build.path("manifest.json").read_text())
    assert manifest["inputs"] == [{"dtype": "u8", "name": "input", "shape": [1, 1, 8, 8]}]
    assert manifest["outputs"][0]["dtype"] == "fp16"
    assert (manifest["shaves"], manifest["cmx_slices"]) == (8, 8)


def test_shaves_are_counted_together(runner):
    with pytest.raises(FlowError, match="2 streams of 12 SHAVEs are 24"):
        run(runner, put(runner, "mlp", hidden=[16]), shaves=12)
    build = run(runner, put(runner, "mlp", hidden=[16]), shaves=12, streams=1).build
    assert (build.plan["shaves"], build.plan["cmx_slices"]) == (12, 12)


def test_bytes_need_a_normalisation(tmp_path):
    runner = make_runner(tmp_path)
    with pytest.raises(ModelError, match="how its pixels are normalised is not known"):
        run(runner, put(runner, "mlp"), device="oak")
    runner.close()


def test_a_quantized_model_runs_in_half_precision_and_says_so(runner):
    model = runner.run(Request(step="quantize", subject=put(runner, "mlp", hidden=[16]), options={})).artifact
    outcome = run(runner, model)
    assert any("INT8 does not exist" in note for note in outcome.notes)
    faster = run(runner, model, activations="clip")
    assert faster.metric("stages") < outcome.metric("stages")


def test_what_wastes_most_is_named_with_useful_channels(runner):
    outcome = run(runner, put(runner, "flexstudent", (3, 32, 32), conv_layers=2, channels=[40]))
    rows = {row["layer"]: row for row in outcome.tables["waste"]}
    conv2 = rows["conv2"]
    assert (conv2["channels"], conv2["free_up_to"], conv2["pays_off_from"]) == (80, 128, 64)
    wasted = [row["wasted_ms"] for row in outcome.tables["waste"]]
    assert wasted == sorted(wasted, reverse=True)
    assert any("fewer pay off from" in note for note in outcome.notes)


def test_a_plan_refuses_by_layer_name_before_any_training(tmp_path, runner):
    from onnx import helper, save

    proto = build_model("mlp", {"hidden": [16]}, shape=(1, 8, 8), classes=10, seed=0)
    act = next(node for node in proto.graph.node if node.name == "fc1.act")
    act.CopyFrom(helper.make_node("Sin", act.input, act.output, name="wave"))
    save(proto, tmp_path / "m.onnx")
    flow = tmp_path / "f.toml"
    flow.write_text(
        '[model]\nonnx = "m.onnx"\n[data]\nname = "digits"\n'
        '[[step]]\nuse = "fit"\nepochs = 1000\n[[step]]\nuse = "myriadx"\n'
    )
    with pytest.raises(DrawplateError, match="layer 'wave': the Myriad X has no operator for 'wave'"):
        make_plan(read_flow(flow), runner)


def test_a_plan_tells_the_latency(tmp_path, runner):
    flow = tmp_path / "f.toml"
    flow.write_text('[model]\nzoo = "mlp"\n[data]\nname = "digits"\n[[step]]\nuse = "myriadx"\n')
    notes = make_plan(read_flow(flow), runner).steps[0].notes
    assert notes[0].startswith("estimated 1.5")


def test_no_device_is_said_when_one_is_asked_for(runner):
    with pytest.raises(DrawplateError, match="no NCS2 answers"):
        run(runner, put(runner, "mlp", hidden=[16]), run="device")


def test_doctor_tells_of_compiler_and_device(runner):
    rows = {row["name"]: row for row in examine(runner.plugins)}
    assert rows["myriad"]["needed_by"] == "myriadx"
    assert "udev" in rows["myriad-device"]["next"]
    assert "drawplate-target-myriadx[oak]" in rows["oak"]["next"]


PROGRAM = """
import hashlib, sys
from pathlib import Path
from drawplate.artifact import Form
from drawplate.job import Request
from drawplate.testing import make_runner
from drawplate.zoo import build_model
runner = make_runner(Path(sys.argv[1]))
proto = build_model("resnet8x4", {}, shape=(3, 32, 32), classes=100, seed=0)
model = runner.session.store.put_model(proto, Form.FLOAT)
build = runner.run(Request(step="myriadx", subject=model, verbs=("export",))).build
print(build.digest, hashlib.sha256(build.path("network.blob").read_bytes()).hexdigest())
runner.close()
"""


def test_same_input_same_bytes_over_three_runs_in_two_processes_at_once(tmp_path):
    def started(name):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / name)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    pair = [started("first"), started("second")]
    answers = {process.communicate(timeout=300)[0] for process in pair}
    answers.add(started("third").communicate(timeout=300)[0])
    (line,) = answers
    assert [len(word) for word in line.split()] == [64, 64]
    assert line.split()[1] != hashlib.sha256(b"").hexdigest()


def test_without_data_the_numbers_are_compared_on_random_inputs(tmp_path):
    runner = make_runner(tmp_path)
    outcome = runner.run(Request(step="myriadx", subject=put(runner, "mlp", hidden=[16])))
    names = {metric.name for metric in outcome.metrics}
    assert "latency_ms" in names
    assert not names & {"top1", "error"}
    (note,) = (note for note in outcome.notes if "no [data]" in note)
    assert "outputs in FP16 are at most" in note
    assert "64 random inputs from -1 to 1" in note
    runner.close()
