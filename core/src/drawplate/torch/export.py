# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""From a torch module to a FLOAT model."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from onnx import ModelProto, helper, numpy_helper
from torch import nn
from torch.nn.modules.dropout import _DropoutNd

from drawplate.errors import ModelError
from drawplate.model_file import load_model_bytes

OPSET = 13


def export_module(module: object, shape: tuple[int, ...], seed: int) -> ModelProto:
    """Export a module, BatchNormalization unfolded, with a free batch dimension; untidied, for ``drawplate.door``.

    Args:
        module: takes a batch of items, returns logits.
        shape: of one item; channels, height and width of pictures.
        seed: of torch, for initial weights drawn in the forward pass of lazy modules.

    Raises:
        ModelError: when it is no module, or torch cannot export it.
    """
    if not isinstance(module, nn.Module):
        raise ModelError(f"the factory returned {type(module).__name__}", allowed="a torch.nn.Module")
    buffer = io.BytesIO()
    try:
        with warnings.catch_warnings(), torch.random.fork_rng(devices=[]), dropout_kept(module):
            warnings.simplefilter("ignore")  # the exporter warns of itself
            torch.manual_seed(seed)
            torch.onnx.export(
                module,
                (torch.zeros(2, *shape),),
                buffer,  # type: ignore[arg-type]
                input_names=["input"],
                output_names=["logits"],
                opset_version=OPSET,
                dynamic_axes={"input": {0: "N"}, "logits": {0: "N"}},
                training=torch.onnx.TrainingMode.PRESERVE,
                do_constant_folding=False,
                dynamo=False,
            )
    except Exception as error:  # the exporter raises whatever the module does
        raise ModelError(f"cannot be exported: {type(error).__name__}: {error}") from error
    proto = load_model_bytes(buffer.getvalue(), "the exported module")
    keep_buffers(proto, module)
    return proto


@contextmanager
def dropout_kept(module: nn.Module) -> Iterator[None]:
    """Let the exporter write Dropout, which it leaves out of a module in evaluation mode; ONNX has no other kinds."""
    modes = {part: part.training for part in module.modules() if isinstance(part, _DropoutNd)}
    try:
        for part in modes:
            part.train(isinstance(part, nn.Dropout))
        yield
    finally:
        for part, mode in modes.items():
            part.train(mode)


def left_out(module: nn.Module) -> tuple[str, ...]:
    """Say which layers a model is without: the kinds of Dropout that ONNX has no operator for."""
    return tuple(
        f"{type(part).__name__} {name!r} is left out: ONNX has Dropout alone"
        for name, part in module.named_modules()
        if isinstance(part, _DropoutNd) and not isinstance(part, nn.Dropout)
    )


def keep_buffers(proto: ModelProto, module: nn.Module) -> None:
    """Make what the module has registered as a buffer a Constant, which training leaves alone.

    The statistics of BatchNormalization stay initializers: training counts them.
    """
    graph = proto.graph
    counted = {name for node in graph.node if node.op_type == "BatchNormalization" for name in node.input[3:5]}
    read = {name for node in graph.node for name in node.input} - counted
    held = {tensor.name: tensor for tensor in graph.initializer}
    shared = {node.output[0]: node for node in graph.node if node.op_type == "Identity"}
    for name, value in module.named_buffers():
        if name not in read or name not in held | shared:
            continue
        if name in held:
            graph.initializer.remove(held[name])
        else:
            graph.node.remove(shared[name])
        tensor = numpy_helper.from_array(value.detach().cpu().numpy(), name)
        graph.node.insert(0, helper.make_node("Constant", [], [name], name=f"{name}.buffer", value=tensor))
    listed = {value.name for value in graph.input} & {node.output[0] for node in graph.node if node.output}
    for value in [value for value in graph.input if value.name in listed]:
        graph.input.remove(value)
