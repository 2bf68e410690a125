# SPDX-License-Identifier: Apache-2.0
"""Random networks, for hypothesis."""

from __future__ import annotations

from hypothesis import reject
from hypothesis import strategies as st

from drawplate_dataflow.network import Network
from pipelines.build import network
from pipelines.foldings import balanced, scattered
from pipelines.operations import Best, Conv, Deep, Dense, Enlarged, Joined, Levels, Op, Pooling, Residual

pads = st.just((0, 0, 0, 0)) | st.tuples(*[st.integers(0, 2)] * 4)
kernels = st.tuples(st.integers(1, 5), st.integers(1, 5))
strides = st.tuples(st.integers(1, 3), st.integers(1, 3))
channels = st.sampled_from([1, 2, 3, 4, 6, 8])


def same(kernel: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the padding that keeps the size."""
    (top, left) = ((size - 1) // 2 for size in kernel)
    return top, left, kernel[0] - 1 - top, kernel[1] - 1 - left


dilations = st.sampled_from([(1, 1), (1, 1), (2, 1), (1, 2), (2, 3)])
convs = st.builds(Conv, channels, kernels, strides, pads, dilations)
deep = st.builds(Deep, kernels, strides, pads, dilations)
enlarged = st.builds(Enlarged, st.tuples(st.integers(1, 3), st.integers(1, 3)))
pools = st.builds(Pooling, st.tuples(st.integers(1, 3), st.integers(1, 3)), strides, pads, summed=st.booleans())


@st.composite
def residuals(draw: st.DrawFn, width: int) -> Residual:
    """Draw a block that keeps the size and has ``width`` channels in and out."""
    kept = st.builds(lambda kernel, width: Conv(width, kernel, (1, 1), same(kernel)), kernels, channels)
    long = [
        *draw(st.lists(kept | st.builds(Levels), max_size=2)),
        Conv(width, *draw(st.just(((3, 3), (1, 1), (1, 1, 1, 1))))),
    ]
    short = draw(
        st.sampled_from(
            [(), (Levels(),), (Conv(width, (1, 1)),), (Levels(), Conv(width, (3, 1), (1, 1), (1, 0, 1, 0)))]
        )
    )
    return Residual(tuple(long), short, subtract=draw(st.booleans()))


@st.composite
def joined(draw: st.DrawFn) -> Joined:
    """Draw two or three branches that keep the size."""
    kept = st.builds(lambda kernel, width: Conv(width, kernel, (1, 1), same(kernel)), kernels, channels)
    deep = st.builds(lambda kernel: Deep(kernel, (1, 1), same(kernel)), st.sampled_from([(3, 3), (1, 3), (5, 1)]))
    branch = st.lists(kept | deep | st.builds(Levels), max_size=2).map(tuple)
    return Joined(tuple(draw(st.lists(branch, min_size=2, max_size=3))))


@st.composite
def pipelines(draw: st.DrawFn) -> Network:
    """Draw a folded network."""
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9), channels))
    ops: list[Op] = []
    width = shape[2]
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.integers(0, 8))
        if kind <= 2:
            ops.append(draw(convs))
            width = ops[-1].channels
        elif kind == 3:
            ops.append(draw(pools))
        elif kind == 4:
            ops.append(draw(deep))
        elif kind == 5:
            ops.append(draw(enlarged))
        elif kind == 6:
            ops.append(draw(joined()))
            ends = [[op.channels for op in branch if isinstance(op, Conv)] for branch in ops[-1].branches]
            width = sum(found[-1] if found else width for found in ends)
        else:
            ops.append(draw(residuals(width)))
    tail = draw(st.integers(0, 3))
    ops += [Dense(draw(st.integers(1, 10)))] if tail > 1 else []
    ops += [Best()] if tail == 3 else []
    try:
        whole = network(shape, ops, draw(st.integers(0, 99)))
    except ValueError:
        reject()
    if draw(st.booleans()):
        return balanced(whole, draw(st.sampled_from([0.0, 0.3, 0.6, 0.9])))
    return scattered(whole, draw(st.integers(0, 999)))
