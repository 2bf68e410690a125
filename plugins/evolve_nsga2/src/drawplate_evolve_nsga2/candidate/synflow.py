# SPDX-License-Identifier: GPL-3.0-or-later
"""Synaptic flow: how much of the input could get through an untrained network; a proxy that needs no data.

Tanaka et al., "Pruning neural networks without any data by iteratively conserving synaptic flow", NeurIPS 2020; summed
over the weights as Abdelfattah et al., "Zero-cost proxies for lightweight NAS", ICLR 2021, do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from drawplate import Artifact, DrawplateError, Form, Metric, Source

if TYPE_CHECKING:
    from onnx import NodeProto

SYNFLOW = "synflow"


def synflow(model: Artifact) -> dict[str, Metric]:
    """Score a FLOAT model that can be trained; empty for any other."""
    if model.form is not Form.FLOAT:
        return {}
    try:
        value = flow_of(model)
    except DrawplateError:
        return {}  # an operator that a later step may remove before training
    note = "one image of ones through the absolute weights"
    return {SYNFLOW: Metric(name=SYNFLOW, value=value, unit="", source=Source.MEASURED, note=note)}


def flow_of(model: Artifact) -> float:
    """Return the sum of weight times gradient, with absolute weights, of the summed outputs for an image of ones.

    BatchNormalization is passed as if it had seen nothing yet.  Six digits: those behind depend on the order of sums,
    and so on the machine.

    Raises:
        ModelError: for an operator that cannot be trained through.
    """
    import torch
    from onnx import numpy_helper

    from drawplate.torch import OnnxModule

    proto = model.proto()
    zeros, ones = _statistics(proto.graph.node, 3), _statistics(proto.graph.node, 4)
    for tensor in proto.graph.initializer:
        if tensor.name in zeros | ones:
            array = numpy_helper.to_array(tensor)
            tensor.CopyFrom(numpy_helper.from_array(np.full_like(array, tensor.name in ones), tensor.name))
    module = OnnxModule(proto).double().eval()
    with torch.no_grad():
        for weight in module.parameters():
            weight.abs_()
    image = torch.ones((1, *model.inputs[0].shape[1:]), dtype=torch.float64)  # type: ignore[arg-type]
    weights = [weight for weight in module.parameters() if weight.ndim > 1]
    gradients = torch.autograd.grad(module(image).sum(), weights, allow_unused=True)
    total = sum(float((w.detach() * g).sum()) for w, g in zip(weights, gradients, strict=True) if g is not None)
    return float(f"{total:.6g}")


def _statistics(nodes: Iterable[NodeProto], index: int) -> set[str]:
    """Return the names of all running means (3) or variances (4)."""
    return {node.input[index] for node in nodes if node.op_type == "BatchNormalization"}
