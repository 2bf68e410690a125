# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""The exported model against the module: both compute the same, or the model does not enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import nn

from drawplate.door import Wish, put_back, take_in
from drawplate.errors import ModelError
from drawplate.torch import OnnxModule
from drawplate_quant_finn.training.torch_ops import handlers

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate.torch.exporter import Given

ITEMS: Final = 16
NEAR: Final = 1e-3
"""Of an output, relative to the largest."""
SHARE: Final = 0.05
"""Of the outputs, that a code on the border of two, which float32's last bit decides, may move further."""


def check_outputs(proto: ModelProto, module: nn.Module, given: Given) -> None:
    """Compare the outputs on a few items, random where there are no data.

    A model with an operator that only a target may know is not compared here.

    Raises:
        ModelError: when they differ.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(given.seed)
        items = torch.from_numpy(given.items(ITEMS)) if given.items else torch.rand(ITEMS, *given.shape)
        wanted = module.eval()(items)
        try:
            found = OnnxModule(put_back(take_in(proto, Wish(keep_dropout=True)).proto), handlers()).eval()(items)
        except ModelError:
            return
    if wanted.shape != found.shape:
        raise ModelError(f"gives outputs of shape {list(found.shape)} and not {list(wanted.shape)} once exported")
    apart = (found - wanted).abs() > NEAR * wanted.abs().max()
    if apart.double().mean() > SHARE:
        raise ModelError(
            f"computes something else once exported: {int(apart.sum())} of {apart.numel()} outputs differ",
            hint="a layer decides at run time what it computes; write its forward pass without that",
        )
