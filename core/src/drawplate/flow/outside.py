# SPDX-License-Identifier: Apache-2.0
"""Models that other tools wrote, brought into the one shape that steps take.

Images come in as [N, C, H, W].  A file that takes channels last, as TensorFlow's do, or a row of grey pixels, gets an
operator in front.  QONNX's quantizers are known by one domain, and their parameters are float32.  Scales of QKeras are
settings and no parameters, so they become ``Constant`` nodes, which are not trained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

QONNX_DOMAIN = "qonnx.custom_op.general"
OTHER_DOMAIN = "qonnx"
"""What QONNX's converter of QKeras models writes."""
TO_LAST, TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]


def take_in(proto: ModelProto, image: tuple[int, ...] | None) -> None:
    """Change a model in place.

    Args:
        proto: what was read.
        image: shape of the items that it will get; None where it is not known.
    """
    _one_domain(proto)
    _float_parameters(proto)
    if image is not None and len(image) == 3:
        _images_first(proto, image)


def _one_domain(proto: ModelProto) -> None:
    from onnx import helper

    found = [node for node in proto.graph.node if node.domain == OTHER_DOMAIN]
    settings = {name for node in found for name in node.input[1:]}
    for node in found:
        node.domain = QONNX_DOMAIN
    known = {entry.domain for entry in proto.opset_import}
    for entry in proto.opset_import:
        if entry.domain == OTHER_DOMAIN and QONNX_DOMAIN not in known:
            entry.domain = QONNX_DOMAIN
    for tensor in [tensor for tensor in proto.graph.initializer if tensor.name in settings]:
        node = helper.make_node("Constant", [], [tensor.name], name=tensor.name, value=_as_float(tensor))
        proto.graph.initializer.remove(tensor)
        proto.graph.node.insert(0, node)


def _float_parameters(proto: ModelProto) -> None:
    from drawplate.model_file import QUANT_OPS

    named = {name for node in proto.graph.node if node.op_type in QUANT_OPS and node.domain for name in node.input[1:]}
    for tensor in proto.graph.initializer:
        if tensor.name in named and tensor.data_type != tensor.FLOAT:
            tensor.CopyFrom(_as_float(tensor))
    for value in (*proto.graph.input, *proto.graph.value_info):
        if value.name in named:
            value.type.tensor_type.elem_type = 1  # FLOAT


def _as_float(tensor: TensorProto) -> TensorProto:
    import numpy as np
    from onnx import numpy_helper

    return numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name)


def _images_first(proto: ModelProto, image: tuple[int, ...]) -> None:
    from onnx import helper

    weights = {tensor.name for tensor in proto.graph.initializer}
    given = [value for value in proto.graph.input if value.name not in weights]
    if len(given) != 1:
        return
    (value,) = given
    batch, *sizes = value.type.tensor_type.shape.dim
    shape = tuple(size.dim_value for size in sizes)
    channels, height, width = image
    inside = f"{value.name}.as_given"
    if shape == image:
        return
    if shape == (height, width, channels):
        node = helper.make_node("Transpose", [value.name], [inside], name=inside, perm=TO_LAST)
    elif shape == (height * width,) and channels == 1:
        node = helper.make_node("Flatten", [value.name], [inside], name=inside, axis=1)
    else:
        return
    for reader in proto.graph.node:
        _read_instead(reader, value.name, inside)
    proto.graph.node.insert(0, node)
    new = helper.make_tensor_value_info(value.name, value.type.tensor_type.elem_type, [None, *image])
    new.type.tensor_type.shape.dim[0].CopyFrom(batch)
    value.CopyFrom(new)


def _read_instead(reader: NodeProto, old: str, new: str) -> None:
    for index, name in enumerate(reader.input):
        if name == old:
            reader.input[index] = new
