# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Weights whose rounding QONNX cannot say: learned, stochastic, prescaled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from drawplate.errors import ModelError
from drawplate.input_codes import rounding_mode
from drawplate_quant_finn.graph import Graph, attribute
from drawplate_quant_finn.training.straight_through import ROUNDINGS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto


def settle_weights(proto: ModelProto, module: nn.Module, quantizers: dict[str, list[NodeProto]]) -> list[str]:
    """Make every quantizer of weights give the very numbers that Brevitas computes with.

    The exporter writes that weights are rounded to nearest, whatever their quantizer does.  Here the true mode is
    written, and where QONNX has none the weights enter as Brevitas has rounded them.

    Returns:
        what was done.

    Raises:
        ModelError: by layer, where even the rounded weights come out otherwise.
    """
    graph, rounded = Graph(proto), []
    for name, nodes in quantizers.items():
        layer: Any = module.get_submodule(name.rpartition(".")[0]) if name.endswith("weight_quant") else None
        if layer is None:
            continue
        with torch.no_grad():
            wanted = layer.quant_weight().value.numpy()
        mode = rounding_mode(str(getattr(layer.weight_quant, "rounding_mode", "ROUND")).upper())
        if mode in ROUNDINGS:
            _write_mode(nodes, mode)
        if _gives(graph, nodes[0], wanted):
            continue
        _write_mode(nodes, "ROUND")
        tensor = next(tensor for tensor in proto.graph.initializer if tensor.name == nodes[0].input[0])
        tensor.CopyFrom(numpy_helper.from_array(wanted.astype(np.float32), tensor.name))
        if not _gives(graph, nodes[0], wanted):
            raise ModelError("its weights are rounded in a way that QONNX cannot say", where=f"layer {name!r}")
        rounded.append(name.rpartition(".")[0])
    return [f"weights of {', '.join(map(repr, rounded))} entered as Brevitas rounds them"] if rounded else []


def _write_mode(nodes: list[NodeProto], mode: str) -> None:
    for node in nodes:
        for kept in [found for found in node.attribute if found.name == "rounding_mode"]:
            kept.s = helper.make_attribute("rounding_mode", mode).s


def _gives(graph: Graph, node: NodeProto, wanted: NDArray[Any]) -> bool:
    """Whether a quantizer of the graph, of constant weights, gives certain numbers but for float32's last bits."""
    arrays = graph.arrays()
    given = [torch.from_numpy(np.array(arrays[name], dtype=np.float32)) for name in node.input]
    found = _sign(*given) if node.op_type == "BipolarQuant" else _rounded(node, *given)
    step = float(given[1].abs().max())
    return bool(np.abs(found.numpy() - wanted).max(initial=0) <= 1e-4 * step)


def _sign(x: Tensor, scale: Tensor) -> Tensor:
    return torch.where(x >= 0, 1.0, -1.0) * scale


def _rounded(node: NodeProto, x: Tensor, scale: Tensor, zero: Tensor, bits: Tensor) -> Tensor:
    signed, narrow = (bool(attribute(node, name, 0)) for name in ("signed", "narrow"))
    half = 2.0 ** float(bits - 1)
    low, high = (-half + narrow, half - 1) if signed else (0.0, 2 * half - 1 - narrow)
    mode = rounding_mode(attribute(node, "rounding_mode", b"ROUND").decode())
    return (ROUNDINGS[mode](x / scale + zero).clamp(low, high) - zero) * scale
