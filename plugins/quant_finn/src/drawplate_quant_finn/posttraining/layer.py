# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""A layer of the graph as a layer of Brevitas: what its algorithms take, and where their result goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from attrs import field, frozen
from brevitas import nn as qnn
from brevitas.inject.enum import FloatToIntImplType, ScalingImplType
from brevitas.quant import Int8WeightPerTensorFloat
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional

from drawplate_quant_finn.graph import Graph, attribute

if TYPE_CHECKING:
    from onnx import NodeProto

    from drawplate_quant_finn.quantizing.sites import WeightSite


@frozen
class Layer:
    """A convolution or matrix product with quantized weights."""

    node: NodeProto = field(repr=False)
    site: WeightSite
    weights: Tensor = field(repr=False, eq=False)
    """Float weights, output channels first."""
    scale: Tensor = field(repr=False, eq=False)
    """A scalar, or a shape that broadcasts against ``weights``."""

    @property
    def convolves(self) -> bool:
        """Whether it slides over its input."""
        return bool(self.node.op_type == "Conv")

    def padded(self, x: Tensor) -> Tensor:
        """Return a batch of the input with the border that the layer adds, channels second."""
        if not self.convolves:
            return x.flatten(0, -2) if x.ndim > 2 else x
        rank = self.weights.ndim - 2
        pads = list(attribute(self.node, "pads", [0] * 2 * rank))
        sides = [side for axis in reversed(range(rank)) for side in (pads[axis], pads[axis + rank])]
        return functional.pad(x, sides)

    def module(self, *, learned: Tensor | None = None) -> Any:
        """Return Brevitas' layer with these weights and this scale.

        Args:
            learned: where learned rounding starts, of the weights' shape; None for rounding to nearest.
        """
        grid = self.site.grid
        options: dict[str, Any] = {
            "bias": False,
            "weight_quant": Int8WeightPerTensorFloat,
            "weight_bit_width": grid.bits,
            "weight_narrow_range": grid.narrow,
            "weight_scaling_impl_type": ScalingImplType.CONST,
            "weight_scaling_init": self.scale * grid.high,
            "weight_scaling_per_output_channel": self.scale.numel() > 1,
        }
        if learned is not None:
            options["weight_float_to_int_impl_type"] = FloatToIntImplType.LEARNED_ROUND
            options["weight_learned_round_impl_type"] = "HARD_SIGMOID"
            options["weight_learned_round_init"] = learned
        made = self._convolution(options) if self.convolves else self._product(options)
        made.weight.data = self.weights.clone()
        return made.eval()

    def _product(self, options: dict[str, Any]) -> Any:
        outputs, inputs = self.weights.shape
        return qnn.QuantLinear(inputs, outputs, **options)

    def _convolution(self, options: dict[str, Any]) -> Any:
        groups, rank = attribute(self.node, "group", 1), self.weights.ndim - 2
        kind = qnn.QuantConv1d if rank == 1 else qnn.QuantConv2d
        return kind(
            self.weights.shape[1] * groups,
            self.weights.shape[0],
            tuple(self.weights.shape[2:]),
            stride=tuple(attribute(self.node, "strides", [1] * rank)),
            dilation=tuple(attribute(self.node, "dilations", [1] * rank)),
            groups=groups,
            **options,
        )

    def write(self, graph: Graph, weights: Tensor) -> None:
        """Put weights, output channels first, back into the graph."""
        tensor = next(held for held in graph.proto.graph.initializer if held.name == self.site.weights)
        array = weights.detach().numpy()
        array = array if self.site.channel_axis == 0 else array.T
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), tensor.name))


def layer_of(graph: Graph, site: WeightSite) -> Layer:
    """Read a layer whose weights' scale is given, not computed."""
    arrays = graph.arrays()
    node = next(node for node in graph.nodes if node.name == site.layer)
    quantizer = next(node for node in graph.nodes if node.name == f"{site.layer}.weight_quant")
    weights, scale = (torch.from_numpy(np.array(arrays[name])) for name in quantizer.input[:2])
    if site.channel_axis == 1:
        weights, scale = weights.T, scale.T if scale.ndim == 2 else scale
    return Layer(node, site, weights.contiguous(), scale)
