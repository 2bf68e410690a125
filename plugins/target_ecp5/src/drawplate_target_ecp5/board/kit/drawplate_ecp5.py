# SPDX-License-Identifier: Apache-2.0
"""Runs a drawplate design on an ECP5 board, from the host at its other end; needs numpy and pyserial.

Put it beside drawplate_stream.py and stream.json, load the bitstream as BOARD.md says, then

    from drawplate_ecp5 import Accelerator
    with Accelerator("/dev/ttyUSB0") as net:
        logits = net.run(net.encode(images))
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from drawplate_stream import encode, pack, scaled, unpack  # type: ignore[import-not-found, unused-ignore]  # beside it

HERE = Path(__file__).parent
NAME_BYTES = 8
SECONDS = 5.0
"""How long an answer may take."""


class Line(Protocol):
    """What is used of ``serial.Serial``."""

    break_condition: bool

    def write(self, data: bytes) -> int | None:
        """Send bytes."""

    def read(self, size: int) -> bytes:
        """Return so many bytes, or fewer where they do not come in time."""

    def reset_input_buffer(self) -> None:
        """Forget what has come in."""

    def close(self) -> None:
        """Close it."""


class WrongDesign(Exception):
    """The board runs another design, or none."""


class Accelerator:
    """A design on a board, behind a serial line."""

    def __init__(self, port: str | Line, record: str | Path = HERE / "stream.json") -> None:
        """Open the line, reset the design and see that it is the one that the record describes.

        Args:
            port: name of the serial port, or an open one.
            record: the stream.json that came with the bitstream.

        Raises:
            WrongDesign: when another design answers, or none.
        """
        self.stream = json.loads(Path(record).read_text(encoding="utf-8"))
        self.link = self.stream["link"]
        self.line: Line = _open(port, self.link["baud"]) if isinstance(port, str) else port
        self.reset()

    def reset(self) -> None:
        """Reset the design by a break on the line: frames that are under way are lost.

        Raises:
            WrongDesign: when another design answers, or none.
        """
        self.line.break_condition = True
        time.sleep(max(0.001, 64 / self.link["baud"]))
        self.line.reset_input_buffer()
        self.line.break_condition = False
        name = self.line.read(NAME_BYTES).hex()
        if name != self.link["name"]:
            said = f"the board answers {name}" if name else "nothing answers"
            raise WrongDesign(f"{said}, not {self.link['name']}: load the bitstream of this folder, see BOARD.md")

    def encode(self, items: np.ndarray) -> np.ndarray:
        """Turn data as they come into the integers that :meth:`run` takes; see :func:`drawplate_stream.encode`."""
        found: np.ndarray = encode(np.asarray(items), self.stream["encoding"])
        return found

    def run(self, values: np.ndarray) -> np.ndarray:
        """Send frames and return what the network says of each.

        Args:
            values: [N, ...], integers of the network's input.

        Returns:
            [N, outputs]: logits, or integers where the network has no scale.

        Raises:
            TypeError: for anything but integers; :meth:`encode` makes them.
            ValueError: for another shape than a batch, or values without a code.
            TimeoutError: when an answer does not come.
        """
        words = pack(np.asarray(values), self.stream["input"])
        size, answers = words.shape[1], bytearray()
        expected = self.stream["output"]["bus_words"]
        ahead = max(1, self.link["buffer"] // size)
        for sent in range(len(words)):
            while sent - len(answers) // expected >= ahead:
                self._hear(answers, expected)
            self.line.write(words[sent].tobytes())
        while len(answers) < expected * len(words):
            self._hear(answers, expected)
        raw = np.frombuffer(bytes(answers), np.uint8).reshape(len(words), expected)
        found: np.ndarray = scaled(unpack(raw, self.stream["output"]), self.stream)
        return found

    def _hear(self, answers: bytearray, size: int) -> None:
        heard = self.line.read(size - len(answers) % size)
        if not heard:
            raise TimeoutError(f"no answer within {SECONDS:g} s, after {len(answers) // size} frames")
        answers += heard

    def close(self) -> None:
        """Close the line."""
        self.line.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the line."""
        self.close()


def _open(port: str, baud: int) -> Line:
    import serial

    line: Line = serial.Serial(port, baud, timeout=SECONDS)
    return line
