# SPDX-License-Identifier: Apache-2.0
"""Let tests import the networks that lie beside those of the dataflow library."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "dataflow"), str(Path(__file__).parent)]
