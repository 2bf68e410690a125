# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""QONNX's quantizers for the ONNX-to-torch bridge.

A scale that is an initializer is trained; a ``Constant`` stays.  One that the graph computes from the weights is a
statistic: it follows them, and no gradient passes through it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from drawplate.graph.facts import DEFAULTS
from drawplate.input_codes import rounding_mode
from drawplate.torch import Handlers, Node, Op
from drawplate_quant_finn.graph import QONNX_DOMAIN
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.training.straight_through import ROUNDINGS, Round, Sign, rounded

SMALLEST_SCALE = 2.0**-16
"""A trained scale is kept above this, as Brevitas keeps its own."""


def handlers() -> Handlers:
    """Return the handlers by domain and operator."""
    table = {"Quant": quant, "IntQuant": quant, "BipolarQuant": bipolar_quant, "Trunc": trunc}
    domains = (QONNX_DOMAIN, "onnx.brevitas", "finn.custom_op.general")
    return {(domain, name): handler for domain in domains for name, handler in table.items()}


class Quantizer(nn.Module):
    """Keeps a trained scale positive, and scales its gradient by 1 / sqrt(values * largest code).

    Esser et al., ICLR 2020, section 2.2: the scale then learns as fast as the weights.
    """

    def __init__(self, grid: Grid, *, weights: bool, trained: bool) -> None:
        super().__init__()
        self.grid, self.weights, self.trained = grid, weights, trained

    def forward(self, x: Tensor, scale: Tensor) -> Tensor:
        """Return ``x`` on the grid of this scale."""
        step = 0.0
        if self.trained:
            if self.training:
                # Not the tensor itself: where two quantizers read one scale, the second changes nothing that the
                # first has kept for its gradient, but autograd would think so.
                scale.data.clamp_(min=SMALLEST_SCALE)
            if torch.is_grad_enabled() and scale.requires_grad:
                step = 1 / math.sqrt(x.numel() / scale.numel() * self.grid.high)
        if self.grid.bipolar:
            return Sign.apply(x, scale, not self.weights, step)  # type: ignore[no-any-return, no-untyped-call]
        low, high, clipped = float(self.grid.low), float(self.grid.high), self.trained or not self.weights
        if not step and not (x.requires_grad and torch.is_grad_enabled()):
            return rounded(x, scale, low, high)
        return Round.apply(x, scale, low, high, step, clipped)  # type: ignore[no-any-return, no-untyped-call]


def quant(node: Node) -> Op:
    """``Quant``: integers of any width, rounding mode and zero point."""
    usual = DEFAULTS["Quant"]
    signed, narrow = (bool(node.attribute(name, usual[name])) for name in ("signed", "narrow"))
    mode = rounding_mode(str(node.attribute("rounding_mode", usual["rounding_mode"])))
    if mode not in ROUNDINGS:
        raise node.error(f"rounds {mode!r}; known: {', '.join(ROUNDINGS)}")
    bits, zero = node.constant(3), node.constant(2)
    if bits is not None and bits.size == 1 and zero is not None and not zero.any():
        count = float(bits.reshape(()))
        grid = Grid(int(count), signed, narrow)
        if count.is_integer() and (_never_negative(node) if grid.bipolar else mode == "HALF_EVEN"):
            trained = _trains_scale(node)
            call = Quantizer(grid, weights=node.constant(0) is not None, trained=trained)
            return Op(call, static=(2, 3), detached=() if trained else (1,))
    return Op(_general(signed=signed, narrow=narrow, rounding=ROUNDINGS[mode]), buffers=(2, 3))


def bipolar_quant(node: Node) -> Op:
    """``BipolarQuant``: the sign times a scale."""
    grid, trained = Grid(1, signed=True), _trains_scale(node)
    call = Quantizer(grid, weights=node.constant(0) is not None, trained=trained)
    return Op(call, detached=() if trained else (1,))


def trunc(node: Node) -> Op:
    """``Trunc``: drop the lowest bits of a quantized sum, as behind an average pool.

    Version 1 has five inputs and keeps the scale; version 2 has six, a scale of the output, and clips.
    """
    mode = rounding_mode(str(node.attribute("rounding_mode", DEFAULTS["Trunc"]["rounding_mode"])))
    if mode not in ROUNDINGS or len(node.inputs) not in {5, 6}:
        raise node.error("has neither five inputs (version 1) nor six (version 2), or rounds in an unknown way")
    rounding = ROUNDINGS[mode]
    signed, narrow = bool(node.attribute("signed", 1)), bool(node.attribute("narrow", 0))

    def first(x: Tensor, scale: Tensor, zero: Tensor, given: Tensor, kept: Tensor) -> Tensor:
        share = 2.0 ** (given - kept)
        ratio = (x / scale + zero) / share
        codes = rounding(_whole(x / scale + zero) / share)
        return (ratio + (codes - ratio).detach() - zero) * scale

    def second(x: Tensor, scale: Tensor, zero: Tensor, _given: Tensor, out: Tensor, kept: Tensor) -> Tensor:
        share = 2.0 ** torch.log2(out / scale).round()
        ratio = (x / scale + zero) / share
        low, high = _limits(kept, signed=signed, narrow=narrow)
        inside = torch.minimum(torch.maximum(ratio, low), high)
        whole = torch.minimum(torch.maximum(_whole(x / scale + zero) / share, low), high)
        return (inside + (rounding(whole) - inside).detach() - zero / share) * out

    return Op(first, buffers=(1, 2, 3, 4)) if len(node.inputs) == 5 else Op(second, buffers=(1, 2, 3, 4, 5))


def _limits(bits: Tensor, *, signed: bool, narrow: bool) -> tuple[Tensor, Tensor]:
    """Return the smallest and the largest code."""
    half = 2.0 ** (bits - 1)
    low = -half + int(narrow) if signed else torch.zeros_like(bits)
    return low, half - 1 if signed else 2 * half - 1 - int(narrow)


def _whole(x: Tensor) -> Tensor:
    return x.detach().round()


def _never_negative(node: Node) -> bool:
    """Whether the sign of a value is that of its ratio to the scale."""
    scale = node.constant(1)
    return scale is None or bool((scale > 0).all())


def _trains_scale(node: Node) -> bool:
    """Whether the scale is given (an initializer, or a Constant that then has no gradient) and not computed."""
    return node.constant(1) is not None


def _general(*, signed: bool, narrow: bool, rounding: Callable[[Tensor], Tensor]) -> Callable[..., Any]:
    """Every other kind of Quant, in plain torch: rare, and not fast."""

    def call(x: Tensor, scale: Tensor, zero: Tensor, bits: Tensor) -> Tensor:
        low, high = _limits(bits, signed=signed, narrow=narrow)
        ratio = x / scale + zero
        rounded = ratio + (rounding(ratio) - ratio).detach()
        # Not minimum and maximum, which halve the gradient of a code at the end of the range.
        codes = torch.where(rounded > high, high, torch.where(rounded < low, low, rounded))
        if signed:  # of one bit and a sign, the sign alone
            signs = torch.where(ratio >= 0, 1.0, -1.0)
            inside = ratio.clamp(-1, 1)
            codes = torch.where(bits == 1, inside + (signs - inside).detach(), codes)
        return (codes - zero) * scale

    return call
