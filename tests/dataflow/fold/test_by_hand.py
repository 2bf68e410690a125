# SPDX-License-Identifier: Apache-2.0
"""Foldings by hand: a layer is called by either of its names, not by both."""

import pytest
from attrs import evolve

from drawplate.errors import FlowError
from drawplate_dataflow.folding.by_hand import by_hand
from drawplate_dataflow.folding.options import FoldOptions
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp


def named(*origins):
    """A perceptron whose layers come from such layers of a model."""
    shape = LayerShape(mh=16, pe=1, simd=1, weight_bits=2, output_bits=2)
    network = random_mlp(16, unsigned(2), [shape] * len(origins), 1)
    layers = (evolve(layer, origin=origin) for layer, origin in zip(network.layers, origins, strict=True))
    return evolve(network, layers=tuple(layers))


def by(network, **layers):
    return by_hand(network, FoldOptions(layers={name: {"pe": pe} for name, pe in layers.items()}))


def test_one_layer_by_both_its_names_is_refused():
    network = named("conv1", "conv2")
    first, second = (layer.name for layer in network.layers)
    with pytest.raises(FlowError) as told:
        by(network, **{"conv2": 4, second: 2})
    assert f"'{second}' and 'conv2' are the same layer" in told.value.message
    found = by(network, **{"conv1": 4, second: 2})
    assert (found[first].pe, found[second].pe) == (4, 2)


def test_a_name_that_the_plan_gave_to_another_layer_means_that_one():
    network = named("other", "conv2")
    first, second = (layer.name for layer in network.layers)
    network = evolve(network, layers=(evolve(network.layers[0], origin=second), network.layers[1]))
    found = by(network, **{first: 2, second: 4})
    assert (found[first].pe, found[second].pe) == (2, 4)
    alone = by(network, **{second: 4})
    assert (alone[first].pe, alone[second].pe) == (1, 4)
