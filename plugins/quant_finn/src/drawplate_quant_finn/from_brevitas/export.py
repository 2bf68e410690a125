# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""A module with Brevitas' layers into QONNX."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from brevitas.export.onnx.qonnx.manager import QONNXManager
from brevitas.quant_tensor import QuantTensor
from onnx import helper
from torch import nn

from drawplate.errors import ModelError
from drawplate.graph.facts import QUANT_OPS
from drawplate.torch.export import OPSET, keep_buffers, left_out
from drawplate.torch.exporter import Exported, Given
from drawplate_quant_finn.from_brevitas.check import check_outputs
from drawplate_quant_finn.from_brevitas.feed import feed
from drawplate_quant_finn.from_brevitas.refuse import refuse_what_has_no_qonnx
from drawplate_quant_finn.from_brevitas.scales import Kind, kind_of, write_scale
from drawplate_quant_finn.from_brevitas.weights import settle_weights
from drawplate_quant_finn.graph import Graph

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto


MARK = "/export_handler"
"""Stands in a node's name behind that of the quantizer that it comes from."""


class _Manager(QONNXManager):  # type: ignore[misc]  # Brevitas has no types
    """Brevitas' exporter, with Dropout kept, for the model is trained here, and numbers left apart from weights."""

    run_onnx_passes = False

    @classmethod
    def set_export_mode(cls, model: nn.Module, enabled: bool) -> None:
        super().set_export_mode(model, enabled)
        for part in model.modules():
            if isinstance(part, nn.Dropout):
                part.train(enabled)


def exported(module: nn.Module, given: Given) -> Exported:
    """Export a module, its quantizers' scales as they are in Brevitas, and compare it with the module.

    Raises:
        ModelError: when a layer has no QONNX, Brevitas cannot export the module, or the result computes something else.
    """
    refuse_what_has_no_qonnx(module)
    with _plain_outputs(module), _quiet():
        notes = [*left_out(module), *feed(module, given)]
        module.eval()
        proto = _by_brevitas(module, given)
        quantizers = _by_proxy(proto, module)
        _unsigned_bits(proto, module, quantizers)
        notes += settle_weights(proto, module, quantizers)
        notes += _scales(proto, module, quantizers)
        keep_buffers(proto, module)
        check_outputs(proto, module, given)
    return Exported(proto, tuple(notes))


def _by_brevitas(module: nn.Module, given: Given) -> ModelProto:
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(given.seed)
            proto: ModelProto = _Manager.export(
                module,
                args=torch.zeros(2, *given.shape),
                input_names=["input"],
                output_names=["logits"],
                opset_version=OPSET,
                dynamic_axes={"input": {0: "N"}, "logits": {0: "N"}},
                do_constant_folding=False,
                keep_initializers_as_inputs=False,
                training=torch.onnx.TrainingMode.PRESERVE,
                dynamo=False,
            )
    except ModuleNotFoundError as error:
        raise ModelError(f"Brevitas cannot export it: {error}", hint="pip install onnxoptimizer") from error
    except Exception as error:  # exporters raise whatever a layer does
        raise ModelError(f"Brevitas cannot export it: {type(error).__name__}: {error}") from error
    return proto


def _by_proxy(proto: ModelProto, module: nn.Module) -> dict[str, list[NodeProto]]:
    """Return the quantizers of the graph by the name of the part of the module that they come from."""
    parts, found = dict(module.named_modules()), dict[str, list[Any]]()
    for node in proto.graph.node:
        name = node.name.partition(MARK)[0].strip("/").replace("/", ".")
        if MARK in node.name and node.op_type in QUANT_OPS and name in parts:
            found.setdefault(name, []).append(node)
    return found


def _unsigned_bits(proto: ModelProto, module: nn.Module, quantizers: dict[str, list[NodeProto]]) -> None:
    """Write unsigned integers of one bit, 0 and 1, as what they are: Brevitas writes them as signs."""
    graph = Graph(proto)
    for name, nodes in quantizers.items():
        signs = [node for node in nodes if node.op_type == "BipolarQuant"]
        if signs and not getattr(module.get_submodule(name), "is_signed", True):
            zero, bits = (
                graph.add_array(f"{name}.{part}", np.asarray(n, np.float32))
                for part, n in (("zero_point", 0), ("bits", 1))
            )
            for node in signs:
                node.op_type = "Quant"
                node.input.extend([zero, bits])
                settings = {"signed": 0, "narrow": 0, "rounding_mode": "ROUND"}
                node.attribute.extend(helper.make_attribute(key, value) for key, value in settings.items())


def _scales(proto: ModelProto, module: nn.Module, quantizers: dict[str, list[NodeProto]]) -> list[str]:
    graph, kinds = Graph(proto), Counter[Kind]()
    for name, nodes in quantizers.items():
        same = [node for node in nodes if node.op_type in {"Quant", "BipolarQuant"} and node.input[1] in graph.arrays()]
        if same:
            kinds[write_scale(graph, same, kind_of(module.get_submodule(name)), name)] += 1
    _drop_unread(proto)
    said = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return [f"scales of {kinds.total()} quantizers of Brevitas: {said}"] if kinds else []


def _drop_unread(proto: ModelProto) -> None:
    read = {name for node in proto.graph.node for name in node.input} | {value.name for value in proto.graph.output}
    for tensor in [tensor for tensor in proto.graph.initializer if tensor.name not in read]:
        proto.graph.initializer.remove(tensor)


@contextmanager
def _plain_outputs(module: nn.Module) -> Iterator[None]:
    """Let a module return a tensor where its last layer returns Brevitas' tensor with a scale."""
    handle = module.register_forward_hook(
        lambda _module, _inputs, output: output.value if isinstance(output, QuantTensor) else output
    )
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of what Brevitas does on purpose
        yield
