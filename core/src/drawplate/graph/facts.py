# SPDX-License-Identifier: Apache-2.0
"""What QONNX says of its quantizers, once.

From QONNX's operator pages (docs/qonnx-custom-ops): a quantizer's first input is data, the others are its settings;
``signed`` is 1 and ``rounding_mode`` is ROUND where they are absent, ``narrow`` is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STANDARD: Final = frozenset({"", "ai.onnx"})
"""Both names of ONNX's own operators."""
QONNX_DOMAIN: Final = "qonnx.custom_op.general"
LEGACY_DOMAINS: Final = frozenset({"qonnx", "onnx.brevitas", "finn.custom_op.general", "finn"})
"""What older writers call QONNX's domain: its converter of QKeras models, Brevitas, FINN."""
QUANT_DOMAINS: Final = frozenset({QONNX_DOMAIN, *LEGACY_DOMAINS})
QUANT_OPS: Final = frozenset({"Quant", "BipolarQuant", "Trunc", "IntQuant", "FloatQuant"})
LEGACY_OPS: Final[Mapping[str, str]] = {"IntQuant": "Quant"}
"""Newer names of the same operator, by what this project calls it."""
DEFAULTS: Final[Mapping[str, Mapping[str, int | str]]] = {
    "Quant": {"signed": 1, "narrow": 0, "rounding_mode": "ROUND"},
    "Trunc": {"rounding_mode": "FLOOR"},
}
"""Attributes of a quantizer that may be absent, and what is meant then."""
