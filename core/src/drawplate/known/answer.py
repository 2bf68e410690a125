# SPDX-License-Identifier: Apache-2.0
"""Asking, and what a wrong answer means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from drawplate.errors import ToolWrong
from drawplate.known.network import ANSWER, images, network
from drawplate.processor import processor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto

    Answers = Callable[[ModelProto, NDArray[np.float32]], Iterable[float]]
    """Gives the first output of a model for its input."""

RIGHT: Final = "answers what is known rightly"


def ask(engine: Answers, name: str) -> None:
    """Ask something that computes.

    Args:
        engine: what computes.
        name: its name and version, as messages write it.

    Raises:
        ToolWrong: when its answer is another than the known one.
    """
    found = tuple(float(value) for value in engine(network(), images()))
    if found != ANSWER:
        raise wrong(name, found)


def wrong(name: str, found: Iterable[float]) -> ToolWrong:
    """Say that something computes wrongly: it is about the tool and the processor, not about anybody's model."""
    return ToolWrong(
        f"computes wrongly on this processor: a network whose answer is known to be {_row(ANSWER)} gives {_row(found)}",
        where=f"{name} on {processor()}",
        hint="nothing that it computes here can be believed: use another processor, or another version "
        "(drawplate doctor --fix makes a missing environment), and please report it with what drawplate doctor says",
    )


def _row(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.9g}" for value in values)
