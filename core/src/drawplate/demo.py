# SPDX-License-Identifier: Apache-2.0
"""Which flow ``drawplate demo`` runs: the longest one that the installed plugins can carry out."""

from __future__ import annotations

from pathlib import Path

from drawplate.plugins import Plugins

FOLDER = Path(__file__).parent / "demos"


def demo_flow() -> Path:
    """Return the flow file to run.

    Fashion-MNIST where it is found, scikit-learn's digits otherwise; hardware where its plugins are installed.
    """
    from drawplate.data import available

    steps = Plugins().steps()
    data = "fashion-mnist" if available("fashion-mnist") else "digits"
    kind = "z7020" if {"quantize", "lower", "fold", "z7020"} <= set(steps) else "ort"
    return FOLDER / f"{kind}-{data}.toml"
