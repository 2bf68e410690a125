# SPDX-License-Identifier: Apache-2.0
"""Reading ONNX files that nobody vouches for, and writing them so that equal models are equal bytes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from drawplate.artifact import Form, TensorSpec
from drawplate.errors import ModelError
from drawplate.files import read_regular
from drawplate.foreign_files import kind_of
from drawplate.graph.checker import refused_by_checker
from drawplate.graph.facts import QUANT_OPS

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

MAX_BYTES = 2**31 - 1
"""Protobuf's own limit, and more than a small accelerator will ever hold."""
MAX_ELEMENTS = 2**31 - 1
DATAFLOW_DOMAINS = ("finn.custom_op.fpgadataflow",)


def read_model(path: Path) -> ModelProto:
    """Read a model file that has to be valid; external data inside its folder are taken in.

    Raises:
        ModelError: when it is absent, too large, damaged, inconsistent, or points outside its folder.
    """
    proto = load_model(path)
    try:
        check_model(proto)
    except ModelError as error:
        raise error.at(str(path)) from error
    return proto


def load_model(path: Path) -> ModelProto:
    """Read a model file as it is, for :mod:`drawplate.door` to mend.

    Raises:
        ModelError: when it is absent, too large, damaged, or points outside its folder.
    """
    where = str(path)
    data = read_regular(path, MAX_BYTES, ModelError)
    return load_model_bytes(data, where, path.parent)


def load_model_bytes(data: bytes, where: str, folder: Path | None = None) -> ModelProto:
    """Read a serialised model as it is.

    Args:
        data: its bytes.
        where: what messages call it.
        folder: where external data may lie; None refuses them.

    Raises:
        ModelError: as :func:`load_model`.
    """
    import onnx
    from google.protobuf.message import DecodeError

    other = kind_of(data)
    if other is not None:
        raise ModelError(f"is {other.name}", where=where, allowed="an ONNX file", hint=other.way)
    try:
        proto: ModelProto = onnx.ModelProto.FromString(data)
    except (DecodeError, RecursionError) as error:
        raise ModelError("is damaged, or no ONNX file", where=where) from error
    place = _no_text(proto)
    if place is not None:
        raise ModelError(f"is damaged: {place} is no UTF-8 text", where=where, hint="export or copy it again")
    try:
        tensors = list(_tensors(proto))
    except ModelError as error:
        raise error.at(where) from error
    _check_sizes(tensors, where)
    _take_in_external(tensors, folder, where)
    return proto


def check_model(proto: ModelProto) -> None:
    """Check that a model is valid ONNX, with nodes and outputs.

    Raises:
        ModelError: when not.
    """
    import onnx

    try:
        onnx.checker.check_model(proto)
    except Exception as error:  # the checker raises ValueError, IndexError, UnicodeDecodeError and its own
        raise refused_by_checker(proto, str(error) or type(error).__name__) from error
    if not proto.graph.node or not proto.graph.output:
        raise ModelError("has no nodes or no outputs")
    tensor_specs(proto)


def _no_text(message: Message, place: str = "") -> str | None:
    """Return the first string of a message that is none: parsing does not look at them, and others choke on them."""
    from google.protobuf.message import Message as AnyMessage
    from onnx import AttributeProto

    # An attribute's strings are declared as bytes, and are text all the same.
    kinds = {"string", "bytes"} if isinstance(message, AttributeProto) else {"string"}
    for field, value in message.ListFields():
        kind = {field.TYPE_STRING: "string", field.TYPE_BYTES: "bytes"}.get(field.type)
        single = isinstance(value, str | bytes | AnyMessage)
        if kind in kinds and not all(map(_is_text, [value] if single else value)):
            return f"{place}{field.name}"
        if field.message_type is None:
            continue
        for number, inner in enumerate([value] if single else value):
            if (found := _no_text(inner, f"{place}{field.name}{'' if single else f'[{number}]'}.")) is not None:
                return found
    return None


def _is_text(value: str | bytes) -> bool:
    if isinstance(value, bytes):
        try:
            value.decode()
        except UnicodeDecodeError:
            return False
    return True


# sizes and external data ----------------------------------------------------------------------------------------------


def _subgraphs(nodes: Iterable[NodeProto]) -> Iterator[GraphProto]:
    for node in nodes:
        for attribute in node.attribute:
            for graph in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield graph
                yield from _subgraphs(graph.node)


def _tensors(proto: ModelProto) -> Iterator[TensorProto]:
    """Yield every tensor, those in branches and in local functions too."""
    bodies = [proto.graph.node, *(function.node for function in proto.functions)]
    graphs = [graph for body in bodies for graph in _subgraphs(body)]
    for graph in (proto.graph, *graphs):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            raise ModelError("is sparse", where=f"tensor {sparse.values.name!r}", hint="export it as a dense tensor")
    for node in (node for body in (*bodies, *(graph.node for graph in graphs)) for node in body):
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
                raise ModelError("has a sparse tensor", where=f"layer {node.name or node.output[0]!r}")


