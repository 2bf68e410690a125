# SPDX-License-Identifier: Apache-2.0
"""Networks from descriptions, with random weights and thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import evolve

from drawplate_dataflow.layers import (
    Add,
    ArgMax,
    Concat,
    Depthwise,
    MatMul,
    Pad,
    Pool,
    PoolFunction,
    Sub,
    Threshold,
    Upsample,
    Window,
)
from drawplate_dataflow.network import INPUT, Layer, Network, Stream, signed, spanning, unsigned
from drawplate_dataflow.network.types import sum_range
from pipelines.operations import Best, Conv, Deep, Dense, Enlarged, Joined, Levels, Op, Pooling, Residual

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
        makers = {
            Conv: self.conv,
            Deep: self.deep,
            Enlarged: self.enlarged,
            Joined: self.joined,
            Pooling: self.pool,
            Levels: self.levels,
            Dense: self.dense,
            Best: self.best,
            Residual: self.residual,
        }
        return makers[type(op)](source, op)

    def conv(self, source: str, op: Conv) -> str:
        source = self.padded(source, op.pads)
        if (*op.kernel, *op.stride) != (1, 1, 1, 1):
            source = self.window(source, op)
        return self.matrix(source, op.channels)

    def enlarged(self, source: str, op: Enlarged) -> str:
        x = self.streams[source]
        out = evolve(x, shape=(x.shape[0] * op.factors[0], x.shape[1] * op.factors[1], x.channels))
        return self.add(Upsample(name=self.name("larger"), inputs=(source,), output=out, factors=op.factors, simd=1))

    def joined(self, source: str, op: Joined) -> str:
        ends = [self.chain(source, ops) for ops in op.branches]
        shapes = [self.streams[end].shape for end in ends]
        assert len({shape[:2] for shape in shapes}) == 1, shapes
        out = evolve(self.streams[ends[0]], shape=(*shapes[0][:2], sum(shape[2] for shape in shapes)))
        return self.add(Concat(name=self.name("joined"), inputs=tuple(ends), output=out, simd=1))

    def dense(self, source: str, op: Dense) -> str:
        x, flat = self.streams[source], f"{source}.flat"
        self.streams[flat] = Stream(shape=(1, 1, x.elements), type=x.type)
        made = self.matrix(flat, op.outputs)
        self.layers[-1] = evolve(self.layers[-1], inputs=(source,))
        return made

    def best(self, source: str, _op: Best) -> str:
        kind = unsigned(max(1, (self.streams[source].elements - 1).bit_length()))
        return self.add(ArgMax(name=self.name("best"), inputs=(source,), output=Stream(shape=(1, 1, 1), type=kind)))

    def residual(self, source: str, op: Residual) -> str:
        ends = [self.chain(source, ops) for ops in (op.long, op.short)]
        a, b = (self.streams[end] for end in ends)
        assert a.shape == b.shape, (a.shape, b.shape)
        kind = Sub if op.subtract else Add
        out = evolve(a, type=kind.type_of(a.type, b.type))
        return self.levels(self.add(kind(name=self.name("sum"), inputs=tuple(ends), output=out, pe=1)))

    def chain(self, source: str, ops: Sequence[Op]) -> str:
        for op in ops:
            source = self.operate(source, op)
        return source

    def padded(self, source: str, pads: tuple[int, int, int, int]) -> str:
        if not any(pads):
            return source
        (top, left, bottom, right), x = pads, self.streams[source]
        shape = (x.shape[0] + top + bottom, x.shape[1] + left + right, x.channels)
        kept = {"top": top, "left": left, "bottom": bottom, "right": right, "fill": int(self.rng.integers(0, 4))}
        return self.add(Pad(name=self.name("pad"), inputs=(source,), output=evolve(x, shape=shape), simd=1, **kept))

    def window(self, source: str, op: Conv) -> str:
        x = self.streams[source]
        shape = (*slid(x, op.kernel, op.stride, op.dilation), op.kernel[0] * op.kernel[1] * x.channels)
        where = {"kernel": op.kernel, "stride": op.stride, "dilation": op.dilation}
        return self.add(
            Window(name=self.name("window"), inputs=(source,), output=evolve(x, shape=shape), simd=1, **where)
        )

    def deep(self, source: str, op: Deep) -> str:
        source = self.padded(source, op.pads)
        x = self.streams[source]
        weights = self.rng.integers(-3, 4, (op.kernel[0] * op.kernel[1], x.channels))
        made = Depthwise(
            name=self.name("deep"),
            inputs=(source,),
            output=Stream(shape=(*slid(x, op.kernel, op.stride, op.dilation), x.channels), type=unsigned(BITS)),
            weights=weights,
            weight_type=signed(3),
            thresholds=self.thresholds(weights, x),
            pe=1,
            simd=1,
            kernel=op.kernel,
            stride=op.stride,
            dilation=op.dilation,
        )
        if weights.size == 1:
            raise ValueError("one weight in all: a matrix")
        return self.add(made)

    def thresholds(self, weights: np.ndarray, x: Stream) -> np.ndarray:
        outputs = weights.shape[1]
        low, high = (int(end.sum()) // outputs for end in sum_range(weights, x.type))
        return np.sort(self.rng.integers(low, high + 2, (outputs, (1 << BITS) - 1)), axis=1)

    def pool(self, source: str, op: Pooling) -> str:
        source = self.padded(source, op.pads)
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

    def levels(self, source: str, _op: Levels | None = None) -> str:
        x = self.streams[source]
        levels = np.sort(self.rng.integers(x.type.low, x.type.high + 2, (x.channels, (1 << BITS) - 1)), axis=1)
        out = evolve(x, type=unsigned(BITS))
        return self.add(Threshold(name=self.name("levels"), inputs=(source,), output=out, thresholds=levels, pe=1))

    def matrix(self, source: str, outputs: int) -> str:
        x = self.streams[source]
        weights = self.rng.integers(-1, 2, (x.channels, outputs))
        made = MatMul(
            name=self.name("matrix"),
            inputs=(source,),
            output=Stream(shape=(*x.shape[:2], outputs), type=unsigned(BITS)),
            weights=weights,
            weight_type=signed(2),
            thresholds=self.thresholds(weights, x),
            pe=1,
            simd=1,
        )
        return self.add(made)


def slid(
    x: Stream, kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int] = (1, 1)
) -> tuple[int, int]:
    """Return the size of what a window makes of an image."""
    reach = [(size - 1) * step + 1 for size, step in zip(kernel, dilation, strict=True)]
    high, wide = ((x.shape[axis] - reach[axis]) // stride[axis] + 1 for axis in (0, 1))
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
