# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""From values of a graph to what methods are given."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from drawplate_kd_repdistill.loss import Activations
from drawplate_kd_repdistill.method import Need
from drawplate_kd_repdistill.taps import Taps


def value_names(taps: Taps, needs: frozenset[Need]) -> tuple[str, ...]:
    """Return the values to tap, each once."""
    names: dict[str, None] = {}
    if Need.EMBEDDING in needs:
        names[taps.embedding] = None
    for stage in taps.stages:
        if Need.STAGES in needs:
            names[stage.value] = None
        if Need.PREACTIVATIONS in needs:
            names[stage.before] = None
    return tuple(names)


def read_activations(logits: Tensor, values: Mapping[str, Tensor], taps: Taps, needs: frozenset[Need]) -> Activations:
    """Arrange tapped values; vectors become maps of 1 x 1, half precision becomes float32."""

    def maps(names: list[str]) -> tuple[Tensor, ...]:
        return tuple(_as_map(_full(values[name])) for name in names)

    return Activations(
        logits=_full(logits),
        embedding=_full(values[taps.embedding]).flatten(1) if Need.EMBEDDING in needs else None,
        stages=maps([stage.value for stage in taps.stages]) if Need.STAGES in needs else (),
        preactivations=maps([stage.before for stage in taps.stages]) if Need.PREACTIVATIONS in needs else (),
    )


def _full(value: Tensor) -> Tensor:
    return value.float() if value.dtype in (torch.float16, torch.bfloat16) else value


def _as_map(value: Tensor) -> Tensor:
    return value[:, :, None, None] if value.dim() == 2 else value
