# SPDX-License-Identifier: Apache-2.0
"""What this machine computes with: its processor's name, and what it gains from."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

CPUINFO: Final = Path("/proc/cpuinfo")


@cache
def processor() -> str:
    """Name of the processor."""
    for line in _cpuinfo().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "unknown processor"


@cache
def has_bf16(device: str) -> bool:
    """Whether a device computes in bfloat16 faster than in float32.

    Args:
        device: as torch writes it.
    """
    if device.startswith("cuda"):
        import torch

        return torch.cuda.get_device_capability(torch.device(device))[0] >= 8
    return any(flag in _cpuinfo() for flag in ("avx512_bf16", "amx_bf16"))


@cache
def mkl_keeps_to_avx2() -> bool:
    """Whether this is a processor with AVX-512 that is not Intel's."""
    known = _cpuinfo()
    return "avx512f" in known and "GenuineIntel" not in known


def gains_from_bf16(shapes: Iterable[tuple[int, ...]], device: str) -> bool:
    """Whether a model is trained faster in bfloat16.

    Convolutional models gain 2 to 3 times with channels last where the processor has it; perceptrons and depthwise
    convolutions do not.

    Args:
        shapes: of its weights, in the graph's order.
        device: where it is trained.
    """
    kernels = [shape for shape in shapes if len(shape) == 4]
    depthwise = any(shape[1] == 1 and shape[0] > 1 and shape[2] > 1 for shape in kernels[1:])
    return bool(kernels) and not depthwise and has_bf16(device)


def _cpuinfo() -> str:
    try:
        return CPUINFO.read_text(encoding="utf-8")
    except OSError:
        return ""
