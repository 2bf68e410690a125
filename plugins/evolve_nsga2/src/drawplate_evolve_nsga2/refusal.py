# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of this plugin say until they are built."""

from __future__ import annotations

from attrs import frozen

from drawplate import DrawplateError


@frozen(kw_only=True)
class Options:
    """None yet."""


def not_built(step: str) -> DrawplateError:
    """Make the refusal."""
    return DrawplateError(
        "is not built yet", where=f"step {step!r}", hint="leave it out; drawplate sweep goes over grids of options"
    )
