# SPDX-License-Identifier: Apache-2.0
"""One input of images with a fixed shape: all that the compiler takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from drawplate.errors import ModelError

if TYPE_CHECKING:
    from onnx import ModelProto


LARGEST_VALUE: Final = 2**28
"""Elements; in FP16 the 512 MB of memory that an NCS2 or an OAK has."""


def fix_shapes(proto: ModelProto) -> None:
    """Set a free batch to 1, and leave no intermediate shapes that could contradict.

    Raises:
        ModelError: for more than one input, an input that is not float, or a free dimension beside the batch.
    """
    from onnx import TensorProto

    known = {tensor.name for tensor in proto.graph.initializer}
    inputs = [value for value in proto.graph.input if value.name not in known]
    if len(inputs) != 1:
        raise ModelError(
            f"has {len(inputs)} inputs: {', '.join(repr(value.name) for value in inputs)}",
            allowed="one input of images",
            hint="make constants of the others (initializers of the same names)",
        )
    kind = inputs[0].type.tensor_type
    where = f"input {inputs[0].name!r}"
    if kind.elem_type != TensorProto.FLOAT:
        raise ModelError(
            f"is {TensorProto.DataType.Name(kind.elem_type)}",
            where=where,
            allowed="FLOAT",
            hint="export the model in FP32, for an input of images; what is looked up by numbers stays on the host",
        )
    if not kind.shape.dim:
        raise ModelError("has no shape", where=where, hint="export the model with a fixed input shape")
    for position, dim in enumerate(kind.shape.dim):
        if dim.HasField("dim_value") and dim.dim_value > 0:
            continue
        if position:
            raise ModelError(
                f"dimension {position} ({dim.dim_param or 'unnamed'}) is free",
                where=where,
                allowed="fixed height, width and channels; only the batch may be free",
                hint="Myriad X runs fixed shapes only: export the model for one image size",
            )
        dim.ClearField("dim_param")
        dim.dim_value = 1
    del proto.graph.value_info[:]
    for value in proto.graph.output:
        value.type.tensor_type.ClearField("shape")
    _write_output_shapes(proto)


def _write_output_shapes(proto: ModelProto) -> None:
    """Infer the outputs' shapes for the fixed batch; foreign operators (quantizers) keep their first input's shape.

    Raises:
        ModelError: for a value too large to be computed, before constants are folded.
    """
    from drawplate.count import infer_shapes

    shapes = infer_shapes(proto)
    for name, shape in shapes.items():
        if math.prod(shape) > LARGEST_VALUE:
            raise ModelError(
                f"has shape {list(shape)}",
                where=f"value {name!r}",
                allowed=f"at most {LARGEST_VALUE:,} elements",
                hint="choose smaller images, or a smaller batch",
            )
    for value in proto.graph.output:
        if value.name in shapes:
            for size in shapes[value.name]:
                value.type.tensor_type.shape.dim.add(dim_value=size)


def check_input_is_read(proto: ModelProto) -> None:
    """Refuse a model whose outputs are constant.

    Raises:
        ModelError: when no layer takes the input.
    """
    known = {tensor.name for tensor in proto.graph.initializer}
    (taken,) = (value.name for value in proto.graph.input if value.name not in known)
    if not any(taken in node.input for node in proto.graph.node):
        raise ModelError(
            "no layer takes it: the outputs do not depend on it",
            where=f"input {taken!r}",
            hint="export the whole model",
        )
