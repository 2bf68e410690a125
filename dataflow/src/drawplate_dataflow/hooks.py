# SPDX-License-Identifier: Apache-2.0
"""The kinds of layers that come along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drawplate.hookspecs import hookimpl


@hookimpl
def dataflow_layers() -> Mapping[str, Any]:
    """Return kinds of layers by operator."""
    from drawplate_dataflow.reading.kinds import BUILT_IN

    return BUILT_IN
