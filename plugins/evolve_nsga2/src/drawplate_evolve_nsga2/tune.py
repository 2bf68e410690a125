# SPDX-License-Identifier: GPL-3.0-or-later
"""Step ``tune``: the options of any steps, over a grid or by NSGA-II."""

from __future__ import annotations

from drawplate import Artifact, Card, DrawplateError, Form, Preview, Verb, hookimpl
from drawplate_evolve_nsga2.options import SearchOptions


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(summary="(not built yet)", options={Verb.COMPRESS: SearchOptions}, accepts={Form.FLOAT, Form.QONNX})


@hookimpl
def preview() -> Preview:
    """Refuse, in the plan."""
    raise DrawplateError("is not built yet", where="step 'tune'")


@hookimpl
def compress() -> Artifact:
    """Refuse."""
    raise DrawplateError("is not built yet", where="step 'tune'")
