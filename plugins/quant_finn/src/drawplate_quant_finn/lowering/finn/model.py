# SPDX-License-Identifier: Apache-2.0
"""The same model, lowered by FINN+: a second opinion on every layer, weight and threshold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from drawplate.errors import DrawplateError, ToolMissing
from drawplate_quant_finn.graph import Graph, attribute, is_quantizer, weight_of
from drawplate_quant_finn.lowering.network import Lowering
from drawplate_quant_finn.lowering.streams.constants import quantizer_settings

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate.toolenv import Tool


class FinnRefuses(DrawplateError):
    """FINN+ does not lower a model: it says so, leaves operators over, or takes too long."""


def lowered_by_finn(lowering: Lowering, tool: Tool, folder: Path, seconds: float) -> ModelProto:
    """Return what FINN+ makes of the QONNX model of a lowering.

    Args:
        lowering: our own.
        tool: the FINN+ tool environment.
        folder: for the files that are exchanged with it.
        seconds: that it may take.

    Raises:
        FinnRefuses: when it makes nothing of it.
    """
    import onnx

    source, target = folder / "for_finn.onnx", folder / "by_finn.onnx"
    source.write_bytes(_prepared(lowering).SerializeToString(deterministic=True))
    datatype = next(
        pair.value
        for note in lowering.proto.graph.quantization_annotation
        if note.tensor_name == lowering.proto.graph.input[0].name
        for pair in note.quant_parameter_tensor_names
    )
    try:
        tool.call("lower", source=str(source), target=str(target), input_datatype=datatype, timeout=seconds)
    except ToolMissing:
        raise
    except DrawplateError as error:
        raise FinnRefuses(error.what) from error
    result = onnx.load(target)
    over = left_over(result)
    if over:
        raise FinnRefuses(f"it leaves {', '.join(over)} between hardware layers")
    return result


def _prepared(lowering: Lowering) -> ModelProto:
    """Return the model as FINN wants it: an input of codes, batch 1, biases that are numbers, windows spelt out."""
    from onnx import helper

    beyond = next(_beyond(lowering), None)
    if beyond is not None:
        raise FinnRefuses(beyond)
    proto = type(lowering.graph.proto)()
    proto.CopyFrom(lowering.graph.proto)
    graph = Graph(proto)
    _fold_biases(graph, lowering)
    for node in graph.nodes:
        if node.output and node.output[0] == lowering.input_tensor and is_quantizer(node):
            scaled = helper.make_node("Mul", list(node.input[:2]), list(node.output), name=f"{node.name}.scale")
            graph.insert_before(node, [scaled])
            proto.graph.node.remove(node)
    if lowering.input_tensor == graph.input and lowering.codes.scale != 1:
        _scale_input(graph, lowering.codes.scale)
    _spell_out_windows(graph)
    for value in (*proto.graph.input, *proto.graph.output):
        dimension = value.type.tensor_type.shape.dim[0]
        dimension.ClearField("dim_param")
        dimension.dim_value = 1
    del proto.graph.value_info[:]  # batch sizes in it would contradict
    return proto


def _beyond(lowering: Lowering) -> Iterator[str]:
    """Yield what FINN+ would get wrong without a word, or never end on."""
    graph, constants = lowering.graph, lowering.constants
    if lowering.codes.zero_point or lowering.codes.rounding != "HALF_EVEN":
        yield "it knows no zero point or rounding mode at the input"
    for node in graph.nodes:
        streams = node.output and node.output[0] not in constants
        if streams and is_quantizer(node):
            if node.op_type != "BipolarQuant" and quantizer_settings(node)[2] != "HALF_EVEN":
                yield f"it rounds to nearest whatever a quantizer says ({node.name!r})"
            if constants.arrays[node.input[1]].min() < 0:
                yield f"it takes the scale of a quantizer for positive ({node.name!r})"
        elif node.op_type == "MaxPool" and any(attribute(node, "pads", [])):
            yield f"it pads a maximum with 0, whatever is pooled ({node.name!r})"
        elif node.op_type == "Sub" and not any(name in constants for name in node.input):
            yield f"it does not end on a difference of two streams ({node.name!r})"


def _scale_input(graph: Graph, scale: float) -> None:
    import numpy as np
    from onnx import helper

    readers, output = graph.readers(graph.input), graph.fresh(f"{graph.input}.scaled")
    name = graph.add_array(f"{graph.input}.scale", np.asarray(scale, dtype=np.float32))
    graph.redirect(graph.input, output, readers)
    graph.insert_before(graph.nodes[0], [helper.make_node("Mul", [graph.input, name], [output], name=name)])


def _fold_biases(graph: Graph, lowering: Lowering) -> None:
    """Replace quantizers of constants that are no weights by what they give; FINN knows them behind weights only."""
    behind = {node.input[1] for node in graph.nodes if weight_of(graph, node) is not None}
    for node in graph.nodes:
        name = node.output[0] if node.output else ""
        if (
            is_quantizer(node)
            and name in lowering.constants
            and name not in behind
            and name not in _moved(graph, behind)
        ):
            graph.redirect(name, graph.add_array(f"{name}.folded", lowering.constants.arrays[name]))
            graph.proto.graph.node.remove(node)


def _moved(graph: Graph, behind: set[str]) -> set[str]:
    """Return values that reach a layer's weights through changes of layout."""
    makers, found = graph.makers(), set()
    for name in behind:
        while name in makers and not is_quantizer(makers[name]):
            name = makers[name].input[0]  # noqa: PLW2901 - walks up
        found.add(name)
    return found


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


def left_over(proto: ModelProto) -> list[str]:
    """Return operators of FINN's graph that are neither hardware nor the host's part at its two ends."""
    nodes = list(proto.graph.node)
    layers = [index for index, node in enumerate(nodes) if node.domain.startswith("finn.custom_op.fpgadataflow")]
    found = []
    for index, node in enumerate(nodes):
        if index in layers:
            continue
        before, after = not layers or index < layers[0], not layers or index > layers[-1]
        moves = {"Flatten", "Reshape", "Identity"} | ({"Transpose"} if before or after else set())
        if node.op_type not in moves and not (after and node.op_type in {"Mul", "Add"} and layers):
            found.append(node.op_type)
    return list(dict.fromkeys(found))
