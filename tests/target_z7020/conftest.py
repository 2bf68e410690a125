# SPDX-License-Identifier: Apache-2.0
"""Let tests import the networks of the dataflow library's tests, and what lies beside a driver on the board."""

from __future__ import annotations

import sys
from pathlib import Path

import drawplate_dataflow.host

sys.path[:0] = [str(Path(__file__).parents[1] / "dataflow"), str(Path(__file__).parent)]
sys.path.insert(0, str(Path(drawplate_dataflow.host.__file__).parent))
