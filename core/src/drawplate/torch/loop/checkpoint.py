# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Where training goes on after a kill."""

from __future__ import annotations

import io
import logging
import math
from pathlib import Path
from typing import Any, Final

import torch
from attrs import define, field
from torch import Tensor, nn

from drawplate.store import sealed

EVERY: Final = 2.0
"""Seconds between two: a kill costs no more than that beyond an epoch, and short epochs do not wait for the disk."""

_log = logging.getLogger("drawplate.torch")


@define(kw_only=True)
class Progress:
    """What of a training is done."""

    stage: int = 0
    epoch: int = 0
    """Finished epochs of the stage."""
    best: float = -math.inf
    """What chooses, the greater the better."""
    best_state: dict[str, Tensor] = field(factory=dict)
    since_best: int = 0
    first_loss: float = 0.0
    """Of the stage's first batch, before any step."""


def save(
    path: Path, progress: Progress, model: nn.Module, objective: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Replace the checkpoint, atomically."""
    state = {
        "stage": progress.stage,
        "epoch": progress.epoch,
        "best": progress.best,
        "best_state": progress.best_state,
        "since_best": progress.since_best,
        "first_loss": progress.first_loss,
        "model": model.state_dict(),
        "objective": objective.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    buffer = io.BytesIO()
    torch.save(state, buffer)
    sealed.write_file(path, buffer.getvalue())


def load(path: Path, model: nn.Module, objective: nn.Module, device: str) -> tuple[Progress, dict[str, Any] | None]:
    """Return what is done and the optimiser's state; without a checkpoint, or a damaged one, a fresh start."""
    try:
        data = sealed.read_file(path)
    except FileNotFoundError:
        return Progress(), None
    except sealed.Damaged as error:
        _log.warning("the training begins anew: its checkpoint %s", error.message)
        return Progress(), None
    state = torch.load(io.BytesIO(data), map_location=device, weights_only=True)
    model.load_state_dict(state["model"])
    objective.load_state_dict(state["objective"])
    progress = Progress(
        stage=state["stage"],
        epoch=state["epoch"],
        best=state["best"],
        best_state=state["best_state"],
        since_best=state["since_best"],
        first_loss=state["first_loss"],
    )
    return progress, state["optimizer"]
