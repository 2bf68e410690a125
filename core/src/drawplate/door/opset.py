# SPDX-License-Identifier: Apache-2.0
"""The version of the standard operators: one that every tool reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.old_resize import FIRST_WITH_MODES, say_modes
from drawplate.errors import ModelError
from drawplate.graph.facts import STANDARD

if TYPE_CHECKING:
    from onnx import ModelProto

OLDEST = 13
"""The first with axes as inputs, a softmax over one dimension, and a BatchNormalization that says what it does."""


BROADCASTS = 7
"""The first opset whose arithmetic broadcasts by shape alone."""
SOME = 2
"""A batch that is no other size of most models, and does not broadcast."""
OLDEST_IR = 4
"""The first format in which weights need not be inputs, too."""
RAISED_IR = 8


def raise_ir(proto: ModelProto) -> list[str]:
    """Lift a format in which weights have to be inputs, in place, and name a graph that has no name."""
    changes = []
    if proto.ir_version < OLDEST_IR:
        changes.append(f"IR version {proto.ir_version} raised to {RAISED_IR}")
        proto.ir_version = RAISED_IR
    if not proto.graph.name:
        changes.append("the graph has a name")
        proto.graph.name = "graph"
    return changes


def newest() -> int:
    """Return the last opset that ONNX Runtime reads without a warning, as this ``onnx`` knows it."""
    from onnx import defs
    from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

    read = max(schema.since_version for schema in get_all_operator_schema() if schema.domain == "")
    return min(int(defs.onnx_opset_version()), max(int(read), OLDEST))


def opset_of(proto: ModelProto) -> int:
    """Version of the standard operators; 0 where none is imported."""
    return next((entry.version for entry in proto.opset_import if entry.domain in STANDARD), 0)


def convert(proto: ModelProto) -> tuple[ModelProto, list[str]]:
    """Bring a model into the opsets that the tools read; quantizers of other domains stay as they are.

    Raises:
        ModelError: when an operator cannot be converted.
    """
    version = opset_of(proto)
    target = OLDEST if version < OLDEST else min(version, newest())
    if version == target:
        return proto, []
    names = {node.output[0]: node.name for node in proto.graph.node if node.output and node.name}
    try:
        given = _converted(proto, target)
    except Exception as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"has opset {version}, and cannot be converted to {target}: {said}",
            hint=f"export it with an opset from {OLDEST} to {newest()}",
        ) from error
    if version < FIRST_WITH_MODES:
        say_modes(given)
    for node in given.graph.node:
        if not node.name and node.output:
            node.name = names.get(node.output[0], "")
    del given.metadata_props[:]
    given.metadata_props.extend(proto.metadata_props)
    del given.graph.value_info[:]
    return given, [f"opset {version} converted to {target}"]


def _converted(proto: ModelProto, target: int) -> ModelProto:
    """Convert; below opset 7, where the converter wants sizes that are known, with a number for the free batch."""
    import onnx

    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    if opset_of(proto) < BROADCASTS:
        for value in (*copy.graph.input, *copy.graph.output):
            dims = value.type.tensor_type.shape.dim
            if dims and not dims[0].HasField("dim_value"):
                dims[0].dim_value = SOME
    known = onnx.shape_inference.infer_shapes(copy, data_prop=True)
    given: ModelProto = onnx.version_converter.convert_version(known, target)
    for values, as_it_was in ((given.graph.input, proto.graph.input), (given.graph.output, proto.graph.output)):
        types = {value.name: value.type for value in as_it_was}
        for value in values:
            if value.name in types:
                value.type.CopyFrom(types[value.name])
    return given
