# SPDX-License-Identifier: Apache-2.0
"""Scales of weights: fixed by the paper, following the largest weight, or trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate_quant_finn.graph import Graph, opset
from drawplate_quant_finn.grid import best_scale
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.quantizing.paper import fitting_power, paper_step
from drawplate_quant_finn.quantizing.sites import WeightSite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto

SMALLEST = 1e-8
"""Least magnitude that a scale follows: a tensor of zeros would divide by zero."""


def weight_scale_nodes(graph: Graph, site: WeightSite, options: QuantizeOptions) -> tuple[str, list[NodeProto]]:
    """Return the name of the scale of a layer's weights, and the nodes that make it.

    Every scale has the shape that broadcasts against the weights: a scalar, or one number per output channel.
    """
    from onnx import helper, numpy_helper

    weights = graph.arrays()[site.weights]
    axes = _reduced_axes(weights.ndim, site.channel_axis) if options.scales == "channel" else None
    name = f"{site.layer}.weight_scale"
    if options.weight_quantizer == "max":
        if options.rounding != "nearest":
            return graph.add_array(name, largest_start(weights, site, axes)), []
        return _following(graph, site, axes)
    if options.weight_quantizer in STARTS:
        return graph.add_array(name, STARTS[options.weight_quantizer](weights, site, axes)), []
    fixed = paper_step(site.grid.bits) / fitting_powers(weights, axes)
    name = graph.fresh(name)
    tensor = numpy_helper.from_array(fixed.astype("float32"))
    return name, [helper.make_node("Constant", [], [name], name=name, value=tensor)]


def fitting_powers(weights: NDArray[np.float32], axes: tuple[int, ...] | None) -> NDArray[np.float64]:
    """Powers of two that bring a layer, or each of its channels, into the range of Eq. 1."""
    import numpy as np

    if axes is None:
        return np.asarray(fitting_power(weights))
    largest = np.abs(weights).max(axis=axes, keepdims=True)
    return np.asarray(np.vectorize(fitting_power)(largest))


def learned_start(weights: NDArray[np.float32], site: WeightSite, axes: tuple[int, ...] | None) -> NDArray[np.float32]:
    """Where a trained step starts: 2 E|w| / sqrt(largest code) (Esser et al., ICLR 2020, sec. 2.1); E|w| for signs."""
    import numpy as np

    mean = np.abs(weights).mean(axis=axes, keepdims=axes is not None, dtype=np.float64)
    start = mean if site.grid.bipolar else 2 * mean / np.sqrt(site.grid.high)
    return np.asarray(np.maximum(start, SMALLEST), dtype=np.float32)


def least_error_start(
    weights: NDArray[np.float32], site: WeightSite, axes: tuple[int, ...] | None
) -> NDArray[np.float32]:
    """Where the squared error of rounding is least."""
    import numpy as np

    if axes is None:
        return np.asarray(best_scale(weights, site.grid), dtype=np.float32)
    rows = np.moveaxis(weights, site.channel_axis, 0)
    shape = [size if axis == site.channel_axis else 1 for axis, size in enumerate(weights.shape)]
    return np.asarray([best_scale(row, site.grid) for row in rows], dtype=np.float32).reshape(shape)


def largest_start(weights: NDArray[np.float32], site: WeightSite, axes: tuple[int, ...] | None) -> NDArray[np.float32]:
    """The largest weight is the largest code; of signs, the mean magnitude."""
    import numpy as np

    size = np.abs(weights)
    reduced = size.mean if site.grid.bipolar else size.max
    extent = np.maximum(reduced(axis=axes, keepdims=axes is not None), SMALLEST)
    return np.asarray(extent / site.grid.high, dtype=np.float32)


STARTS = {"learned": learned_start, "error": least_error_start}
"""Where a trained step starts, by the option's name."""


def _following(graph: Graph, site: WeightSite, axes: tuple[int, ...] | None) -> tuple[str, list[NodeProto]]:
    """Nodes for max|w| / largest code, or mean|w| where only the sign is kept."""
    return following_scale(graph, f"{site.layer}.weight", site.weights, site.grid.high, axes, mean=site.grid.bipolar)


def following_scale(
    graph: Graph,
    prefix: str,
    weights: str,
    divisor: int,
    axes: tuple[int, ...] | None,
    *,
    mean: bool = False,
) -> tuple[str, list[NodeProto]]:
    """Return the name of a scale that follows weights, and the nodes that compute it.

    Args:
        graph: the model.
        prefix: of the new names.
        weights: name of the initializer.
        divisor: what the largest, or the mean, magnitude is divided by.
        axes: over which magnitudes are taken; None for all.
        mean: the mean magnitude instead of the largest.
    """
    import numpy as np
    from onnx import helper, numpy_helper

    nodes: list[NodeProto] = []

    def add(operator: str, part: str, *inputs: str, **attributes: Any) -> str:
        name = graph.fresh(f"{prefix}_{part}")
        nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def number(part: str, value: float) -> str:
        tensor = numpy_helper.from_array(np.asarray(value, dtype=np.float32))
        return add("Constant", part, value=tensor)

    def reduced(operator: str, part: str, value: str) -> str:
        name = add(operator, part, value, keepdims=int(axes is not None))
        if axes is not None and opset(graph.proto) >= 18:
            nodes[-1].input.append(graph.add_array(f"{name}_axes", np.asarray(axes, dtype=np.int64)))
        elif axes is not None:
            nodes[-1].attribute.append(helper.make_attribute("axes", list(axes)))
        return name

    if mean:
        extents = [reduced("ReduceMean", "mean", add("Abs", "abs", weights))]
    else:  # max(max w, -min w): two reductions are cheaper than a copy of all magnitudes
        extents = [reduced("ReduceMax", "max", weights)]
        extents.append(add("Neg", "span", reduced("ReduceMin", "min", weights)))
    extent = add("Max", "extent", *extents, number("least", SMALLEST))
    return add("Div", "scale", extent, number("share", divisor)), nodes


def _reduced_axes(dimensions: int, kept: int) -> tuple[int, ...]:
    return tuple(axis for axis in range(dimensions) if axis != kept)