def _check_sizes(tensors: list[TensorProto], where: str) -> None:
    """Compare every tensor's declared shape with its bytes, before anything believes the shape."""
    from onnx import TensorProto, helper

    for tensor in tensors:
        place = f"{where}, tensor {tensor.name!r}"
        elements = math.prod(tensor.dims)
        if any(dim < 0 for dim in tensor.dims) or elements > MAX_ELEMENTS:
            raise ModelError(f"has shape {list(tensor.dims)}", where=place, allowed=f"at most {MAX_ELEMENTS} elements")
        if tensor.data_location == TensorProto.EXTERNAL or tensor.data_type == TensorProto.STRING:
            continue
        try:
            width = helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"has unknown element type {tensor.data_type}", where=place) from error
        sub_byte = helper.tensor_dtype_to_string(tensor.data_type).endswith(("INT4", "INT2", "FLOAT4E2M1"))
        if tensor.raw_data and not sub_byte and len(tensor.raw_data) != elements * width:
            raise ModelError(
                f"declares {elements} elements of {width} bytes, but has {len(tensor.raw_data)} bytes", where=place
            )


def _take_in_external(tensors: list[TensorProto], parent: Path | None, where: str) -> None:
    from onnx import TensorProto, external_data_helper

    total = 0
    for tensor in tensors:
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        place = f"{where}, tensor {tensor.name!r}"
        if parent is None:
            raise ModelError("keeps its data outside the model", where=place)
        folder = parent.resolve()
        total += _external_size(tensor, folder, place)
        if total > MAX_BYTES:
            raise ModelError("external data are too large", where=place, allowed=f"at most {MAX_BYTES} bytes")
        try:
            external_data_helper.load_external_data_for_tensor(tensor, str(folder))
        except Exception as error:  # the helper raises whatever a wrong offset or length leads to
            raise ModelError(f"external data cannot be read: {error}", where=place) from error
        tensor.data_location = TensorProto.DEFAULT
        del tensor.external_data[:]
    if total:
        _check_sizes(tensors, where)


def _external_size(tensor: TensorProto, folder: Path, place: str) -> int:
    fields = {entry.key: entry.value for entry in tensor.external_data}
    try:
        file = (folder / fields.get("location", "")).resolve()
        if not file.is_relative_to(folder) or file == folder:
            raise ModelError("keeps its data outside the model's folder", where=place, hint="move the file there")
        size: int = file.stat().st_size
        return min(int(fields.get("length", size)), size)
    except (OSError, ValueError) as error:
        raise ModelError(f"external data cannot be read: {error}", where=place) from error


# what a model is ------------------------------------------------------------------------------------------------------


def detect_form(proto: ModelProto) -> Form:
    """Tell the form of a model by the operators in it."""
    nodes: list[NodeProto] = list(proto.graph.node)
    if any(node.domain.startswith(DATAFLOW_DOMAINS) for node in nodes):
        return Form.DATAFLOW
    if any(node.op_type in QUANT_OPS and node.domain for node in nodes):
        return Form.QONNX
    return Form.FLOAT


def tensor_specs(proto: ModelProto) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Return inputs, initializers left out, and outputs.

    Raises:
        ModelError: for an input or output that is no tensor, or a duplicate or negative dimension.
    """
    initialized = {tensor.name for tensor in proto.graph.initializer}
    inputs = tuple(_spec(value) for value in proto.graph.input if value.name not in initialized)
    return inputs, tuple(_spec(value) for value in proto.graph.output)


def _spec(value: ValueInfoProto) -> TensorSpec:
    from onnx import helper

    kind = value.type.tensor_type
    try:
        dtype = str(helper.tensor_dtype_to_np_dtype(kind.elem_type))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{value.name!r} is not a tensor of a known type") from error
    shape: list[int | str] = []
    for position, dim in enumerate(kind.shape.dim):
        fixed = dim.HasField("dim_value")
        if fixed and not 0 <= dim.dim_value <= MAX_ELEMENTS:
            raise ModelError(f"{value.name!r} has dimension {dim.dim_value}")
        shape.append(dim.dim_value if fixed else dim.dim_param or f"d{position}")
    return TensorSpec(name=value.name, shape=tuple(shape), dtype=dtype)


def write_bytes(proto: ModelProto) -> bytes:
    """Serialise a model: equal models give equal bytes."""
    data: bytes = proto.SerializeToString(deterministic=True)
    return data
