# SPDX-License-Identifier: Apache-2.0
"""Step ``myriadx``: Intel Myriad X (NCS2, OAK).  Not built yet: it says so before anything is run."""

from __future__ import annotations

from attrs import frozen

from drawplate import Build, Card, DrawplateError, Form, Preview, Verb, hookimpl


@frozen(kw_only=True)
class Options:
    """None yet."""


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="compile for Intel Myriad X and estimate its latency (not built yet)",
        options={Verb.EXPORT: Options},
        accepts={Form.FLOAT, Form.QONNX},
    )


@hookimpl
def preview() -> Preview:
    """Refuse, in the plan."""
    raise _not_built()


@hookimpl
def export() -> Build:
    """Refuse."""
    raise _not_built()


def _not_built() -> DrawplateError:
    return DrawplateError("is not built yet", where="step 'myriadx'", hint="leave it out; ort measures on this host")
