# SPDX-License-Identifier: Apache-2.0
"""Synthesis runs beside the simulation, and which error is told does not depend on which came first."""

import time
from pathlib import Path

import pytest
from attrs import evolve

from drawplate.errors import StepFailed
from drawplate.processes import Done, crew, run
from drawplate.store import Store
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020.synthesis.synthesise import begin, synthesise
from drawplate_target_z7020.xc7 import XC7

pytestmark = pytest.mark.yosys
SLEEP = "sleep 987.654"
RUN = "drawplate_target_z7020.synthesis.synthesise.run"


@pytest.fixture
def design():
    widths, bits = (32, 24, 16), {"weight_bits": 2}
    shapes = [LayerShape(mh=width, pe=8, simd=8, output_bits=2, **bits) for width in widths]
    network = random_mlp(32, unsigned(2), shapes)
    return generate(evolve(network, layers=[evolve(layer, origin=f"of {layer.name}") for layer in network.layers]), XC7)


def sleepers():
    """How many of our sleeping programs are alive."""
    found = [path.read_bytes().replace(b"\0", b" ").decode() for path in Path("/proc").glob("[0-9]*/cmdline")]
    return sum(line.startswith(SLEEP) for line in found)


def asleep(_command, **how):
    return run(SLEEP.split(), **how)


def test_synthesis_begins_at_once_and_ends_with_what_fails_beside_it(design, tmp_path, monkeypatch):
    monkeypatch.setattr(RUN, asleep)

    def simulate():
        with crew(2) as together:
            begin(design, Store(tmp_path).derived, together)
            deadline = time.monotonic() + 60
            while sleepers() < 2 and time.monotonic() < deadline:
                time.sleep(0.02)
            assert sleepers() == 2
            raise StepFailed("frames differ", where="test")

    with pytest.raises(StepFailed, match="frames differ"):
        simulate()
    assert sleepers() == 0
    assert list(tmp_path.glob("derived/synthesis/*/stat.json")) == []


def test_of_several_layers_that_fail_the_largest_is_named(design, tmp_path, monkeypatch):
    order = sorted(design.layers, key=lambda layer: -layer.resources.lut)

    def failing(_command, *, where, **_how):
        if where == f"layer of {order[0].name} ({order[0].name})":
            time.sleep(0.3)  # fails last
        return Done(returncode=1, stdout="", stderr=f"ERROR: of {where}\n")

    monkeypatch.setattr(RUN, failing)
    with pytest.raises(
        StepFailed, match=rf"layer of {order[0].name} .*: yosys failed: ERROR: of layer of {order[0].name} "
    ):
        synthesise(design, Store(tmp_path).derived, workers=3)


def test_what_fails_beside_it_is_told_before_a_layer(design, tmp_path, monkeypatch):
    monkeypatch.setattr(RUN, lambda _command, **_how: Done(returncode=1, stdout="", stderr="ERROR\n"))
    waits = []

    def simulate():
        with crew(2) as together:
            waits.append(begin(design, Store(tmp_path).derived, together))
            time.sleep(0.2)
            raise StepFailed("frames differ", where="test")

    with pytest.raises(StepFailed, match="frames differ"):
        simulate()
    with pytest.raises(StepFailed, match="yosys failed"):
        waits[0]()


def test_every_layer_that_is_done_is_told(design, tmp_path, monkeypatch):
    def counted(_command, *, folder, **_how):
        (folder / "stat.json").write_text('{"design": {"num_cells_by_type": {"LUT2": 1}}}')
        return Done(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(RUN, counted)
    told = []
    found = synthesise(design, Store(tmp_path).derived, tell=lambda: told.append(1))
    assert len(told) == len(design.layers) == 3
    assert found.resources.lut == 3
