# SPDX-License-Identifier: Apache-2.0
"""Let tests import the networks that lie beside them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
