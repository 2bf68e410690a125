# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""From a torch module to a FLOAT model."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable

import onnx
import torch
from onnx import ModelProto, TensorProto
from torch import nn

from drawplate.errors import ModelError
from drawplate.model_file import read_model_bytes

OPSET = 13


def export_module(module: object, shape: tuple[int, ...], seed: int) -> ModelProto:
    """Export a module, BatchNormalization unfolded, with a free batch dimension.

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
        with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
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
    return unalias(read_model_bytes(buffer.getvalue(), "the exported module"))


def unalias(proto: ModelProto) -> ModelProto:
    """Give every node its own copy of an initializer that reaches it through Identity.

    torch's exporter shares equal initializers that way: a fresh BatchNormalization's scale and running variance become
    one tensor, and training the one would change the other.
    """
    initializers = {tensor.name: tensor for tensor in proto.graph.initializer}
    identities = [node for node in proto.graph.node if node.op_type == "Identity" and not node.domain]
    sources: dict[str, str] = {}
    for node in identities:
        source = sources.get(node.input[0], node.input[0])
        if source in initializers:
            sources[node.output[0]] = source
    outputs = {value.name for value in proto.graph.output}
    for name, source in sources.items():
        if name not in outputs:
            copy = TensorProto()
            copy.CopyFrom(initializers[source])
            copy.name = name
            proto.graph.initializer.append(copy)
    gone = set(sources) - outputs
    _keep_nodes(proto, (node for node in proto.graph.node if node not in identities or node.output[0] not in gone))
    return proto


def _keep_nodes(proto: ModelProto, nodes: Iterable[onnx.NodeProto]) -> None:
    kept = list(nodes)
    del proto.graph.node[:]
    proto.graph.node.extend(kept)
