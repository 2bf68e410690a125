# SPDX-License-Identifier: Apache-2.0
"""What a flow file says, as data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from drawplate.store.keys import digest_of

MAX_STEM: Final = 100
"""Of a file's name in the name of a run; file systems take 255 bytes."""


@frozen(kw_only=True)
class ModelRef:
    """Where a model comes from."""

    name: str
    """``model``, or its name under ``[models]``."""
    kind: str
    """``onnx``, ``zoo`` or ``python``."""
    what: str
    """The file, the architecture, or ``module:factory``."""
    arguments: Mapping[str, Any]


@frozen(kw_only=True)
class StepSpec:
    """One ``[[step]]``."""

    number: int
    use: str
    name: str
    on: str
    """Name of the model or earlier step whose result it takes."""
    teachers: tuple[str, ...]
    only: tuple[str, ...]
    for_each: str | None
    options_from: str | None
    """Name of the search whose chosen options it takes over."""
    options: Mapping[str, Any]

    @property
    def label(self) -> str:
        """As messages name it."""
        return f"step {self.number} ({self.name})"


@frozen(kw_only=True)
class Flow:
    """One flow file, overrides applied."""

    path: Path
    table: Mapping[str, Any]
    """The file's content as plain values: what is kept with a run."""
    models: Mapping[str, ModelRef]
    data: Mapping[str, Any] | None
    steps: tuple[StepSpec, ...]
    seed: int

    def place(self, step: StepSpec) -> str:
        """File and step, as messages name them."""
        return f"{self.path.name}, {step.label}"

    def run_id(self, device: str) -> str:
        """Name of the run: the same content on the same kind of device is the same run, so that a killed one is found.

        Args:
            device: as torch writes it; of ``cuda:1`` the number does not count.
        """
        return f"{self.path.stem[:MAX_STEM]}-{digest_of([dict(self.table), device.partition(':')[0]])[:8]}"
