# SPDX-License-Identifier: Apache-2.0
"""Bytes instead of floats at the input: the normalisation becomes part of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.data import Normalisation
from drawplate.errors import ModelError

if TYPE_CHECKING:
    from onnx import ModelProto


def fold_normalisation(proto: ModelProto, normalisation: Normalisation) -> str:
    """Let the network take pixels of 0..255 instead of normalised ones, in place; return what was done.

    The pixels are scaled and shifted by a Mul and an Add at the input, which run as one stage; by a Mul alone where the
    mean is 0.  Folding the shift into a padded convolution would be wrong at the image's border.

    Raises:
        ModelError: when the normalisation is for another number of channels.
    """
    import numpy as np
    from onnx import helper, numpy_helper

    known = {tensor.name for tensor in proto.graph.initializer}
    value = next(entry for entry in proto.graph.input if entry.name not in known)
    dims = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    channels = len(normalisation.mean)
    if not normalisation.of_bytes:
        raise ModelError(
            "takes numbers that are no bytes",
            where=f"input {value.name!r}",
            hint='use input = "float"; bytes are for data of uint8',
        )
    if len(dims) != 4 or channels not in (1, dims[1]):
        raise ModelError(
            f"has shape {dims}, and the normalisation is for {channels} channels",
            where=f"input {value.name!r}",
            hint='use input = "float", or a model whose input is (N, C, H, W)',
        )
    std, mean = np.asarray(normalisation.std), np.asarray(normalisation.mean)
    scale, shift = (1 / (normalisation.scale * std)).astype(np.float32), (-mean / std).astype(np.float32)
    taken, nodes = value.name, []
    normal = f"{taken}/normalised"
    for node in proto.graph.node:
        for index, name in enumerate(node.input):
            if name == taken:
                node.input[index] = normal
    steps = [("Mul", scale), ("Add", shift)] if shift.any() else [("Mul", scale)]
    for number, (kind, constant) in enumerate(steps):
        name = f"{taken}/{kind}"
        proto.graph.initializer.append(numpy_helper.from_array(constant.reshape(1, -1, 1, 1), f"{name}.constant"))
        result = normal if number == len(steps) - 1 else name
        nodes.append(helper.make_node(kind, [taken, f"{name}.constant"], [result], name=name))
        taken = result
    rest = list(proto.graph.node)
    del proto.graph.node[:]
    proto.graph.node.extend([*nodes, *rest])
    return "takes bytes: the normalisation is part of the network"
