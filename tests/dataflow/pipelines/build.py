# SPDX-License-Identifier: Apache-2.0
"""Networks from descriptions, with random weights and thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import evolve

from drawplate_dataflow.layers import Add, ArgMax, MatMul, Pad, Pool, PoolFunction, Threshold, Window
from drawplate_dataflow.network import INPUT, Layer, Network, Stream, signed, spanning, unsigned
from drawplate_dataflow.network.types import sum_range
from pipelines.operations import Best, Conv, Dense, Levels, Op, Pooling, Residual

BITS = 2


class _Builder:
    def __init__(self, shape: tuple[int, int, int], seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.layers: list[Layer] = []
        self.streams = {INPUT: Stream(shape=shape, type=unsigned(BITS))}

    def add(self, layer: Layer) -> str:
        self.layers.append(layer)
        self.streams[layer.name] = layer.output
        return layer.name

    def name(self, kind: str) -> str:
        return f"{kind}{len(self.layers)}"

    def operate(self, source: str, op: Op) -> str:
        x = self.streams[source]
        match op:
            case Conv():
                source = self.padded(source, op.pads)
                if (*op.kernel, *op.stride) != (1, 1, 1, 1):
                    source = self.window(source, op.kernel, op.stride)
                return self.matrix(source, op.channels)
            case Pooling():
                return self.pool(self.padded(source, op.pads), op)
            case Levels():
                return self.levels(source)
            case Dense():
                flat = f"{source}.flat"
                self.streams[flat] = Stream(shape=(1, 1, x.elements), type=x.type)
                made = self.matrix(flat, op.outputs)
                self.layers[-1] = evolve(self.layers[-1], inputs=(source,))
                return made
            case Best():
                kind = unsigned(max(1, (x.elements - 1).bit_length()))
                return self.add(
                    ArgMax(name=self.name("best"), inputs=(source,), output=Stream(shape=(1, 1, 1), type=kind))
                )
            case Residual():
                ends = [self.chain(source, ops) for ops in (op.long, op.short)]
                a, b = (self.streams[end] for end in ends)
                assert a.shape == b.shape, (a.shape, b.shape)
                kind = spanning(a.type.low + b.type.low, a.type.high + b.type.high)
                total = Add(name=self.name("sum"), inputs=tuple(ends), output=evolve(a, type=kind), pe=1)
                return self.levels(self.add(total))

    def chain(self, source: str, ops: Sequence[Op]) -> str:
        for op in ops:
            source = self.operate(source, op)
        return source

    def padded(self, source: str, pads: tuple[int, int, int, int]) -> str:
        if not any(pads):
            return source
        (top, left, bottom, right), x = pads, self.streams[source]
        shape = (x.shape[0] + top + bottom, x.shape[1] + left + right, x.channels)
        kept = {"top": top, "left": left, "bottom": bottom, "right": right}
        return self.add(Pad(name=self.name("pad"), inputs=(source,), output=evolve(x, shape=shape), simd=1, **kept))

    def window(self, source: str, kernel: tuple[int, int], stride: tuple[int, int]) -> str:
        x = self.streams[source]
        shape = (*slid(x, kernel, stride), kernel[0] * kernel[1] * x.channels)
        out = evolve(x, shape=shape)
        return self.add(
            Window(name=self.name("window"), inputs=(source,), output=out, kernel=kernel, stride=stride, simd=1)
        )

    def pool(self, source: str, op: Pooling) -> str:
        x, area = self.streams[source], op.kernel[0] * op.kernel[1]
        kind = spanning(area * x.type.low, area * x.type.high) if op.summed else x.type
        made = Pool(
            name=self.name("pool"),
            inputs=(source,),
            output=Stream(shape=(*slid(x, op.kernel, op.stride), x.channels), type=kind),
            function=PoolFunction.SUM if op.summed else PoolFunction.MAX,
            kernel=op.kernel,
            stride=op.stride,
            pe=1,
        )
        name = self.add(made)
        return self.levels(name) if op.summed else name

    def levels(self, source: str) -> str:
        x = self.streams[source]
        levels = np.sort(self.rng.integers(x.type.low, x.type.high + 2, (x.channels, (1 << BITS) - 1)), axis=1)
        out = evolve(x, type=unsigned(BITS))
        return self.add(Threshold(name=self.name("levels"), inputs=(source,), output=out, thresholds=levels, pe=1))

    def matrix(self, source: str, outputs: int) -> str:
        x = self.streams[source]
        weights = self.rng.integers(-1, 2, (x.channels, outputs))
        low, high = (int(end.sum()) // outputs for end in sum_range(weights, x.type))
        levels = np.sort(self.rng.integers(low, high + 2, (outputs, (1 << BITS) - 1)), axis=1)
        made = MatMul(
            name=self.name("matrix"),
            inputs=(source,),
            output=Stream(shape=(*x.shape[:2], outputs), type=unsigned(BITS)),
            weights=weights,
            weight_type=signed(2),
            thresholds=levels,
            pe=1,
            simd=1,
        )
        return self.add(made)


def slid(x: Stream, kernel: tuple[int, int], stride: tuple[int, int]) -> tuple[int, int]:
    """Return the size of what a window makes of an image."""
    high, wide = ((x.shape[axis] - kernel[axis]) // stride[axis] + 1 for axis in (0, 1))
    if min(high, wide) < 1:
        raise ValueError("no window fits")
    return high, wide


def network(shape: tuple[int, int, int], ops: Sequence[Op], seed: int = 0) -> Network:
    """Build a network, every layer with the smallest folding.

    Raises:
        ValueError: when a window does not fit its image.
    """
    builder = _Builder(shape, seed)
    builder.chain(INPUT, ops)
    return Network(name=f"pipeline{seed}", input=builder.streams[INPUT], layers=tuple(builder.layers))
