# SPDX-License-Identifier: Apache-2.0
"""The tool environment that holds the compiler, and what speaks to devices."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drawplate.toolenv import DeviceTool, HostTool, PythonTool
from drawplate_target_myriadx.device.usb import look

NAME: Final = "myriad"
OAK_NAME: Final = "oak"
_HERE: Final = Path(__file__).parent / "openvino_tool"

MYRIAD: Final = PythonTool(
    name=NAME,
    summary="OpenVINO 2021.4.2: compiles for Myriad X, with or without a device",
    python=">=3.9,<3.10",
    lock=_HERE / "requirements.lock",
    worker=_HERE / "worker.py",
)

OAK: Final = HostTool(
    name=OAK_NAME,
    summary="DepthAI 3: measures on a Luxonis OAK",
    package="depthai",
    worker=Path(__file__).parent / "device" / "oak_worker.py",
    hint="only for measuring on an OAK: pip install 'drawplate-target-myriadx[oak]'",
)

DEVICE: Final = DeviceTool(
    name="myriad-device",
    summary="an NCS2 or OAK; without one, latency is estimated",
    look=look,
)
