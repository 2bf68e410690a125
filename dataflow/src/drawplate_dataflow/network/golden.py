# SPDX-License-Identifier: Apache-2.0
"""The golden model: what every stream carries, in exact integers."""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from drawplate.errors import ModelError
from drawplate_dataflow.network.model import (
    INPUT,
    Add,
    ArgMax,
    Layer,
    MatMul,
    Network,
    Pad,
    Pool,
    PoolKind,
    Threshold,
    Window,
)
from drawplate_dataflow.network.types import Integers

EXACT_BITS = 53
"""Sums of products stay exact in float64 below 2**53, and a float64 product uses the fast matrix routines."""


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
        result = evaluate(layer, *(values[name] for name in layer.inputs))
        result = result.reshape(len(start), *layer.output.shape)
        _check(layer.name, result, layer.output.type.low, layer.output.type.high)
        values[layer.name] = result
    return values


def _check(name: str, values: Integers, low: int, high: int) -> None:
    if values.size and (values.min() < low or values.max() > high):
        raise ModelError(
            f"values {values.min()} .. {values.max()} do not fit the stream's {low} .. {high}", where=f"layer {name}"
        )


@singledispatch
def evaluate(layer: Layer, *_sources: Integers) -> Integers:
    """Evaluate one layer on values [N, height, width, channels]."""
    raise ModelError(f"no golden model for layers of kind {type(layer).__name__}", where=f"layer {layer.name}")


@evaluate.register
def _(layer: MatMul, x: Integers) -> Integers:
    x = x.reshape(len(x), *layer.output.shape[:2], layer.mw)
    bound = np.abs(layer.weights).sum(axis=0).max() * max(1, int(np.abs(x).max(initial=0)))
    if bound >= 1 << EXACT_BITS:
        sums = x @ layer.weights
    else:
        sums = (x.astype(np.float64) @ layer.weights.astype(np.float64)).astype(np.int64)
    return sums if layer.thresholds is None else layer.output.type.decode(count_reached(sums, layer.thresholds))


def count_reached(sums: Integers, thresholds: Integers) -> Integers:
    """Count the thresholds of each channel (last axis) that are at most the sum."""
    flat = sums.reshape(-1, sums.shape[-1])
    codes = np.empty(flat.shape, np.int64)
    for channel, levels in enumerate(thresholds):
        codes[:, channel] = np.searchsorted(levels, flat[:, channel], side="right")
    return codes.reshape(sums.shape)


@evaluate.register
def _(layer: Threshold, x: Integers) -> Integers:
    return layer.output.type.decode(count_reached(x, layer.thresholds))


def windows(x: Integers, kernel: tuple[int, int], stride: tuple[int, int]) -> Integers:
    """Return all windows, [N, out height, out width, kernel height, kernel width, channels]."""
    view = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(1, 2))
    return view[:, :: stride[0], :: stride[1]].transpose(0, 1, 2, 4, 5, 3)


@evaluate.register
def _(layer: Window, x: Integers) -> Integers:
    found = windows(x, layer.kernel, layer.stride)
    return found.reshape(*found.shape[:3], -1)


@evaluate.register
def _(layer: Pad, x: Integers) -> Integers:
    return np.pad(x, ((0, 0), (layer.top, layer.bottom), (layer.left, layer.right), (0, 0)))


@evaluate.register
def _(layer: Pool, x: Integers) -> Integers:
    found = windows(x, layer.kernel, layer.stride)
    result: Integers = found.max(axis=(3, 4)) if layer.kind is PoolKind.MAX else found.sum(axis=(3, 4))
    return result


@evaluate.register
def _(_layer: Add, a: Integers, b: Integers) -> Integers:
    return a + b


@evaluate.register
def _(_layer: ArgMax, x: Integers) -> Integers:
    best: Integers = x.reshape(len(x), -1).argmax(axis=1)
    return best
