# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Rounding weights so that what a layer computes stays near: GPTQ, GPFQ and learned rounding, by Brevitas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import torch
from brevitas.graph.gpfq import GPFQ
from brevitas.graph.gptq import GPTQ
from brevitas.graph.gpxq import LayerHandler
from brevitas.utils.torch_utils import StopFwdException as Collected
from torch import Tensor

from drawplate_quant_finn.posttraining.layer import Layer

if TYPE_CHECKING:
    from drawplate_quant_finn.posttraining.taps import Taps

STEPS: Final = 300
RATE: Final = 1e-2
REGULAR: Final = 0.01
BETAS: Final = (20.0, 2.0)
"""First and last exponent of the term that drives learned roundings to 0 or 1 (Nagel et al., ICML 2020, eq. 24)."""
QUIET: Final = 0.2
"""Part of the steps before that term counts."""


def gptq(layer: Layer, rounded: Taps, _plain: Taps, _seed: int) -> Tensor:
    """Round column by column, each error moved to the columns that are still to come (Frantar et al., ICLR 2023)."""
    module = layer.module()
    options = {"act_order": True, "len_parallel_layers": 1, "create_weight_orig": False, "num_blocks": 1}
    method = GPTQ(module, layer.node.name, **options)
    for batch in rounded.inputs(layer.node.name):
        _collect(method, module, layer.padded(batch))
    with torch.no_grad():
        method.single_layer_update()
        found: Tensor = module.quant_weight().value
    return found


def gpfq(layer: Layer, rounded: Taps, plain: Taps, _seed: int) -> Tensor:
    """Round weight by weight along the path of both networks' inputs (Lybrand and Saab, JMLR 2021)."""
    module = layer.module()
    method = GPFQ(module, layer.node.name, act_order=True, len_parallel_layers=1, create_weight_orig=True)
    name = layer.node.name
    for given, wanted in zip(rounded.inputs(name), plain.inputs(name), strict=True):
        _collect(method, module, layer.padded(given))
        module.weight_quant.disable_quant = True
        _collect(method, module, layer.padded(wanted))
        module.weight_quant.disable_quant = False
    with torch.no_grad():
        method.single_layer_update()
        found: Tensor = module.quant_weight().value
    return found


def learned(layer: Layer, rounded: Taps, plain: Taps, seed: int) -> Tensor:
    """Learn for every weight whether it is rounded up or down (AdaRound: Nagel et al., ICML 2020)."""
    ratio = layer.weights / layer.scale
    share = (ratio - ratio.floor()).clamp(0.01, 0.99)
    module = layer.module(learned=-torch.log(1.2 / (share + 0.1) - 1))
    chosen = next(part for name, part in module.named_parameters() if name.endswith("float_to_int_impl.value"))
    given = torch.cat([layer.padded(batch) for batch in rounded.inputs(layer.node.name)])
    with torch.no_grad():
        exact = layer.module()
        exact.weight_quant.disable_quant = True
        wanted = torch.cat([exact(layer.padded(batch)) for batch in plain.inputs(layer.node.name)])
    optimizer = torch.optim.Adam([chosen], RATE)
    random = torch.Generator().manual_seed(seed)
    module.train()
    for step in range(STEPS):
        picked = torch.randint(0, len(given), (min(64, len(given)),), generator=random)
        error = (module(given[picked]) - wanted[picked]).square().mean() / wanted.var()
        done = max(0.0, (step / STEPS - QUIET) / (1 - QUIET))
        beta = BETAS[0] + (BETAS[1] - BETAS[0]) * done
        soft = (torch.sigmoid(chosen) * 1.2 - 0.1).clamp(0, 1)
        undecided = (1 - (2 * soft - 1).abs().pow(beta)).mean() if done else torch.zeros(())
        optimizer.zero_grad()
        (error + REGULAR * undecided).backward()
        optimizer.step()
    with torch.no_grad():
        found: Tensor = module.eval().quant_weight().value
    return found


METHODS: Final[Mapping[str, Callable[[Layer, Taps, Taps, int], Tensor]]] = {
    "gptq": gptq,
    "gpfq": gpfq,
    "learned": learned,
}


def _collect(method: Any, module: Any, x: Tensor) -> None:
    with torch.no_grad():
        try:
            method.update_batch(module, (x,), LayerHandler())
        except Collected:  # how Brevitas ends a forward pass that has seen enough
            return
