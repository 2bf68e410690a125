# SPDX-License-Identifier: Apache-2.0
"""What became of one network."""

from __future__ import annotations

import re
from typing import Literal

from attrs import frozen

from drawplate import DrawplateError


@frozen(kw_only=True)
class Verdict:
    """The judges' word on one network."""

    outcome: Literal["agreed", "refused", "finding"]
    stage: str = ""
    """Where it was refused, or which judge differs."""
    message: str = ""
    rounded: int = 0
    """Values of the float32 model that its own rounding put on the other side of a tie; proven in exact arithmetic."""
    foldings: int = 0
    """How many foldings were simulated."""
    kinds: tuple[str, ...] = ()
    """The kinds of layers that hardware has of it, where all agreed."""
    seconds: float = 0.0

    @property
    def reason(self) -> str:
        """The message without names and numbers: what refusals and findings are grouped by."""
        first = self.message.splitlines()[0] if self.message else ""
        return f"{self.stage}: " + re.sub(r"'[^']*'|-?\d+(\.\d+)?(e-?\d+)?", "_", first)[:140]


class Finding(Exception):
    """Judges differ, or something broke."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(f"{stage}: {message}")
        self.stage, self.message = stage, message


class Refused(Exception):
    """The plan refuses the network."""

    def __init__(self, stage: str, error: DrawplateError) -> None:
        super().__init__(error.message)
        self.stage, self.error = stage, error
