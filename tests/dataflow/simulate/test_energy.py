# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from simulators import needs_simulator

from drawplate_dataflow.cost.energy import TYPICAL, Energy, frame_energy
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.evidence import energy_metrics
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.simulate.toggles import Toggled
from drawplate_dataflow.technology import EnergyPrices, Spread

PRICES = EnergyPrices(
    lut=Spread.within(0.3, 2),
    net=Spread.within(0.2, 2),
    clock=Spread.within(0.03, 1.5),
    ram=Spread.within(5, 2),
    multiplier=Spread.within(15, 2),
    source="a test",
)
counts = st.integers(0, 10_000)
resources = st.builds(Resources, lut=counts, ff=counts, ram=counts, multiplier=counts)
spreads = st.floats(0, 1e4).map(Spread.exactly)


@given(resources, counts, counts)
def test_what_never_changes_spends_nothing_on_switching(taken, busy, interval):
    found = frame_energy(taken, Spread.exactly(0.0), busy, interval, PRICES)
    assert found.switching == Spread.exactly(0.0)
    assert frame_energy(taken, Spread.exactly(0.0), 0, 0, PRICES).total == Spread.exactly(0.0)


@given(resources, resources, spreads, spreads, counts, counts, counts)
def test_more_of_anything_never_spends_less(taken, added, changes, more, busy, longer, interval):
    least = frame_energy(taken, changes, busy, interval, PRICES).total
    most = frame_energy(taken + added, changes + more, busy + longer, interval + longer, PRICES).total
    assert least.low <= least.value <= least.high
    assert (most.low, most.value, most.high) >= (least.low, least.value, least.high)


def test_layers_add_up_to_the_whole():
    estimates = {"a": Estimate(resources=Resources(lut=100, ff=50, ram=1), cycles=10)}
    estimates |= {"b": Estimate(resources=Resources(lut=10, ff=5, multiplier=2), cycles=40)}
    found = {
        metric.layer: metric for metric in energy_metrics(estimates, 40, 1e6, PRICES) if metric.name == "energy_uj"
    }
    assert found["a"].value + found["b"].value == pytest.approx(found[None].value, rel=1e-3)
    assert 0 < found[None].error <= 2 * found[None].value
    assert "memory blocks" in found[None].note
    assert "static power left out" in found[None].note


def test_counted_changes_take_the_place_of_typical_ones():
    estimates = {"a": Estimate(resources=Resources(lut=100, ff=50), cycles=10)}

    def energy(changes):
        toggled = None if changes is None else {"a": Toggled(bits=10, changes=changes, frames=1)}
        metrics = energy_metrics(estimates, 10, 1e6, PRICES, toggled)
        return next(metric for metric in metrics if metric.name == "energy_uj" and metric.layer is None)

    typical = energy(None)
    same = energy(round(100 * TYPICAL.value))
    assert same.value == pytest.approx(typical.value)
    assert energy(0).value < same.value < energy(90).value
    assert same.error < typical.error
    assert "counted" in same.note


def test_nothing_adds_nothing():
    assert (Energy() + Energy()).total == Spread.exactly(0.0)


@needs_simulator
@pytest.mark.verilator
def test_changes_are_counted_gate_by_gate():
    from drawplate_dataflow.hardware import generate
    from drawplate_dataflow.network import unsigned
    from drawplate_dataflow.simulate.toggles import count_toggles
    from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
    from drawplate_dataflow.technology import GENERIC

    shape = LayerShape(mh=8, pe=2, simd=4, weight_bits=2, output_bits=2)
    network = random_mlp(16, unsigned(2), [shape, evolve(shape, mh=4, output_bits=None)], 3)
    design = generate(network, GENERIC)
    kind = network.input.type
    codes = np.random.default_rng(0).integers(0, 1 << kind.bits, (4, 16))
    same = np.zeros((4, 16), int)
    moving, again, still = (count_toggles(design, kind.decode(frames)) for frames in (codes, codes, same))
    assert moving == again, "equal input gives equal counts"
    assert set(moving) == {layer.name for layer in design.layers}
    first = design.layers[0]
    assert 0.02 < moving[first.name].per_frame / first.cycles < 0.6
    assert moving[first.name].changes > still[first.name].changes
    assert evolve(moving[first.name], frames=0).per_frame == 0.0
