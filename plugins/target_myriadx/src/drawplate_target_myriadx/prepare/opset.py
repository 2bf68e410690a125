# SPDX-License-Identifier: Apache-2.0
"""Lowering a model to opset 13, the last that OpenVINO 2021.4 reads.

Above 13 its reader falls back to 13 without a word, and ``ReduceMean`` of opset 18, whose axes are an input, becomes a
mean over everything.  So every operator that changed its inputs, outputs or attributes after 13 is lowered here, or
refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from drawplate.errors import ModelError
from drawplate.graph.facts import STANDARD
from drawplate.graph.nodes import attribute, constants, drop_attribute, layer, opset, set_attribute

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

TARGET: Final = 13
OLDEST: Final = 9
Known = Mapping[str, "NDArray[Any]"]


def lower_opset(proto: ModelProto) -> tuple[str, ...]:
    """Lower a model in place, and say so; a model of opset 9 to 13 stays as it is.

    Raises:
        ModelError: by layer name, for an operator that cannot be lowered.
    """
    version = opset(proto)
    if version < OLDEST:
        raise ModelError(f"has opset {version}", allowed=f"{OLDEST} or later", hint="export the model again")
    if version < SOFTMAX_OF_ONE:
        _check_softmax(proto)
    if version <= TARGET:
        return ()
    known = constants(proto)
    for node in proto.graph.node:
        _lower(node, version, known)
    for entry in proto.opset_import:
        if entry.domain in STANDARD:
            entry.version = TARGET
    proto.ir_version = min(proto.ir_version, 8)
    return (f"opset {version} lowered to {TARGET}",)


def _check_softmax(proto: ModelProto) -> None:
    """Refuse a softmax over several dimensions: before opset 13 it takes all from its axis on, the compiler only one.

    Raises:
        ModelError: by layer name.
    """
    from drawplate.count import infer_shapes

    nodes = [node for node in proto.graph.node if node.op_type == "Softmax"]
    shapes = infer_shapes(proto) if nodes else {}
    for node in nodes:
        shape = shapes.get(node.input[0], ())
        taken = shape[attribute(node, "axis", 1) :]
        if math.prod(taken[1:]) > 1:
            raise ModelError(
                f"Softmax of this opset goes over {len(taken)} dimensions together, and the compiler takes one",
                where=layer(node),
                hint=f"flatten before it, or export the model with opset {SOFTMAX_OF_ONE}",
            )


SOFTMAX_OF_ONE: Final = 13
"""From this opset on, a Softmax goes over one dimension."""


def _lower(node: NodeProto, version: int, known: Known) -> None:
    from onnx import defs

    if not defs.has(node.op_type, TARGET):
        raise ModelError(
            f"{node.op_type} is newer than opset {TARGET}, the last that the Myriad X compiler reads",
            where=layer(node),
            hint="write the layer in older operators",
        )
    if node.op_type in LOWERINGS:
        LOWERINGS[node.op_type](node, version, known)
    elif _signature(node.op_type, version) != _signature(node.op_type, TARGET):
        raise _cannot(node, f"its meaning changed after opset {TARGET}")


def _signature(kind: str, version: int) -> tuple[Any, ...]:
    """Names of inputs, outputs and attributes with their defaults: what is equal means the same, but for types."""
    from onnx import defs

    schema = defs.get_schema(kind, version)
    attributes = {name: value.default_value.SerializeToString() for name, value in schema.attributes.items()}
    return [value.name for value in schema.inputs], [value.name for value in schema.outputs], attributes


def _cannot(node: NodeProto, why: str) -> ModelError:
    return ModelError(
        f"{node.op_type} cannot be lowered to opset {TARGET}: {why}",
        where=layer(node),
        hint="export the model with opset 13",
    )


def _require(node: NodeProto, **allowed: Any) -> None:
    """Drop attributes that opset 13 has not, where they say what 13 does anyway.

    Raises:
        ModelError: where they say anything else.
    """
    for name, value in allowed.items():
        found = attribute(node, name, value)
        if found != value:
            raise _cannot(node, f"{name} is {found!r}")
    drop_attribute(node, *allowed)


def _constant_input(node: NodeProto, position: int, known: Known) -> list[int] | None:
    """Return and remove an optional last input; None where it is left out.

    Raises:
        ModelError: when it is not a constant.
    """
    if len(node.input) <= position:
        return None
    name = node.input[position]
    if name and name not in known:
        raise _cannot(node, f"its input {name!r} is not a constant")
    del node.input[position:]
    return [int(value) for value in known[name].reshape(-1)] if name else None


def _reduce(node: NodeProto, version: int, known: Known) -> None:
    """``ReduceSum`` has taken its axes as an input since 13; the others since 18."""
    if version < 18 or node.op_type == "ReduceSum":
        return
    axes = _constant_input(node, 1, known)
    if not axes:
        _require(node, noop_with_empty_axes=0)
        return
    drop_attribute(node, "noop_with_empty_axes")
    set_attribute(node, "axes", axes)


def _batch_norm(node: NodeProto, _version: int, _known: Known) -> None:
    _require(node, training_mode=0)


def _reshape(node: NodeProto, _version: int, known: Known) -> None:
    """``allowzero`` means nothing for a shape without zeros; torch's exporter sets it all the same."""
    shape = known.get(node.input[1])
    if shape is not None and shape.all():
        drop_attribute(node, "allowzero")
    _require(node, allowzero=0)


def _split(node: NodeProto, version: int, _known: Known) -> None:
    """Equal parts; the sizes come from ``split``, or from the number of outputs, in 13 as in 18."""
    if version >= 18 and len(node.input) < 2 and attribute(node, "num_outputs") not in (None, len(node.output)):
        raise _cannot(node, "num_outputs differs from its outputs")
    drop_attribute(node, "num_outputs")


def _average_pool(node: NodeProto, _version: int, _known: Known) -> None:
    if any(size != 1 for size in attribute(node, "dilations", [])):
        raise _cannot(node, "it is dilated")
    drop_attribute(node, "dilations")


def _resize(node: NodeProto, version: int, _known: Known) -> None:
    if version < 18:
        return
    _require(node, antialias=0, keep_aspect_ratio_policy="stretch", axes=None)
    if attribute(node, "coordinate_transformation_mode") == "half_pixel_symmetric":
        raise _cannot(node, "half_pixel_symmetric is newer")


def _pad(node: NodeProto, version: int, known: Known) -> None:
    if version >= 18 and _constant_input(node, 3, known) is not None:
        raise _cannot(node, "it has axes")
    if attribute(node, "mode") == "wrap":
        raise _cannot(node, "mode is 'wrap'")


LOWERINGS: Final[Mapping[str, Callable[[NodeProto, int, Known], None]]] = {
    **dict.fromkeys(["ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum"], _reduce),
    "BatchNormalization": _batch_norm,
    "Reshape": _reshape,
    "Split": _split,
    "AveragePool": _average_pool,
    "Resize": _resize,
    "Pad": _pad,
}
"""Operators that the chip has, and that changed after opset 13 in more than their types."""
