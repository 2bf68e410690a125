# SPDX-License-Identifier: Apache-2.0
"""Descriptors of the neural compute engine."""

from __future__ import annotations

from typing import Final

from drawplate_target_myriadx.blob.cursor import Cursor, damaged
from drawplate_target_myriadx.blob.model import Operation

KINDS: Final = {0: "conv", 1: "conv_pool", 2: "fc", 4: "pool"}
MODES: Final = 5
INDICES: Final = 5  # buffers of input, output, coefficients, bias and scale


def read_operations(cursor: Cursor) -> tuple[Operation, ...]:
    """Read the descriptors at the start of a stage's parameters.

    Raises:
        ModelError: when they are damaged.
    """
    count = cursor.word()
    return tuple(_operation(cursor) for _ in range(count))


def _operation(cursor: Cursor) -> Operation:
    kind = cursor.word()
    if kind not in KINDS:
        raise damaged(f"there is no hardware operation {kind}", cursor.at - 4)
    if kind == 4:
        cursor.word()  # whether it takes the maximum or the average
    mode = cursor.word()
    if mode >= MODES:
        raise damaged(f"there is no hardware mode {mode}", cursor.at - 4)
    if cursor.word():
        cursor.word()  # which sides are padded
    cursor.words(INDICES)
    channels, kernel, stride, fc_inputs = _extent(cursor, kind)
    if kind == 1:
        cursor.words(2)  # the pool's width and height
    relu = bool(cursor.word())
    if relu:
        cursor.words(3)  # t0, a0 and a1 of the activation
    clamp = cursor.real() if cursor.word() else None
    cursor.words(2)  # whether data and coefficients of the descriptor before are used again
    return Operation(
        kind=KINDS[kind],
        mode=mode,
        channels=channels,
        kernel=kernel,
        stride=stride,
        relu=relu,
        clamp=clamp,
        fc_inputs=fc_inputs,
    )


def _extent(cursor: Cursor, kind: int) -> tuple[int, tuple[int, int], int, int]:
    """Return output channels, kernel, stride, and inputs of a fully connected layer."""
    if kind == 2:
        _input_offset, inputs, _output_offset, outputs, _accumulate = cursor.words(5)
        return outputs, (1, 1), 1, inputs
    _offset, channels, width, height, stride = cursor.words(5)
    return channels, (width, height), stride, 0
