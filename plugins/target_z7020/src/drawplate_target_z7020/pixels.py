# SPDX-License-Identifier: Apache-2.0
"""From data to the integer codes that enter the hardware."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from onnx import ModelProto

from drawplate.data import Normalisation, normalisation_of
from drawplate.errors import ModelError
from drawplate_target_z7020.description.types import Integers


@frozen(kw_only=True)
class InputCodes:
    """How normalised values become codes, as the step ``lower`` recorded it in the model's metadata."""

    bits: int
    signed: bool
    narrow: bool
    scale: float

    @property
    def bipolar(self) -> bool:
        """Whether the codes are -1 and +1."""
        return self.signed and self.bits == 1

    @property
    def high(self) -> int:
        """The greatest code."""
        return 1 if self.bipolar else (1 << (self.bits - self.signed)) - 1

    @property
    def low(self) -> int:
        """The least code."""
        return (-self.high - (not self.narrow and not self.bipolar)) if self.signed else 0

    def of(self, x: NDArray[np.float32]) -> Integers:
        """Turn normalised values into codes: ``clip(round(x / scale))``, or the sign for one signed bit."""
        ratio = x / np.float32(self.scale)
        if self.bipolar:
            return np.where(ratio >= 0, np.int64(1), np.int64(-1))
        codes: Integers = np.clip(np.rint(ratio), self.low, self.high).astype(np.int64)
        return codes


def input_codes(proto: ModelProto) -> InputCodes | None:
    """Read how codes are made; None where the model does not say."""
    found = {entry.key.removeprefix("drawplate."): entry.value for entry in proto.metadata_props}
    if "input_bits" not in found or "input_scale" not in found:
        return None
    return InputCodes(
        bits=int(found["input_bits"]),
        signed=found.get("input_signed") == "true",
        narrow=found.get("input_narrow") == "true",
        scale=float(found["input_scale"]),
    )


def encode_images(proto: ModelProto, images: NDArray[Any], fallback: Normalisation) -> Integers:
    """Turn items into what the hardware takes: codes, or the integers themselves where the model does not say.

    Args:
        proto: the lowered model.
        images: any real type, shape (N, ...).
        fallback: normalisation where the model does not record one.

    Raises:
        ModelError: when the model does not say how floats become codes.
    """
    codes = input_codes(proto)
    if codes is None and images.dtype.kind == "f":
        raise ModelError(
            "does not say how floats become integers", where="the lowered model's input", hint="lower it with 'lower'"
        )
    if codes is None:
        return images.astype(np.int64)
    return codes.of((normalisation_of(proto) or fallback).apply(images))
