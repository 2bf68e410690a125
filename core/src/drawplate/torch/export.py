# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""From a torch module to a FLOAT model."""

from __future__ import annotations

import io
import warnings

import torch
from onnx import ModelProto
from torch import nn

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
    return load_model_bytes(buffer.getvalue(), "the exported module")
