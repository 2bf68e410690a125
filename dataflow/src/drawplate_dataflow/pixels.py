# SPDX-License-Identifier: Apache-2.0
"""From data to the integer codes that enter the hardware."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from drawplate.data import Normalisation, normalisation_of
from drawplate.errors import ModelError
from drawplate.input_codes import input_codes
from drawplate_dataflow.network.types import Integers


def encoding_record(proto: ModelProto) -> dict[str, Any] | None:
    """Return what a driver has to know to encode data as :func:`encode_images` does, as JSON values.

    None where the model takes integers as they are.
    """
    codes, normalisation = input_codes(proto), normalisation_of(proto)
    if codes is None:
        return None
    return {
        "normalisation": None
        if normalisation is None
        else {"mean": normalisation.mean, "std": normalisation.std, "scale": normalisation.scale},
        "low": codes.low,
        "high": codes.high,
        "sign": codes.sign,
        "scale": codes.scale,
        "rounding": codes.rounding,
        "zero_point": codes.zero_point,
        "offset": codes.offset,
    }


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
    return codes.of((normalisation_of(proto) or fallback).apply(images)).astype(np.int64)
