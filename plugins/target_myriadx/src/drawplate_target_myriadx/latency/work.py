# SPDX-License-Identifier: Apache-2.0
"""What a stage does, as far as the latency model prices it."""

from __future__ import annotations

import math
from typing import Final

from attrs import astuple, frozen

from drawplate_target_myriadx.blob import Blob, Operation, Place, Stage
from drawplate_target_myriadx.nce import MACS_PER_CYCLE, OVERHEAD
from drawplate_target_myriadx.words import words

ELEMENTWISE: Final = words(
    """Sum Prod Relu LeakyRelu Power Clamp ScaleShift Bias BiasRelu Max Div PRelu SquaredDiff Min"""
)
TRANSCENDENTAL: Final = words("Swish Sigmoid Tanh SoftMax HSwish Mish Gelu Elu Exp Log Erf SoftPlus")
ARITHMETIC: Final = words("Conv DepthConv Deconvolution DepthDeconv FC GEMM Im2ColConvolution RefConvolution ConvND")
"""Products on the SHAVEs: of dilated convolutions, unequal strides, kernels too large for the NCE, or two results.  No
published measurement tells their price."""


@frozen
class Work:
    """Amounts that are priced."""

    launches: float = 0.0
    """Stages, injected ones included."""
    nce_cycles: float = 0.0
    descriptors: float = 0.0
    """Of NCE stages, beyond the first of each: parts of a layer that the NCE is set up for one after the other."""
    element_bytes: float = 0.0
    """In and out of element-wise SHAVE stages."""
    function_bytes: float = 0.0
    """In and out of SHAVE stages of transcendental functions."""

    def __add__(self, other: Work) -> Work:
        return Work(*(mine + its for mine, its in zip(self.amounts, other.amounts, strict=True)))

    def __sub__(self, other: Work) -> Work:
        return Work(*(mine - its for mine, its in zip(self.amounts, other.amounts, strict=True)))

    def __truediv__(self, number: float) -> Work:
        return Work(*(mine / number for mine in self.amounts))

    @property
    def amounts(self) -> tuple[float, ...]:
        """The amounts in the order of the fields."""
        return astuple(self)


def stage_work(stage: Stage) -> Work:
    """Return a stage's own work, without that of a stage injected into it."""
    if stage.hardware:
        return Work(launches=1, nce_cycles=stage_cycles(stage), descriptors=len(stage.operations) - 1)
    moved = moved_bytes(stage)
    return Work(
        launches=1,
        element_bytes=moved if stage.type in ELEMENTWISE else 0,
        function_bytes=moved if stage.type in TRANSCENDENTAL else 0,
    )


def moved_bytes(stage: Stage) -> int:
    """Return the bytes that a stage takes and gives, its constants included."""
    return sum(buffer.tensor.nbytes for buffer in stage.buffers if buffer.place is not Place.NONE)


def stage_cycles(stage: Stage) -> float:
    """Return NCE cycles of a stage: the compiler's cost per output pixel, times the pixels; pools do not count."""
    taken, given = stage.buffers[0].tensor, stage.buffers[-1].tensor
    pixels = given.extent("W") * given.extent("H")
    return sum(_operation_cycles(operation, taken.extent("C"), pixels) for operation in stage.operations)


def _operation_cycles(operation: Operation, inputs: int, pixels: int) -> float:
    if operation.kind == "pool":
        return 0.0
    if operation.kind == "fc":
        return operation.fc_inputs * operation.channels / MACS_PER_CYCLE
    before_pool = pixels * 4 if operation.kind == "conv_pool" else pixels
    width, height = operation.kernel
    blocks = math.ceil(inputs / 2**operation.mode)
    return float((blocks * width * height + OVERHEAD[operation.mode]) * before_pool)


def ideal_cycles(stage: Stage) -> float:
    """Return the cycles that a stage's products would take with every multiplier busy."""
    taken, given = stage.buffers[0].tensor, stage.buffers[-1].tensor
    pixels = given.extent("W") * given.extent("H")
    total = 0.0
    for operation in stage.operations:
        if operation.kind == "fc":
            total += operation.fc_inputs * operation.channels / MACS_PER_CYCLE
        elif operation.kind != "pool":
            area = math.prod(operation.kernel) * (4 if operation.kind == "conv_pool" else 1)
            total += taken.extent("C") * operation.channels * area * pixels / MACS_PER_CYCLE
    return total


def network_work(blob: Blob) -> Work:
    """Return the work of one inference."""
    total = Work()
    for stage in blob.all_stages():
        total += stage_work(stage)
    return total
