# SPDX-License-Identifier: Apache-2.0
"""QONNX to FINN's hardware layers, with FINN+'s transformations called one by one.

``finn.builder`` cannot be imported without Vivado, so its flow is spelled out here: tidy, streamline, channels last,
hardware layers, narrowest widths.
"""
# ruff: noqa: TID253 - runs only in the tool environment

from __future__ import annotations

import numpy as np
from channels_last import to_channels_last  # type: ignore[import-not-found]
from finn.custom_op.fpgadataflow.hwcustomop import HWCustomOp
from finn.transformation.fpgadataflow.convert_to_hw.conv_inp_gen import InferConvInpGen
from finn.transformation.fpgadataflow.convert_to_hw.duplicate_streams import InferDuplicateStreamsLayer
from finn.transformation.fpgadataflow.convert_to_hw.elementwise_binary_operation import InferElementwiseBinaryOperation
from finn.transformation.fpgadataflow.convert_to_hw.fm_padding import InferFMPadding
from finn.transformation.fpgadataflow.convert_to_hw.global_acc_pool import InferGlobalAccPoolLayer
from finn.transformation.fpgadataflow.convert_to_hw.pool import InferPool
from finn.transformation.fpgadataflow.convert_to_hw.quantized_matrix_vector_activation import (
    InferQuantizedMatrixVectorActivation,
)
from finn.transformation.fpgadataflow.convert_to_hw.thresholding import InferThresholdingLayer
from finn.transformation.fpgadataflow.convert_to_hw.vector_vector_activation import InferVectorVectorActivation
from finn.transformation.fpgadataflow.minimize_accumulator_width import MinimizeAccumulatorWidth
from finn.transformation.fpgadataflow.minimize_weight_bit_width import MinimizeWeightBitWidth
from finn.transformation.move_reshape import RemoveCNVtoFCFlatten
from finn.transformation.qonnx.convert_qonnx_to_finn import ConvertQONNXtoFINN
from finn.transformation.streamline.round_thresholds import RoundAndClipThresholds
from finn.transformation.streamline.streamline_plus import StreamlinePlus
from monotone import AbsorbMonotone  # type: ignore[import-not-found]
from onnx import ModelProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation
from qonnx.transformation.general import (
    GiveReadableTensorNames,
    GiveUniqueNodeNames,
    GiveUniqueParameterTensors,
    RemoveStaticGraphInputs,
    RemoveUnusedTensors,
    SortGraph,
)
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.infer_shapes import InferShapes
from qonnx.transformation.lower_convs_to_matmul import LowerConvsToMatMul
from sparing import FoldConstants, Sparing, tidied  # type: ignore[import-not-found]

DOMAINS = ("qonnx.custom_op.general", "finn.custom_op.general", "finn.custom_op.fpgadataflow")


def lowered(proto: ModelProto, input_datatype: str) -> ModelWrapper:
    """Return the model in FINN's hardware layers, every PE and SIMD 1.

    Args:
        proto: QONNX model of batch size 1 whose input holds integer codes.
        input_datatype: their type, as QONNX names it, e.g. ``UINT8``.
    """
    for domain in DOMAINS:
        if domain not in {opset.domain for opset in proto.opset_import}:
            proto.opset_import.append(helper.make_opsetid(domain, 1))
    model = ModelWrapper(proto)
    model.set_tensor_datatype(model.graph.input[0].name, DataType[input_datatype])
    model = streamlined(_apply(model, *_tidy(), ConvertQONNXtoFINN(), AbsorbMonotone(), *_tidy()))
    model = hardware(model)
    return narrowest(model)


def streamlined(model: ModelWrapper) -> ModelWrapper:
    """Gather scales and biases into thresholds, and turn convolutions into matrix products."""
    model = _apply(tidied(model), Sparing(StreamlinePlus()))
    if model.get_nodes_by_op_type("Conv"):
        model = to_channels_last(_apply(model, LowerConvsToMatMul()))
        model = _apply(model, SortGraph(), InferShapes(), InferDataLayouts(), InferGlobalAccPoolLayer())
        model = to_channels_last(_apply(model, SortGraph(), InferShapes()))
        model = to_channels_last(_apply(model, SortGraph(), Sparing(StreamlinePlus()), SortGraph(), InferShapes()))
    return _apply(model, SortGraph(), InferShapes(), InferDataLayouts(), RemoveUnusedTensors(), InferDataTypes())


def hardware(model: ModelWrapper) -> ModelWrapper:
    """Replace what FINN has hardware for.  The scale of the logits stays outside."""
    return _apply(
        model,
        InferQuantizedMatrixVectorActivation(),
        InferVectorVectorActivation(),
        InferThresholdingLayer(),
        InferFMPadding(),
        InferPool(),
        InferConvInpGen(),
        RemoveCNVtoFCFlatten(),
        InferElementwiseBinaryOperation(_adds_two_streams),
        InferDuplicateStreamsLayer(),
        SortGraph(),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
        InferDataTypes(),
    )


def narrowest(model: ModelWrapper) -> ModelWrapper:
    """Give weights, thresholds and accumulators the fewest bits that their values need."""
    model = _apply(model, MinimizeWeightBitWidth(), MinimizeAccumulatorWidth(), RoundAndClipThresholds())
    for node in model.graph.node:
        if node.op_type == "MVAU" and _is_bipolar(model, node.input[1]):
            getCustomOp(node).set_nodeattr("weightDataType", "BIPOLAR")
    for node in model.graph.node:
        if node.domain == "finn.custom_op.fpgadataflow":
            _unfold(getCustomOp(node))
    return _apply(model, InferDataTypes(), RemoveUnusedTensors())


def _unfold(layer: HWCustomOp) -> None:
    known = layer.get_nodeattr_types()
    for attribute in ("PE", "SIMD"):
        if attribute in known:
            layer.set_nodeattr(attribute, 1)


def _is_bipolar(model: ModelWrapper, weights: str) -> bool:
    return bool(np.all(np.abs(model.get_initializer(weights)) == 1))


def _adds_two_streams(model: ModelWrapper, node: object) -> bool:
    name = node.op_type  # type: ignore[attr-defined]
    inputs = node.input  # type: ignore[attr-defined]
    return name == "Add" and all(
        model.get_initializer(tensor) is None and model.get_tensor_datatype(tensor).is_integer() for tensor in inputs
    )


def _tidy() -> tuple[Transformation, ...]:
    return (
        GiveUniqueParameterTensors(),
        InferShapes(),
        FoldConstants(),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
        InferDataTypes(),
        RemoveStaticGraphInputs(),
    )


def _apply(model: ModelWrapper, *transformations: Transformation) -> ModelWrapper:
    for transformation in transformations:
        model = model.transform(transformation)
    return model
