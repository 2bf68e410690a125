# SPDX-License-Identifier: Apache-2.0
"""The fuzzer itself: what it draws can be written down, and what it is shown wrong it finds and shrinks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import onnx
import pytest
from attrs import evolve
from differential.convolutional import PIECES, draw_convolutional
from differential.dice import Seeded
from differential.draw import ODD, draw
from differential.judges import compare_bridge, compare_integers, compare_outputs
from differential.shrink import networks, shrunk
from differential.spec import Quantizer, from_json, to_json
from differential.verdict import Finding, Verdict
from differential.write import images, write
from hypothesis import given, settings
from onnx import numpy_helper

from drawplate.testing.exact import of_fractions, run_exact


@settings(max_examples=60, deadline=None)
@given(networks())
def test_a_network_survives_being_written_down(network):
    assert from_json(to_json(network)) == network
    first, second = write(network), write(from_json(to_json(network)))
    assert first.SerializeToString() == second.SerializeToString()
    onnx.checker.check_model(first)


def test_a_seed_draws_one_network_and_every_kind():
    drawn = [draw(Seeded(seed)) for seed in range(400)]
    assert drawn[:20] == [draw(Seeded(seed)) for seed in range(20)]
    kinds = {layer.kind for network in drawn for layer in network.layers}
    assert {"dense", "conv", "maxpool", "residual", "flatten", "globalpool", "avgpool"} <= kinds
    assert len(ODD) == len(set(ODD))


def test_convolutional_networks_hold_every_kind():
    drawn = [draw_convolutional(Seeded(seed)) for seed in range(150)]
    layers = [inner for network in drawn for layer in network.layers for inner in (layer, *layer.branch)]
    assert len(PIECES) == 12
    assert {layer.join for layer in layers if layer.kind == "residual"} == {"Add", "Sub", "Concat"}
    assert {"maxpool", "avgpool", "globalpool", "upsample", "pad"} <= {layer.kind for layer in layers}
    assert {"Trunc", "ReduceMean", "ReduceMax", "ceil"} <= {layer.form for layer in layers}
    assert any(layer.groups > 1 and layer.groups < layer.outputs for layer in layers)
    assert any(layer.tail.act in {"LeakyRelu", "PRelu"} for layer in layers)
    assert any(max(layer.dilation) > 1 for layer in layers)
    assert {len(network.shape) for network in drawn} == {2, 3}
    assert any(max(network.shape[1:]) == 1 for network in drawn)
    assert {11, 13, 17, 18} == {network.opset for network in drawn}


def test_images_lie_on_ties():
    network = draw(Seeded(1))
    quantizer = Quantizer(bits=4, signed=True)
    x = images(evolve(network, input=quantizer), 20)
    assert (x % 1 == 0.5).any()
    assert x.min() < -8
    assert x.max() > 7


def _plain():
    return next(
        network
        for network in map(draw, map(Seeded, range(1000)))
        if network.batch == "one" and len(network.shape) == 1 and len(network.layers) > 1 and network.input is not None
    )


def test_float32_agrees_with_exact_arithmetic():
    network = _plain()
    assert compare_bridge(write(network), images(network, 10)) < 20


def test_a_wrong_rounding_is_found(monkeypatch):
    import torch

    network = _plain()
    monkeypatch.setattr(torch.Tensor, "round", lambda x: (x + 0.5).floor())
    monkeypatch.setattr(torch.Tensor, "round_", lambda x: x.copy_((x + 0.5).floor()))
    with pytest.raises(Finding, match="exact arithmetic"):
        compare_bridge(write(network), images(network, 200))


def test_a_wrong_weight_is_found():
    network = _plain()
    right, wrong = write(network), write(network)
    x = images(network, 10)
    tensor = max(wrong.graph.initializer, key=lambda tensor: tensor.ByteSize())
    array = numpy_helper.to_array(tensor)
    tensor.CopyFrom(numpy_helper.from_array(-array, tensor.name))
    name = right.graph.output[0].name
    with pytest.raises(Finding, match="outputs differ"):
        compare_outputs("lowered", run_exact(right, x)[name].floats(), run_exact(wrong, x)[name].floats(), 1e-6)


def test_one_integer_off_is_found():
    sums = np.arange(12).reshape(6, 2)
    exact = of_fractions([Fraction(value, 3) + 7 for value in sums.ravel()]).reshaped(sums.shape)
    compare_integers(exact, sums)
    sums[4, 1] += 1
    with pytest.raises(Finding, match="output 1"):
        compare_integers(exact, sums)


def test_a_nan_is_no_agreement():
    with pytest.raises(Finding):
        compare_outputs("lowered", np.zeros(2), np.array([0, np.nan]), 1.0)


def test_what_fails_becomes_small():
    def fails(network):
        return any(layer.tail.norm for layer in network.layers)

    seed = next(seed for seed in range(100) if fails(draw(Seeded(seed))) and len(draw(Seeded(seed)).layers) > 3)
    small = shrunk(seed, fails)
    assert fails(small)
    assert len(small.layers) <= 3
    assert len(to_json(small)) < len(to_json(draw(Seeded(seed))))


def test_reasons_leave_out_names_and_numbers():
    one, other = (
        Verdict(outcome="refused", stage="lower", message=f"node 'n{n}': has {n} bits\n  allowed: 8") for n in (9, 11)
    )
    assert one.reason == other.reason == "lower: node _: has _ bits"
