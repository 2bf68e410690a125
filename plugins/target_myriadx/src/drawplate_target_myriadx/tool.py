# SPDX-License-Identifier: Apache-2.0
"""The tool environment that holds the compiler, and what speaks to devices."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drawplate.known import images, network
from drawplate.toolenv import DeviceTool, HostTool, Library, PythonTool
from drawplate.toolenv.spec import Caller
from drawplate_target_myriadx.device.usb import look

NAME: Final = "myriad"
OAK_NAME: Final = "oak"
_HERE: Final = Path(__file__).parent / "openvino_tool"


def _ask(call: Caller, folder: Path) -> list[float]:
    """Have the CPU plugin, which judges how the compiler reads a model, run the network whose answer is known."""
    import numpy as np

    source, given, results = folder / "known.onnx", folder / "known-in.npz", folder / "known-out.npz"
    source.write_bytes(network().SerializeToString())
    np.savez(given, x=images())
    call("execute", source=str(source), inputs=str(given), outputs=str(results))
    with np.load(results) as found:
        return [float(value) for value in found["y"].ravel()]


def _check_openvino() -> None:
    from drawplate_target_myriadx.host import check_openvino

    check_openvino()


MYRIAD: Final = PythonTool(
    name=NAME,
    summary="OpenVINO 2021.4.2: compiles for Myriad X, with or without a device",
    python=">=3.9,<3.10",
    lock=_HERE / "requirements.lock",
    worker=_HERE / "worker.py",
    question=_ask,
)

HOST: Final = Library(
    name="openvino",
    summary="OpenVINO on this host: FP16 accuracy",
    package="openvino",
    check=_check_openvino,
    hint="pip install openvino",
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
