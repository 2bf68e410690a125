# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""How torch computes: in float32 unless told otherwise, by so many threads, the same way every time."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import torch

from drawplate.known import ask
from drawplate.torch.ops.product import by_onednn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto


_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
"""Numbers of glibc's malloc.h."""
_KEPT: Final = 1 << 30
"""Bytes."""


@cache
def check(device: str = "cpu") -> None:
    """Ask torch, and our bridge, what is known; once per device.

    Raises:
        ToolWrong: when a device computes wrongly here.
    """
    from drawplate.torch.module import OnnxModule

    def answer(model: ModelProto, images: NDArray[np.float32]) -> list[float]:
        module = OnnxModule(model, {}).to(device).eval()
        with repeatable(), torch.no_grad():
            found: list[float] = module(torch.from_numpy(images).to(device)).cpu().ravel().tolist()
        return found

    ask(answer, f"PyTorch {torch.__version__} ({device})")


@contextmanager
def repeatable(threads: int = 1) -> Iterator[None]:
    """Have equal inputs give equal bytes on a processor.

    Sums are split between threads, so their number is part of what a result depends on: it is given, and not taken
    from the machine.

    Args:
        threads: that share one operator on a CPU.
    """
    cudnn = torch.backends.cudnn
    before = torch.get_num_threads(), cudnn.benchmark, cudnn.deterministic
    torch.set_num_threads(threads)
    cudnn.benchmark, cudnn.deterministic = False, True
    keep_memory()
    try:
        with _full_float32():
            yield
    finally:
        torch.set_num_threads(before[0])
        cudnn.benchmark, cudnn.deterministic = before[1:]


@cache
def keep_memory() -> bool:
    """Have malloc keep the large blocks that it is given back; tell whether it can be told so.

    Every step of a training asks for the same ones again, and the system would have to clear each page each time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None  # glibc's
    if mallopt is None:
        return False
    return all(mallopt(what, _KEPT) == 1 for what in (_MMAP_THRESHOLD, _TRIM_THRESHOLD))


def describe(device: str, threads: int) -> str:
    """Say what bytes depend on beside the model, the data, the options and the seed."""
    if device.startswith("cuda"):
        return f"PyTorch {torch.__version__}, {torch.cuda.get_device_name(torch.device(device))}"
    kernels = torch.backends.cpu.get_cpu_capability()
    products = ", large products by oneDNN" if by_onednn() else ""
    return f"PyTorch {torch.__version__}, {threads} thread{'s' if threads > 1 else ''}, {kernels} kernels{products}"


@contextmanager
def _full_float32() -> Iterator[None]:
    """Keep libraries from computing float32 in TF32 (cuDNN's default) or bfloat16."""
    rooms = _rooms()
    before = [room.fp32_precision for room in rooms]
    for room in rooms:
        room.fp32_precision = "ieee"
    try:
        yield
    finally:
        for room, value in zip(rooms, before, strict=True):
            room.fp32_precision = value


def _rooms() -> tuple[Any, ...]:
    backends: Any = torch.backends
    return (
        backends.cuda.matmul,
        backends.cudnn.conv,
        backends.cudnn.rnn,
        backends.mkldnn.matmul,
        backends.mkldnn.conv,
        backends.mkldnn.rnn,
    )
