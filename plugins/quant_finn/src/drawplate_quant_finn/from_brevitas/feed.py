# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Ranges that Brevitas finds while it is fed: a module that has seen nothing is shown training items."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from drawplate.errors import ModelError

if TYPE_CHECKING:
    from drawplate.torch.exporter import Given

ITEMS: Final = 500
BATCH: Final = 50


def feed(module: nn.Module, given: Given) -> tuple[str, ...]:
    """Show a module the first training items, in training mode and without gradients, where it has to see some.

    It has to where a range of activations has seen none, or where the whole module has not and its weights come from no
    checkpoint.  BatchNormalization that has statistics keeps them.

    Returns:
        what was done.
    """
    unseen = [part for part in module.modules() if _is_range(part) and not part.counter]
    norms = [part for part in module.modules() if isinstance(part, _BatchNorm) and part.track_running_stats]
    new = [norm for norm in norms if not norm.num_batches_tracked]
    if not unseen and (given.fed or len(new) < len(norms) or not norms):
        return ()
    if given.items is None:
        return (f"{len(unseen)} ranges of activations have seen no data, and the flow has none",) if unseen else ()
    items = torch.from_numpy(given.items(ITEMS))
    with torch.random.fork_rng(devices=[]), torch.no_grad(), _averaging(module, new, norms):
        torch.manual_seed(given.seed)
        for batch in torch.split(items, BATCH):
            try:
                module(batch)
            except Exception as error:  # whatever the module does
                raise ModelError(
                    f"its forward pass fails on training items of shape {list(batch.shape[1:])}: {error}",
                    hint="say shape = [...] in [data], or change the module",
                ) from error
    what = f"ranges of {len(unseen)} activations" if unseen else "running statistics"
    return (f"{what} found with {len(items):,} training items",)


def _is_range(part: nn.Module) -> bool:
    return type(part).__name__ in {"ParameterFromRuntimeStatsScaling", "ParameterFromRuntimeZeroPoint"}


@contextmanager
def _averaging(module: nn.Module, new: list[Any], norms: list[Any]) -> Iterator[None]:
    """Training mode; new BatchNormalization averages over all batches, old one keeps what it has."""
    momenta = {norm: norm.momentum for norm in new}
    try:
        module.train()
        for norm in norms:
            norm.momentum = None if norm in momenta else norm.momentum
            norm.train(norm in momenta)
        yield
    finally:
        for norm, momentum in momenta.items():
            norm.momentum = momentum
        module.eval()
