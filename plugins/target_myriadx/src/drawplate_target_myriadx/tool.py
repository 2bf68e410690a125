# SPDX-License-Identifier: Apache-2.0
"""The tool environment that holds the compiler."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drawplate.toolenv import PythonTool

NAME: Final = "myriad"
_HERE: Final = Path(__file__).parent / "openvino_tool"

MYRIAD: Final = PythonTool(
    name=NAME,
    summary="OpenVINO 2021.4.2: compiles for Myriad X, with or without a device",
    python=">=3.9,<3.10",
    lock=_HERE / "requirements.lock",
    worker=_HERE / "worker.py",
)
