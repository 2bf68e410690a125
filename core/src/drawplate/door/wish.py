# SPDX-License-Identifier: Apache-2.0
"""What the flow says about a model that enters."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Wish:
    """Nothing of it has to be said."""

    shape: tuple[int, ...] | None = None
    """Of one sample: ``[model] shape``."""
    data: tuple[int, ...] | None = None
    """Of one sample of the flow's data."""
    outputs: tuple[str, ...] = ()
    """Names of the outputs to keep: ``[model] outputs``; empty for those of the file."""
    task: str | None = None
    """Kind of the data's task, where there are data."""
    keep_dropout: bool = False
    """For models that are made to be trained here."""
