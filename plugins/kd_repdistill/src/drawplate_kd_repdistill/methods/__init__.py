# SPDX-License-Identifier: Apache-2.0
"""The methods that come with drawplate, one module each; importing this package imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from drawplate_kd_repdistill.method import Method

NAMES = (
    "kd",
    "hint",
    "attention",
    "similarity",
    "correlation",
    "vid",
    "crd",
    "kdsvd",
    "fsp",
    "rkd",
    "pkt",
    "abound",
    "factor",
    "nst",
    "dkd",
    "dist",
    "reviewkd",
    "kd_std",
    "dkd_std",
    "mlkd",
)
"""RepDistiller's fourteen under its names, then the newer ones."""


def own_methods() -> Mapping[str, Method]:
    """Return the methods of this package by name."""
    return {name: import_module(f"{__name__}.{name}").METHOD for name in NAMES}
