# SPDX-License-Identifier: Apache-2.0
"""QONNX to FINN's hardware layers: prepare, call the FINN+ tool, tidy up what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drawplate.errors import ModelError, StepFailed, ToolTimeout
from drawplate_quant_finn.biases import fold_biases
from drawplate_quant_finn.codes import InputCodes, record_codes, take_codes
from drawplate_quant_finn.diagnose import check_lowerable, left_over, refuse
from drawplate_quant_finn.graph import Graph, attribute, opset, weight_of
from drawplate_quant_finn.options import LowerOptions
from drawplate_quant_finn.surgery import prepare

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

    from drawplate.toolenv import Tool


def lowered(proto: ModelProto, tool: Tool, folder: Path, options: LowerOptions | None = None) -> ModelProto:
    """Return a QONNX model in FINN's hardware layers, every PE and SIMD 1.

    The input keeps its name and shape (batch 1) and takes integer codes; the output keeps its name and values.

    Args:
        proto: the QONNX model; it is changed.
        tool: the FINN+ tool environment.
        folder: for the files that are exchanged with it.
        options: type and scale of the codes of a model without a quantizer at its input.

    Raises:
        ModelError: when the model cannot be lowered: which node, why, and what to change.
    """
    prepare(proto)
    codes, ends = _prepared(proto, options or LowerOptions())
    source, target = folder / "codes.onnx", folder / "lowered.onnx"
    source.write_bytes(proto.SerializeToString(deterministic=True))
    try:
        tool.call("lower", source=str(source), target=str(target), input_datatype=codes.grid.datatype)
    except ToolTimeout:
        raise
    except StepFailed as error:
        raise ModelError(
            f"cannot be lowered: FINN+ stops with {error.what}",
            hint="compare the model with the patterns in the documentation of step 'lower'",
        ) from error
    import onnx

    result = onnx.load(target)
    for node in left_over(result):
        raise refuse(node, "FINN leaves it between hardware layers", "quantize what goes into it and what comes out")
    _canonical(result, proto, ends)
    record_codes(result, codes)
    return result


def _prepared(proto: ModelProto, options: LowerOptions) -> tuple[InputCodes, tuple[str, str]]:
    if opset(proto) < 11:
        raise ModelError(f"uses operator set {opset(proto)}", allowed="at least 11", hint="export it again")
    graph = Graph(proto)
    if len(proto.graph.output) != 1:
        raise ModelError(f"has {len(proto.graph.output)} outputs", allowed="one")
    fold_biases(graph)
    codes = take_codes(proto, options.input_datatype, options.input_scale)
    check_lowerable(proto)
    _spell_out_windows(graph)
    for value in (*proto.graph.input, *proto.graph.output):
        dimension = value.type.tensor_type.shape.dim[0]
        dimension.ClearField("dim_param")
        dimension.dim_value = 1
    del proto.graph.value_info[:]  # batch sizes in it would contradict
    return codes, (graph.input, proto.graph.output[0].name)


def _spell_out_windows(graph: Graph) -> None:
    """Write the attributes that ONNX lets a convolution or pool leave out, and FINN reads."""
    from onnx import helper

    arrays = graph.arrays()
    for node in graph.nodes:
        if node.op_type not in {"Conv", "MaxPool"}:
            continue
        name = weight_of(graph, node)
        kernel = list(arrays[name].shape[2:]) if name else list(attribute(node, "kernel_shape"))
        ones = [1] * len(kernel)
        defaults = {
            "kernel_shape": kernel,
            "strides": ones,
            "pads": [0, 0] * len(kernel),
            "dilations": ones,
            "group": 1,
        }
        if node.op_type == "MaxPool":
            del defaults["dilations"], defaults["group"]
        for key, value in defaults.items():
            if attribute(node, key) is None:
                node.attribute.append(helper.make_attribute(key, value))


def _canonical(result: ModelProto, source: ModelProto, ends: tuple[str, str]) -> None:
    """Give the ends their names back, keep the metadata, and order what has no order: equal models, equal bytes."""
    _rename(result.graph, {result.graph.input[0].name: ends[0], result.graph.output[0].name: ends[1]})
    for entries in (result.graph.value_info, result.graph.initializer):
        ordered = sorted(entries, key=lambda entry: entry.name)
        del entries[:]
        entries.extend(ordered)
    notes = sorted(result.graph.quantization_annotation, key=lambda entry: entry.tensor_name)
    for note in notes:
        pairs = sorted(note.quant_parameter_tensor_names, key=lambda pair: pair.key)
        del note.quant_parameter_tensor_names[:]
        note.quant_parameter_tensor_names.extend(pairs)
    del result.graph.quantization_annotation[:]
    result.graph.quantization_annotation.extend(notes)
    domains = sorted(result.opset_import, key=lambda entry: entry.domain)
    del result.opset_import[:]
    result.opset_import.extend(domains)
    del result.metadata_props[:]
    result.metadata_props.extend(sorted(source.metadata_props, key=lambda entry: entry.key))
    result.graph.name = source.graph.name
    result.producer_name, result.producer_version, result.doc_string = "drawplate", "", ""


def _rename(graph: GraphProto, names: dict[str, str]) -> None:
    for node in graph.node:
        for side in (node.input, node.output):
            for index, name in enumerate(side):
                if name in names:
                    side[index] = names[name]
    for value in (*graph.input, *graph.output, *graph.value_info):
        value.name = names.get(value.name, value.name)
    for note in graph.quantization_annotation:
        note.tensor_name = names.get(note.tensor_name, note.tensor_name)
