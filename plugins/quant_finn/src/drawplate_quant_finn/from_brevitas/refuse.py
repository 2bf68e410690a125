# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""What of Brevitas has no integers, or no QONNX, refused by the name of the layer."""

from __future__ import annotations

from torch import nn

from drawplate.errors import ModelError


def refuse_what_has_no_qonnx(module: nn.Module) -> None:
    """Look at every layer.

    Raises:
        ModelError: for the first that cannot be exported: its name, and why.
    """
    for name, part in module.named_modules():
        what = _fault(part)
        if what:
            raise ModelError(
                what,
                where=f"layer {name!r}",
                allowed="integer quantizers with one scale per tensor or per channel",
                hint="choose an Int or Uint quantizer of brevitas.quant",
            )


def _fault(part: nn.Module) -> str | None:
    kind, home = type(part).__name__, type(part).__module__
    if not home.startswith("brevitas."):
        return None
    if home.endswith(("float_parameter_quant", "float_runtime_quant")) or kind == "FloatQuant":
        return "rounds to floats of few bits (minifloat), which are no integers"
    if "groupwise" in home or getattr(part, "is_groupwise", False):
        return "has one scale per group of numbers, which QONNX cannot say"
    if kind.startswith("RuntimeDynamic"):
        return "finds its scale anew for every input, which QONNX cannot say"
    if kind in {"QuantLSTM", "QuantRNN", "QuantMultiheadAttention"}:
        return f"is a {kind}, which QONNX has no operator for"
    return None
