# SPDX-License-Identifier: Apache-2.0
"""Which outputs a model has: those that the flow names, and none that is no tensor of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from drawplate.errors import ModelError, nearest

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, ValueInfoProto

KEY = "outputs"


def choose_outputs(proto: ModelProto, wanted: Sequence[str]) -> list[str]:
    """Keep the named outputs, in this order; any value of the graph can be one.

    Raises:
        ModelError: when there is no such value, or one is named twice.
    """
    if not wanted:
        return _leave_out_maps(proto)
    outputs = {value.name: value for value in proto.graph.output}
    inner = {name for node in proto.graph.node for name in node.output if name}
    kept = []
    for name in wanted:
        if name not in outputs and name not in inner:
            raise ModelError(
                f"has no output {name!r}",
                where=f"key {KEY!r}",
                allowed=f"{', '.join(outputs)}, or another value of the graph",
                meant=nearest(name, {*outputs, *inner}),
            )
        if wanted.count(name) > 1:
            raise ModelError(f"names {name!r} twice", where=f"key {KEY!r}", hint="name each output once")
        kept.append(outputs.get(name) or _untyped(proto, name))
    if [value.name for value in kept] == [value.name for value in proto.graph.output]:
        return []
    return [_keep(proto, kept)]


def _untyped(proto: ModelProto, name: str) -> ValueInfoProto:
    import onnx

    known = onnx.shape_inference.infer_shapes(proto, data_prop=True)
    found = next((value for value in known.graph.value_info if value.name == name), None)
    made: ValueInfoProto = found or onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
    return made


def _keep(proto: ModelProto, kept: list[ValueInfoProto]) -> str:
    copies = [type(value).FromString(value.SerializeToString()) for value in kept]
    left = {value.name for value in proto.graph.output} - {value.name for value in kept}
    del proto.graph.output[:]
    proto.graph.output.extend(copies)
    names = ", ".join(repr(value.name) for value in kept)
    return f"outputs are {names}" + (f"; left out: {', '.join(map(repr, sorted(left)))}" if left else "")


def _unpacked(proto: ModelProto, maker: NodeProto) -> ValueInfoProto:
    """Let what goes into a ZipMap be the output itself, under the name of the map."""
    source, name = maker.input[0], maker.output[0]
    typed = _untyped(proto, source)
    proto.graph.node.remove(maker)
    for node in proto.graph.node:
        for names in (node.input, node.output):
            for index, old in enumerate(names):
                if old == source:
                    names[index] = name
    typed.name = name
    return typed


def _leave_out_maps(proto: ModelProto) -> list[str]:
    """Take what a ZipMap (scikit-learn's converter) is made of, and logits rather than the label that follows."""
    import onnx

    makers = {name: node for node in proto.graph.node for name in node.output}
    kept, changes = [], []
    for value in proto.graph.output:
        maker = makers.get(value.name)
        if not value.type.HasField("tensor_type") and maker is not None and maker.op_type == "ZipMap":
            kept.append(_unpacked(proto, maker))
            changes.append(f"ZipMap {value.name!r} left to the host")
        elif value.type.HasField("tensor_type") or len(proto.graph.output) == 1:
            kept.append(value)
        else:
            changes.append(f"output {value.name!r} left out: it is no tensor")
    real = {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16}
    floats = [value for value in kept if value.type.tensor_type.elem_type in real]
    others = [value for value in kept if value.type.tensor_type.elem_type not in real]
    if len(floats) == 1 and others and kept[0] in others:
        names = ", ".join(repr(value.name) for value in others)
        changes.append(f"output {names} left out: {floats[0].name!r} tells more")
        kept = floats
    if changes:
        _keep(proto, kept)
    return changes
