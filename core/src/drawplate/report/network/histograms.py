# SPDX-License-Identifier: Apache-2.0
"""How often a layer's weights and activations take which value: integer codes behind a quantizer, bins of floats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from drawplate.graph.nodes import constants, is_quantizer, name_of
from drawplate.report.network.blocks import LAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

BINS: Final = 41
CODES: Final = 64
"""Bars for more codes than this cannot be seen: neighbours share one."""


@frozen(kw_only=True)
class Histogram:
    """One small picture."""

    name: str
    of: str
    """``weights`` or ``activations``."""
    heights: tuple[float, ...]
    """Of the bars, the highest 1."""
    low: float
    high: float
    """Value of the first and the last bar."""
    said: str
    """Bits, codes in use, share of zeros."""


def histograms(proto: ModelProto, x: NDArray[Any] | None) -> list[Histogram]:
    """Count the weights of a model, and what its quantizers give for some inputs.

    Args:
        proto: float or QONNX.
        x: inputs as the model takes them; None where there are no data, and then there are no activations.
    """
    found = list(_quantized(proto, x))
    return found or list(_plain(proto))


def _quantized(proto: ModelProto, x: NDArray[Any] | None) -> Iterator[Histogram]:
    """Yield what stands behind each quantizer, as codes."""
    import numpy as np

    nodes = [node for node in proto.graph.node if is_quantizer(node)]
    if not nodes:
        return
    fed = _fed_by_input(proto)
    known = constants(proto)
    shown = [node for node in nodes if x is not None or node.input[0] not in fed]
    names = {name for node in shown for name in (node.output[0], node.input[1]) if name not in known}
    values = {**known, **_values(proto, x if x is not None else _zeros(proto), names)}
    for node in shown:
        scale, zero = values[node.input[1]], known.get(node.input[2], 0.0) if len(node.input) > 2 else 0.0
        codes = np.rint(values[node.output[0]] / scale + zero)
        kind = "activations" if node.input[0] in fed else "weights"
        yield _of_codes(_layer(proto, node, kind), kind, codes, _bits(node, known))


def _plain(proto: ModelProto) -> Iterator[Histogram]:
    known = constants(proto)
    for node in proto.graph.node:
        weight = next((known[value] for value in node.input if value in known and known[value].ndim > 1), None)
        if node.op_type in LAYERS and weight is not None:
            yield _of_floats(name_of(node), "weights", weight)


def _of_codes(name: str, kind: str, codes: NDArray[Any], bits: float | None) -> Histogram:
    import numpy as np

    low, high = int(codes.min()), int(codes.max())
    used = np.unique(codes).size
    each = -(-(high - low + 1) // CODES)
    counts = np.bincount((codes.ravel() - low).astype(np.int64) // each)
    width = f"{bits:g} bits, " if bits else ""
    said = f"{width}{used} codes in use, {np.mean(codes == 0):.0%} zeros"
    return Histogram(name=name, of=kind, heights=_heights(counts), low=low, high=high, said=said)


def _of_floats(name: str, kind: str, values: NDArray[Any]) -> Histogram:
    import numpy as np

    counts, edges = np.histogram(values[np.isfinite(values)], bins=BINS)
    said = f"{values.size:,} values, mean {values.mean():.3g}, spread {values.std():.3g}"
    return Histogram(
        name=name, of=kind, heights=_heights(counts), low=float(edges[0]), high=float(edges[-1]), said=said
    )


def _heights(counts: NDArray[Any]) -> tuple[float, ...]:
    top = max(int(counts.max()), 1)
    return tuple(round(float(count) / top, 4) for count in counts)


def _bits(node: NodeProto, known: Mapping[str, Any]) -> float | None:
    if node.op_type == "BipolarQuant":
        return 1
    found = known.get(node.input[3]) if len(node.input) > 3 else None
    return None if found is None else float(found.max())


def _layer(proto: ModelProto, node: NodeProto, kind: str) -> str:
    """Name of the layer that reads a quantized weight; activations have the name of what they are made of."""
    if kind == "activations":
        return str(node.input[0])
    return next((name_of(n) for n in proto.graph.node if node.output[0] in n.input), name_of(node))


def _fed_by_input(proto: ModelProto) -> set[str]:
    """Return the values that depend on the model's input."""
    known = {tensor.name for tensor in proto.graph.initializer}
    fed = {value.name for value in proto.graph.input if value.name not in known}
    for node in proto.graph.node:
        if fed.intersection(node.input):
            fed.update(node.output)
    return fed


def _zeros(proto: ModelProto) -> NDArray[Any]:
    import numpy as np

    shape = [dim.dim_value or 1 for dim in proto.graph.input[0].type.tensor_type.shape.dim]
    return np.zeros(shape, dtype=np.float32)


def _values(proto: ModelProto, x: NDArray[Any], names: set[str]) -> dict[str, NDArray[Any]]:
    """Run the model, and return values of its graph."""
    import torch

    from drawplate.torch import OnnxModule

    module = OnnxModule(proto).eval()
    with torch.no_grad():
        _, found = module.forward_with(torch.from_numpy(x), sorted(names))
    return {name: value.numpy() for name, value in found.items()}
