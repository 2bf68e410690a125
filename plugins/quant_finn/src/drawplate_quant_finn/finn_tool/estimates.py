# SPDX-License-Identifier: Apache-2.0
"""FINN+'s analytic estimates and its greedy folding, on models of hardware layers."""
# ruff: noqa: TID253 - runs only in the tool environment

from __future__ import annotations

from typing import Any

from finn.analysis.fpgadataflow.exp_cycles_per_layer import exp_cycles_per_layer
from finn.analysis.fpgadataflow.res_estimation import res_estimation
from finn.transformation.fpgadataflow.set_folding import SetFolding
from finn.transformation.fpgadataflow.specialize_layers import SpecializeLayers
from onnx import NodeProto, TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.general import GiveUniqueNodeNames

WORD_BITS = 1 << 20
"""Of the weights of a layer that are read at once: no limit."""


def layer_estimates(path: str, folding: dict[str, dict[str, int]], part: str) -> list[dict[str, Any]]:
    """Cycles per frame, LUT, BRAM18, DSP of every layer, as FINN+ estimates its HLS kernels."""
    model, names = _specialized(path, part)
    for node in _layers(model):
        for attribute, value in folding.get(names[node.output[0]], {}).items():
            getCustomOp(node).set_nodeattr(attribute, value)
    resources = model.analysis(lambda wrapper: res_estimation(wrapper, part))
    cycles = model.analysis(exp_cycles_per_layer)
    return [
        {
            "layer": names[node.output[0]],
            "cycles": int(cycles[node.name]),
            "lut": float(resources[node.name]["LUT"]),
            "bram18": float(resources[node.name]["BRAM_18K"]),
            "dsp": float(resources[node.name]["DSP"]),
        }
        for node in _layers(model)
    ]


def folded(path: str, target: str, target_cycles: int) -> dict[str, dict[str, int]]:
    """Write the model as FINN's SetFolding folds it; answer with PE, SIMD and parallel_window by layer.

    Without its limit of 36 bits for a word of weights, which holds convolutions at a few SIMD, and their windows too.
    """
    model, names = _specialized(path, "xc7z020clg400-1")
    model = _without_host_nodes(model).transform(SetFolding(target_cycles, mvau_wwidth_max=WORD_BITS))
    found = {names[node.output[0]]: _parallelism(node) for node in _layers(model)}
    plain = ModelWrapper(path)
    for node in _layers(plain):
        for key, value in found[node.name].items():
            getCustomOp(node).set_nodeattr(key, value)
    plain.save(target)
    return found


def _specialized(path: str, part: str) -> tuple[ModelWrapper, dict[str, str]]:
    """Return the model in HLS layers, and the plain name of each by the tensor that it makes."""
    model = ModelWrapper(path)
    names = {node.output[0]: node.name for node in model.graph.node}
    for node in _layers(model):
        getCustomOp(node).set_nodeattr("preferred_impl_style", "hls")
    model = model.transform(SpecializeLayers(part)).transform(GiveUniqueNodeNames())
    for node in _layers(model):
        if node.op_type.startswith("MVAU"):
            getCustomOp(node).set_nodeattr("mem_mode", "internal_decoupled")
            getCustomOp(node).set_nodeattr("resType", "lut")
    return model, names


def _without_host_nodes(model: ModelWrapper) -> ModelWrapper:
    """Cut off what runs on the host at both ends; SetFolding stumbles over it."""
    layers = _layers(model)
    first, last = layers[0].input[0], layers[-1].output[0]
    for node in [node for node in model.graph.node if node not in layers]:
        model.graph.node.remove(node)
    for side, tensor in ((model.graph.input, first), (model.graph.output, last)):
        shape = model.get_tensor_shape(tensor)
        del side[:]
        side.append(helper.make_tensor_value_info(tensor, TensorProto.FLOAT, shape))
    return model


def _layers(model: ModelWrapper) -> list[NodeProto]:
    return [node for node in model.graph.node if node.domain.startswith("finn.custom_op.fpgadataflow")]


def _parallelism(node: NodeProto) -> dict[str, int]:
    layer = getCustomOp(node)
    known = layer.get_nodeattr_types()
    return {key: layer.get_nodeattr(key) for key in ("PE", "SIMD", "parallel_window") if key in known}
