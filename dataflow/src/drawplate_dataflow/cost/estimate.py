# SPDX-License-Identifier: Apache-2.0
"""What a cost model answers."""

from __future__ import annotations

from attrs import frozen

from drawplate_dataflow.resources import Resources


@frozen(kw_only=True)
class Estimate:
    """What a layer takes and how long it takes."""

    resources: Resources
    cycles: int
    """Per frame, when the neighbours keep up."""
