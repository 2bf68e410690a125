# SPDX-License-Identifier: GPL-3.0-or-later
"""Step ``tune``: NSGA-II over the options of any steps.  Not built yet: it says so before anything is run."""

from __future__ import annotations

from drawplate import Artifact, Card, Form, Preview, Verb, hookimpl
from drawplate_evolve_nsga2.refusal import Options, not_built


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="NSGA-II over the options of any steps (not built yet)",
        options={Verb.COMPRESS: Options},
        accepts={Form.FLOAT, Form.QONNX},
    )


@hookimpl
def preview() -> Preview:
    """Refuse, in the plan."""
    raise not_built("tune")


@hookimpl
def compress() -> Artifact:
    """Refuse."""
    raise not_built("tune")
