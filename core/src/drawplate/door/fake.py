# SPDX-License-Identifier: Apache-2.0
"""OpenVINO's FakeQuantize, as NNCF writes it into ONNX: QONNX's Quant with the same codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen

from drawplate.door.values import add_constant, add_initializer, constant
from drawplate.errors import ModelError
from drawplate.graph.facts import QONNX_DOMAIN

if TYPE_CHECKING:
    import onnx_ir as ir
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

DOMAIN: Final = "org.openvinotoolkit"
NEAR: Final = 1e-3
"""Of a code: limits that lie this near to whole multiples of the step are float32's."""


@frozen
class Grid:
    """What a FakeQuantize rounds to."""

    scale: Array
    zero: Array
    bits: int
    signed: bool
    narrow: bool


def fake_to_quant(model: ir.Model) -> list[str]:
    """Write Quant for FakeQuantize, in place.

    Raises:
        ModelError: by layer, for ranges that integers with a zero point do not have.
    """
    import onnx_ir as ir

    graph, count = model.graph, 0
    for node in list(graph):
        if node.op_type != "FakeQuantize" or node.domain not in {DOMAIN, "", "ai.onnx"}:
            continue
        grid = _grid(node)
        name = str(node.outputs[0].name)
        scale = add_initializer(graph, f"{name}.scale", grid.scale)
        zero = add_constant(graph, f"{name}.zero_point", grid.zero, node)
        bits = add_constant(graph, f"{name}.bits", np.asarray(grid.bits, np.float32), node)
        made = ir.node(
            "Quant",
            [node.inputs[0], scale, zero, bits],
            attributes={"signed": int(grid.signed), "narrow": int(grid.narrow), "rounding_mode": "ROUND"},
            domain=QONNX_DOMAIN,
            name=node.name,
        )
        made.outputs[0].type, made.outputs[0].shape = node.outputs[0].type, node.outputs[0].shape
        graph.insert_before(node, made)
        ir.convenience.replace_all_uses_with(node.outputs[0], made.outputs[0], replace_graph_outputs=True)
        node.outputs[0].name, made.outputs[0].name = f"{name}.fake", name
        graph.remove(node, safe=True)
        count += 1
    if count:
        model.opset_imports.setdefault(QONNX_DOMAIN, 1)
        model.opset_imports.pop(DOMAIN, None)
    return [f"{count} FakeQuantize of OpenVINO written as Quant"] if count else []


def _grid(node: ir.Node) -> Grid:
    limits = [constant(value) for value in node.inputs[1:5]]
    levels = node.attributes["levels"].as_int() if "levels" in node.attributes else 0
    if len(limits) != 4 or any(limit is None for limit in limits):
        raise _refused(node, "has ranges that are computed")
    low, high, out_low, out_high = (np.asarray(limit, np.float64) for limit in limits)
    if not (np.allclose(low, out_low, rtol=1e-5) and np.allclose(high, out_high, rtol=1e-5)):
        raise _refused(node, "rounds to another range than it reads")
    bits = int(levels).bit_length() if levels & (levels + 1) == 0 else int(levels - 1).bit_length()
    narrow = levels == 2**bits - 1
    if levels not in {2**bits, 2**bits - 1} or not 1 <= bits <= 8:
        raise _refused(node, f"has {levels} levels")
    scale = (high - low) / (levels - 1)
    if (scale <= 0).any():
        raise _refused(node, "has an empty range")
    first = low / scale
    if (np.abs(first - np.round(first)) > NEAR * levels).any():
        raise _refused(node, "has no code for 0")
    first = np.round(first)
    least = -(2 ** (bits - 1)) + int(narrow)
    if (first == least).all():
        return Grid(_plain(scale), _plain(np.zeros(())), bits, signed=True, narrow=narrow)
    return Grid(_plain(scale), _plain(-first), bits, signed=False, narrow=narrow)


def _plain(values: NDArray[np.float64]) -> Array:
    """One number as a scalar; per channel as given, of a shape that broadcasts."""
    return np.asarray(values.reshape(()) if values.size == 1 else values, np.float32)


def _refused(node: ir.Node, what: str) -> ModelError:
    return ModelError(
        what,
        where=f"layer {node.name or node.outputs[0].name!r} (FakeQuantize)",
        allowed="2 to 256 levels of one range with a code for 0",
        hint="quantize with symmetric or zero-aligned ranges",
    )
