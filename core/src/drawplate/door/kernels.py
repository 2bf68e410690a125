# SPDX-License-Identifier: Apache-2.0
"""Convolutions that leave ``kernel_shape`` to their weights: behind a quantizer, a reader could not tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.values import names_of
from drawplate.graph.facts import QUANT_OPS, STANDARD

if TYPE_CHECKING:
    import onnx_ir as ir


def tell_kernels(model: ir.Model) -> list[str]:
    """Write the attribute where it is missing: weights that are no quantizer's yet may become one's."""
    from onnx_ir import AttrInt64s

    told = []
    for node in model.graph:
        if node.op_type not in {"Conv", "ConvTranspose"} or node.domain not in STANDARD:
            continue
        weights = node.inputs[1] if len(node.inputs) > 1 else None
        maker = weights.producer() if weights is not None else None
        if "kernel_shape" in node.attributes:
            continue
        while maker is not None and maker.op_type in QUANT_OPS:
            weights = maker.inputs[0]
            maker = weights.producer() if weights is not None else None
        if weights is not None and weights.shape is not None and weights.shape.is_static():
            kernel = weights.shape.numpy()[2:]
            node.attributes["kernel_shape"] = AttrInt64s("kernel_shape", kernel)
            told.append(str(node.name))
    return [f"the kernel of {names_of(told)} read off its weights"] if told else []
