# SPDX-License-Identifier: Apache-2.0
"""From a DATAFLOW graph to a network of plain integers."""

from __future__ import annotations

from drawplate_dataflow.reading.read import Reading, read, reading

__all__ = ["Reading", "read", "reading"]
