# SPDX-License-Identifier: Apache-2.0
import json
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from attrs import evolve

from drawplate import Form, Source
from drawplate.errors import DrawplateError, StepFailed
from drawplate.job import Request
from drawplate.processes import run
from drawplate.testing import StepContract, make_runner
from drawplate_dataflow.resources import Resources
from drawplate_target_z7020.place import Placed

pytestmark = [pytest.mark.verilator]
MVAU = """<ir_version: 8, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]>
net (float[1,1,8,8] input) => (float[1,10] logits) {
    flat = Flatten<axis = 1>(input)
    h = finn.custom_op.fpgadataflow.MVAU<MW = 64, MH = 16, PE = 2, SIMD = 8, weightDataType = "INT2",
        inputDataType = "UINT4", outputDataType = "UINT2", accDataType = "INT12", ActVal = 0, noActivation = 0,
        binaryXnorMode = 0>(flat, w0, t0)
    s = finn.custom_op.fpgadataflow.MVAU<MW = 16, MH = 10, PE = 1, SIMD = 2, weightDataType = "INT3",
        inputDataType = "UINT2", outputDataType = "INT12", accDataType = "INT12", ActVal = 0, noActivation = 1,
        binaryXnorMode = 0>(h, w1)
    logits = Mul(s, scale)
}"""


@pytest.fixture
def lowered():
    proto = onnx.parser.parse_model(MVAU)
    random = np.random.default_rng(0)
    arrays = {
        "w0": random.integers(-1, 2, (64, 16)),
        "t0": np.sort(random.integers(-60, 60, (16, 3)), axis=1),
        "w1": random.integers(-3, 4, (16, 10)),
        "scale": np.array(0.25),
    }
    for number, node in enumerate(proto.graph.node):
        node.name = f"{node.op_type}_{number}"
    for name, array in arrays.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(array.astype(np.float32), name))
    for key, value in {"input_bits": "4", "input_scale": str(1 / 15), "input_signed": "false"}.items():
        proto.metadata_props.add(key=f"drawplate.{key}", value=value)
    return proto


@pytest.fixture
def runner(tmp_path):
    return make_runner(tmp_path, data={"name": "digits", "limit": 100, "test_limit": 20})


@pytest.fixture
def model(runner, lowered):
    return runner.session.store.put_model(lowered, Form.DATAFLOW)


def figures(outcome):
    return {metric.name: metric for metric in outcome.metrics if metric.layer is None}


def test_a_model_is_estimated(runner, model):
    outcome = runner.run(Request(step="z7020", subject=model, verbs=("measure",)))
    found = figures(outcome)
    last = outcome.tables["layers"][-1]
    assert (last["kind"], last["weights"], last["inputs"]) == ("MatMul", "INT3", "UINT2")
    assert (last["PE"], last["SIMD"]) == (1, 2)
    assert {metric.source for metric in found.values()} == {Source.ESTIMATED}
    assert found["cycles"].value == 80
    assert found["fps"].value == pytest.approx(100e6 / 80)
    assert found["lut"].error > 0
    assert found["fits"].value == 1


def test_the_standing_of_the_clock_is_told_with_the_rate(runner, model):
    def told(**options):
        outcome = runner.run(Request(step="z7020", subject=model, verbs=("measure",), options=options))
        return figures(outcome)["fps"].note

    assert told() == "at 100 MHz, not placed: 107 MHz have been shown, up to 66% of the LUTs"
    assert told(clock_mhz=150.0).startswith("at 150 MHz, a wish: 107 MHz have been shown")
    assert told(board="arty-a7-35t") == "at 100 MHz, a wish: nothing has been placed on this part"


@pytest.mark.parametrize(
    ("fmax", "clock", "said"), [(112.34, 100.0, "112.3 MHz are possible"), (93.19, 93.1, "not the")]
)
def test_a_placed_clock_is_what_rates_are_given_at(fmax, clock, said):
    placed = Placed(resources=Resources(), fmax_mhz=fmax, tool="a tool", standing="no skew")
    found, standing = placed.clock(100.0)
    assert found == clock
    assert said in standing


def test_the_energy_of_a_frame_is_estimated_and_its_changes_counted(runner, model):
    typical = runner.run(Request(step="z7020", subject=model, verbs=("measure",)))
    options = {"images": 2, "back_pressure": False, "synthesise": False, "activity": 3}
    counted = runner.run(Request(step="z7020", subject=model, options=options))
    guess, found = figures(typical)["energy_uj"], figures(counted)["energy_uj"]
    assert {guess.source, found.source} == {Source.ESTIMATED}
    assert 0 < found.error < guess.error
    assert abs(found.value - guess.value) < guess.error
    assert "counted in simulation" in found.note
    assert "static power left out" in found.note
    by_layer = {metric.layer for metric in counted.metrics if metric.name == "energy_uj"}
    assert by_layer == {"MVAU_1", "MVAU_2", None}
    rate, power = figures(counted)["fps"].value, figures(counted)["power_mw"].value
    assert power == pytest.approx(found.value * 1e-3 * rate, rel=1e-3)
    assert all(row["nets"] > 50 for row in counted.tables["changes of nets"])


