# SPDX-License-Identifier: Apache-2.0
"""Calling the compiler, and understanding its refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from drawplate.errors import FlowError, ModelError, StepFailed
from drawplate.graph.nodes import name_of
from drawplate_target_myriadx.blob import Blob, read_blob
from drawplate_target_myriadx.options import ExportOptions

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate.toolenv import Tool

ALL_SHAVES: Final = 16
OAK_SHAVES: Final = 8
"""Luxonis' own converter compiles for 8 SHAVEs by default (modelconverter, RVC2)."""
SECONDS: Final = 600.0
FALSE_ALARMS: Final = frozenset({"Reshape", "GroupConvolution", "Concat", "Subtract", "Divide"})
"""nGraph types that ``query_network`` doubts, and that compile."""
SHOWN: Final = 3


@frozen(kw_only=True)
class Compiled:
    """A compiled network."""

    data: bytes
    blob: Blob
    layers: tuple[str, ...]
    """The model's layer that each stage comes from; empty where it comes from none."""
    config: Mapping[str, str]
    memory: Mapping[str, int]
    """Bytes used by place, as the compiler counts them."""


def takes_bytes(options: ExportOptions) -> bool:
    """Whether the network's input is bytes."""
    return (options.input or ("bytes" if options.device == "oak" else "float")) == "bytes"


def compiler_config(options: ExportOptions) -> dict[str, str]:
    """Return the plugin's configuration keys; none for its own defaults (2 streams of 7 SHAVEs and 9 slices).

    Raises:
        FlowError: for more SHAVEs than there are.
    """
    oak = options.device == "oak"
    streams = options.streams or (1 if oak else None)
    shaves = options.shaves or options.cmx_slices or (OAK_SHAVES if oak else None)
    config = {} if streams is None else {"MYRIAD_THROUGHPUT_STREAMS": str(streams)}
    if shaves is None:
        return config
    shaves = min(shaves, ALL_SHAVES)
    if shaves * (streams or 2) > ALL_SHAVES:
        raise FlowError(
            f"{streams or 2} streams of {shaves} SHAVEs are {shaves * (streams or 2)}",
            where="step 'myriadx', key 'shaves'",
            allowed=f"at most {ALL_SHAVES} SHAVEs together",
            hint="set streams = 1, or fewer shaves",
        )
    slices = options.cmx_slices or shaves
    return config | {"MYRIAD_NUMBER_OF_SHAVES": str(shaves), "MYRIAD_NUMBER_OF_CMX_SLICES": str(slices)}


def compile_model(proto: ModelProto, options: ExportOptions, tool: Tool, folder: Path) -> Compiled:
    """Compile a prepared model.

    Raises:
        ModelError: by layer name, when the chip or its compiler lacks something.
    """
    from drawplate.model_file import write_bytes

    source, target, config = folder / "prepared.onnx", folder / "network.blob", compiler_config(options)
    source.write_bytes(write_bytes(proto))
    answer = tool.call(
        "compile_blob",
        timeout=SECONDS,
        source=str(source),
        target=str(target),
        config=config,
        u8_input=takes_bytes(options),
        fp16_output=options.device == "oak",
    )
    if "refused" in answer:
        raise refusal(answer["refused"], _suspects(tool, source, proto))
    data = target.read_bytes()
    blob = read_blob(data)
    _check_outputs(proto, blob)
    return Compiled(
        data=data, blob=blob, layers=_layers(answer["stages"], blob, proto), config=config, memory=answer["memory"]
    )


def refusal(said: str, suspects: Sequence[str]) -> ModelError:
    """Turn what the compiler said into an error that names the layer.

    Args:
        said: its message, which names the layer more often than not.
        suspects: the layers to name where it does not.
    """
    text = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "nothing")
    text = re.sub(r"^\S*/\S+:\d+ ", "", text)
    layer = re.search(r'layer "([^"]*)"', text)
    named = [layer.group(1)] if layer else list(suspects[:SHOWN])
    return ModelError(
        f"the Myriad X compiler refuses it: {text}",
        where=f"layer {' or '.join(map(repr, named))}" if named else None,
        hint="write the layer in other operators",
    )


def _suspects(tool: Tool, source: Path, proto: ModelProto) -> list[str]:
    """Return the layers that ``query_network`` doubts.

    It doubts some that compile (Concat, Sub, Div, grouped weights), so it is asked only after a refusal.
    """
    names = {output: name_of(node) for node in proto.graph.node for output in node.output}
    try:
        doubted = tool.call("query", timeout=SECONDS, source=str(source))
    except StepFailed:  # what the compiler refuses may be too much for query_network as well
        return []
    return [names[layer["name"]] for layer in doubted if layer["name"] in names and layer["type"] not in FALSE_ALARMS]


def _layers(stages: list[dict[str, str]], blob: Blob, proto: ModelProto) -> tuple[str, ...]:
    """Return the model's layer for every stage; the compiler names layers by their output as often as by their name."""
    if len(stages) != len(blob.stages):
        return ("",) * len(blob.stages)
    names = {output: name_of(node) for node in proto.graph.node for output in node.output}
    return tuple(names.get(stage["layer"], stage["layer"]) for stage in stages)


def _check_outputs(proto: ModelProto, blob: Blob) -> None:
    """Check that the reader understood the model: its outputs have the shapes that ONNX gives them.

    Raises:
        ModelError: when they have not.
    """
    import math

    for value in proto.graph.output:
        found = next((port for port in blob.outputs if port.name == value.name), None)
        expected = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        # the compiler may take the batch out, and write stages for one image of it
        sizes = [] if found is None else [n * math.prod(found.tensor.shape) for n in (1, blob.header.batch)]
        if found is None or (expected and all(expected) and math.prod(expected) not in sizes):
            said = "is missing" if found is None else f"has shape {list(found.tensor.shape)}, not {expected}"
            raise ModelError(
                f"the compiled network is another: output {value.name!r} {said}",
                hint="please report this with the model",
            )


def settings(options: ExportOptions, compiled: Compiled) -> dict[str, Any]:
    """Return what was decided, as JSON values."""
    header = compiled.blob.header
    return {
        "device": options.device,
        "input": "bytes" if takes_bytes(options) else "float",
        "shaves": header.shaves,
        "cmx_slices": header.cmx_slices,
        "config": dict(compiled.config),
        "openvino": "2021.4.2",
    }
