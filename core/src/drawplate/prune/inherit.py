# SPDX-License-Identifier: Apache-2.0
"""Starting a network from the weights of another one of nearly its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto


def inherited(child: ModelProto, parent: ModelProto) -> ModelProto:
    """Return ``child`` with the weights of ``parent`` where both have a tensor of one name and rank.

    Where sizes differ the leading block that both have is taken, channel by channel from the first; the rest keeps the
    child's initial numbers.
    """
    import numpy as np
    import onnx
    from onnx import numpy_helper

    copy = onnx.ModelProto()
    copy.CopyFrom(child)
    given = {tensor.name: tensor for tensor in parent.graph.initializer}
    for tensor in copy.graph.initializer:
        other = given.get(tensor.name)
        floats = tensor.data_type == onnx.TensorProto.FLOAT
        if other is None or not floats or other.data_type != tensor.data_type or len(other.dims) != len(tensor.dims):
            continue
        array, source = numpy_helper.to_array(tensor).copy(), numpy_helper.to_array(other)
        block = tuple(slice(0, min(mine, theirs)) for mine, theirs in zip(array.shape, source.shape, strict=True))
        array[block] = source[block]
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), tensor.name))
    return copy
