# SPDX-License-Identifier: Apache-2.0
"""How the numbers that a model is fed become the integers that hardware takes: recorded once, read by every target.

The step that lowers a model writes it into the model's metadata (``drawplate.input_*``).  A target, its simulation and
its driver compute codes with :meth:`InputCodes.of`, in float32, as QONNX's ``Quant`` at the input does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto

ALIASES: Mapping[str, str] = {"ROUND": "HALF_EVEN", "ROUND_TO_ZERO": "DOWN"}
"""Other names of QONNX's rounding modes."""
MODES = ("HALF_EVEN", "HALF_UP", "HALF_DOWN", "FLOOR", "CEIL", "UP", "DOWN")
"""QONNX's rounding modes; UP and HALF_UP are away from 0, DOWN and HALF_DOWN towards it."""


def rounding_mode(name: str) -> str:
    """Return the one name of a rounding mode of QONNX, in capitals; what is unknown as it is."""
    upper = name.upper()
    return ALIASES.get(upper, upper)


def round_as(mode: str) -> Callable[[Any], Any]:
    """Return QONNX's rounding of arrays in a mode of :data:`MODES`."""
    import numpy as np

    half = np.float32(0.5)
    ways: dict[str, Callable[[Any], Any]] = {
        "HALF_EVEN": np.rint,
        "HALF_UP": lambda x: np.sign(x) * np.floor(np.abs(x) + half),
        "HALF_DOWN": lambda x: np.sign(x) * np.ceil(np.abs(x) - half),
        "FLOOR": np.floor,
        "CEIL": np.ceil,
        "UP": lambda x: np.sign(x) * np.ceil(np.abs(x)),
        "DOWN": np.trunc,
    }
    return ways[mode]


@frozen(kw_only=True)
class InputCodes:
    """``clip(round(x / scale + zero_point), low, high) - offset``; the sign for one signed bit."""

    bits: int
    signed: bool
    narrow: bool = False
    """Whether the most negative code (of unsigned ones, the largest) is left out."""
    scale: float
    rounding: str = "HALF_EVEN"
    zero_point: float = 0.0
    offset: int = 0
    """Taken off every code, so that 0 stands for 0."""

    @property
    def sign(self) -> bool:
        """Whether codes are -1 and +1."""
        return self.signed and self.bits == 1

    @property
    def low(self) -> int:
        """Smallest code, before the offset."""
        if self.sign:
            return -1
        return int(self.narrow) - (1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """Largest code, before the offset."""
        if self.sign:
            return 1
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1 - int(self.narrow)

    def of(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn what the model is fed into codes, as float32 of any shape."""
        import numpy as np

        ratio = np.asarray(x, dtype=np.float32) / np.float32(self.scale)
        if self.zero_point:
            ratio = ratio + np.float32(self.zero_point)
        if self.sign:
            return np.where(ratio >= 0, np.float32(1), np.float32(-1))
        codes: NDArray[np.float32] = round_as(self.rounding)(np.clip(ratio, self.low, self.high)).astype(np.float32)
        return codes - np.float32(self.offset) if self.offset else codes

    def values(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the numbers that codes stand for, in float32."""
        import numpy as np

        whole: NDArray[np.float32] = np.asarray(codes, dtype=np.float32) + np.float32(self.offset)
        return (whole - np.float32(self.zero_point)) * np.float32(self.scale)

    def record(self, proto: ModelProto) -> None:
        """Write it into a model's metadata; the last three only where they are not the usual ones."""
        told = {
            "input_bits": self.bits,
            "input_signed": str(self.signed).lower(),
            "input_narrow": str(self.narrow).lower(),
            "input_scale": repr(self.scale),
            "input_rounding": self.rounding if self.rounding != "HALF_EVEN" else None,
            "input_zero_point": repr(self.zero_point) if self.zero_point else None,
            "input_offset": self.offset or None,
        }
        for key, value in told.items():
            _write(proto, f"drawplate.{key}", None if value is None else str(value))


def input_codes(proto: ModelProto) -> InputCodes | None:
    """Read how a model's codes are made off its metadata; None where it does not say.

    Raises:
        ModelError: for a rounding mode that is not known.
    """
    found = {entry.key.removeprefix("drawplate."): entry.value for entry in proto.metadata_props}
    if "input_bits" not in found or "input_scale" not in found:
        return None
    mode = rounding_mode(found.get("input_rounding", "HALF_EVEN"))
    if mode not in MODES:
        raise ModelError(f"is {mode!r}", where="metadata 'drawplate.input_rounding'", allowed=MODES)
    return InputCodes(
        bits=int(found["input_bits"]),
        signed=found.get("input_signed") == "true",
        narrow=found.get("input_narrow") == "true",
        scale=float(found["input_scale"]),
        rounding=mode,
        zero_point=float(found.get("input_zero_point", 0)),
        offset=int(found.get("input_offset", 0)),
    )


def _write(proto: ModelProto, key: str, value: str | None) -> None:
    for entry in [entry for entry in proto.metadata_props if entry.key == key]:
        proto.metadata_props.remove(entry)
    if value is not None:
        proto.metadata_props.add(key=key, value=value)
