# SPDX-License-Identifier: Apache-2.0
"""The golden model: what every stream carries, in exact integers."""

from __future__ import annotations

import numpy as np

from drawplate.errors import ModelError
from drawplate_dataflow.network.network import Network
from drawplate_dataflow.network.stream import INPUT
from drawplate_dataflow.network.types import Integers


def run(network: Network, images: Integers) -> Integers:
    """Return the values that leave the network.

    Args:
        network: the network.
        images: values on the input stream, [N, height, width, channels] (or anything that reshapes to it).

    Returns:
        [N, height, width, channels] of the output stream.
    """
    return run_all(network, images)[network.layers[-1].name]


def run_all(network: Network, images: Integers) -> dict[str, Integers]:
    """Return the values on every stream by name, ``input`` included, [N, height, width, channels] each.

    Raises:
        ModelError: when a value does not fit the type of its stream, which the hardware would cut off.
    """
    start = np.asarray(images, np.int64).reshape(-1, *network.input.shape)
    values = {INPUT: start}
    _check(INPUT, start, network.input.type.low, network.input.type.high)
    for layer in network.layers:
        result = layer.evaluate(*(values[name] for name in layer.inputs))
        result = result.reshape(len(start), *layer.output.shape)
        _check(layer.name, result, layer.output.type.low, layer.output.type.high)
        values[layer.name] = result
    return values


def _check(name: str, values: Integers, low: int, high: int) -> None:
    if values.size and (values.min() < low or values.max() > high):
        raise ModelError(
            f"values {values.min()} .. {values.max()} do not fit the stream's {low} .. {high}", where=f"layer {name}"
        )
