# SPDX-License-Identifier: Apache-2.0
"""What a value of the model is in terms of the integers that flow: ``f(scale * n + shift)``, per channel."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from drawplate_quant_finn.lowering.exact.functions import Function, Line
from drawplate_quant_finn.lowering.exact.number import ZERO, Number, added, negated, sign, times
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.operators import Frame, Operator, Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto

Numbers = tuple[Number, ...]


@frozen
class Pooling:
    """A max-pool that is done later, on the codes of the next quantizer."""

    window: Window
    pads: tuple[int, int, int, int]
    node: NodeProto


Pending = tuple[Function, ...] | Pooling
"""A function per channel, or a max-pool, that the next quantizer takes in."""


@frozen(kw_only=True)
class Value:
    """A value of the model."""

    operator: Operator
    """Gives the integers n."""
    place: NDArray[np.int64] = field(repr=False)
    """Of each number, in the value's own shape without the batch: where it lies in the frame, channels fastest."""
    frame: Frame
    """Height, width, channels: those of n, but for pools that are pending."""
    scale: Numbers = field(repr=False)
    """Per channel of the frame."""
    shift: Numbers = field(repr=False)
    pending: tuple[Pending, ...] = field(default=(), repr=False)
    node: NodeProto = field(repr=False)
    """What computed it last."""

    @property
    def natural(self) -> bool:
        """Whether it lies in the frame in its own order."""
        import numpy as np

        return bool(np.array_equal(self.place.reshape(-1), np.arange(self.place.size)))

    @property
    def image(self) -> bool:
        """Whether it is channels, rows, columns of an image whose pixels flow."""
        import numpy as np

        return bool(np.array_equal(self.place, image_places(self.frame)))

    @property
    def unshifted(self) -> bool:
        """Whether the integer 0 stands for 0."""
        return all(shift == ZERO for shift in self.shift)

    def moved(self, place: NDArray[Any]) -> Value:
        """Return the same numbers in another shape or order."""
        return evolve(self, place=place)

    def mapped(self, functions: Sequence[Function], node: NodeProto) -> Value:
        """Return the value after a function per channel."""
        if self.pending or not all(isinstance(function, Line) for function in functions):
            return evolve(self, pending=(*self.pending, tuple(functions)), node=node)
        scale = tuple(times(line.scale, old) for line, old in zip(functions, self.scale, strict=True))  # type: ignore[attr-defined]
        shift = tuple(line.at(old) for line, old in zip(functions, self.shift, strict=True))
        return evolve(self, scale=scale, shift=shift, node=node)

    def carried(self, operator: Operator, node: NodeProto) -> Value:
        """Return the same numbers per channel, of another image."""
        return evolve(self, operator=operator, frame=operator.frame, place=image_places(operator.frame), node=node)

    def per_channel(self, array: NDArray[Any], node: NodeProto, what: str) -> list[Fraction]:
        """Return the numbers of a constant that meet each channel.

        Raises:
            ModelError: when they differ from pixel to pixel, or the constant is larger than the value.
        """
        import numpy as np

        shape = (1, *self.place.shape)
        if array.ndim > len(shape) or np.broadcast_shapes(array.shape, shape) != shape:
            raise refuse(node, f"{what} has the shape {list(array.shape)}", f"give it one that fits {list(shape)}")
        flat = np.empty(self.place.size, dtype=np.float64)
        flat[self.place.reshape(-1)] = np.broadcast_to(array, shape).reshape(-1)
        rows = flat.reshape(-1, self.frame[2])
        if not np.all(np.isfinite(rows)):
            raise refuse(node, f"{what} is not finite", "train or export the model again")
        if np.any(rows != rows[0]):
            raise refuse(node, f"{what} differs from pixel to pixel", "use one number, or one per channel")
        return [Fraction(float(number)) for number in rows[0]]


def equal(a: Number, b: Number) -> bool:
    """Whether two numbers are the same."""
    return a is b or sign(added(a, negated(b))) == 0


def image_places(frame: Frame) -> NDArray[np.int64]:
    """Return where channels, rows, columns lie in a frame."""
    import numpy as np

    height, width, channels = frame
    return np.arange(height * width * channels).reshape(height, width, channels).transpose(2, 0, 1)