@pytest.mark.yosys
def test_a_build_is_simulated_and_synthesised(runner, model):
    outcome = runner.run(Request(step="z7020", subject=model, options={"images": 20}))
    found = figures(outcome)
    assert found["cycles"].source is Source.SIMULATED
    assert found["cycles"].value == 80
    assert found["lut"].source is Source.SYNTHESISED
    assert "not placed" in found["lut"].note
    assert "under random back-pressure" in found["cycles"].note
    layers = {metric.layer for metric in outcome.metrics if metric.layer}
    assert layers == {"MVAU_1", "MVAU_2", "wrapper"}
    counted = {metric.layer: metric for metric in outcome.metrics if metric.name == "lut"}
    assert {metric.source for metric in counted.values()} == {Source.SYNTHESISED}
    assert sum(metric.value for layer, metric in counted.items() if layer) == counted[None].value
    assert "the wrapper counted" in counted[None].note
    assert {"drawplate_top.v", "folding.json", "model.onnx"} <= set(outcome.build.files)
    assert json.loads(outcome.build.path("folding.json").read_text())["MVAU_1"]["PE"] == 2


def test_a_waveform_is_kept_on_request(runner, model):
    options = {"images": 2, "trace": 1, "synthesise": False, "back_pressure": False}
    outcome = runner.run(Request(step="z7020", subject=model, options=options))
    note = outcome.notes[0]
    assert figures(outcome)["cycles"].value == 80, "two images are sent until the pipeline is full"
    path = Path(note.rpartition(": ")[2])
    assert "1 images" in note
    text = path.read_text()
    assert "$enddefinitions" in text
    assert "m_valid" in text


def test_a_plan_says_how_vivado_would_be_run(runner, model):
    notes = runner.preview(Request(step="z7020", subject=model)).notes
    assert any("vivado -mode batch" in note for note in notes)


def test_a_wrong_design_is_found_by_layer(runner, model, monkeypatch):
    from drawplate_dataflow import hardware

    original = hardware.generate

    def broken(network, technology):
        design = original(network, technology)
        hexes = [name for name in design.files if "layer1_weights" in name]
        for name in hexes:
            text = design.files[name].decode()
            design.files[name] = text.replace("64'h", "64'h1", 1).encode() if name.endswith(".v") else flipped(text)
        return design

    def flipped(text):
        lines = text.splitlines()
        return ("\n".join(f"{int(line, 16) ^ 1:0{len(line)}x}" for line in lines) + "\n").encode()

    monkeypatch.setattr(hardware, "generate", broken)
    sleeping = partial(run, ["sleep", "976.543"])  # for yosys, which would never end
    monkeypatch.setattr("drawplate_target_z7020.synthesis.synthesise.run", lambda _command, **how: sleeping(**how))
    with pytest.raises(StepFailed, match=r"layer MVAU_2: \d+ of 20 frames differ"):
        runner.run(Request(step="z7020", subject=model, options={"images": 20}))


@pytest.mark.parametrize(("back_pressure", "optimise"), [(False, False), (True, True)])
def test_what_is_simulated_decides_how_it_is_compiled(runner, model, monkeypatch, back_pressure, optimise):
    """At 80 clocks each, 20 images are 1,600 clocks, and under back-pressure counted as two times as many more."""
    from drawplate_dataflow.simulate import verilate

    seen = []

    def compiled(design, folder, settings):
        seen.append(settings)
        raise StepFailed("seen", where="test")

    monkeypatch.setattr("drawplate_dataflow.simulate.program.compile_design", compiled)
    monkeypatch.setattr(verilate, "pays", lambda _design, clocks: clocks > 1600)
    options = {"images": 20, "synthesise": False, "back_pressure": back_pressure}
    with pytest.raises(StepFailed, match="seen"):
        runner.run(Request(step="z7020", subject=model, options=options))
    assert [settings.optimise for settings in seen] == [optimise]


def test_clocks_that_differ_from_the_plan_stop_the_step(runner, model, monkeypatch):
    from drawplate_dataflow import hardware

    original = hardware.generate

    def hasty(network, technology):
        design = original(network, technology)
        return evolve(design, layers=tuple(evolve(layer, cycles=79) for layer in design.layers))

    monkeypatch.setattr(hardware, "generate", hasty)
    options = {"images": 1, "synthesise": False, "back_pressure": False}
    with pytest.raises(StepFailed, match=r"80\.00 cycles per frame are simulated, 79 are planned"):
        runner.run(Request(step="z7020", subject=model, options=options))


def test_a_layer_without_hardware_is_named_in_the_plan(runner):
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]> '
        "g (float[1,4] input) => (float[1,4] y) "
        '{ y = finn.custom_op.fpgadataflow.Lookup<inputDataType = "UINT4">(input) }'
    )
    proto.graph.node[0].name = "Lookup_0"
    model = runner.session.store.put_model(proto, Form.DATAFLOW)
    with pytest.raises(DrawplateError, match="Lookup_0"):
        runner.preview(Request(step="z7020", subject=model))


class TestZ7020Contract(StepContract):
    step = "z7020"

    @pytest.fixture
    def data(self):
        return {"name": "digits", "limit": 100, "test_limit": 20}

    @pytest.fixture
    def model(self, runner, lowered):
        return runner.session.store.put_model(lowered, Form.DATAFLOW)

    @pytest.fixture
    def options(self):
        return {"images": 4, "synthesise": False, "back_pressure": False}
