# SPDX-License-Identifier: Apache-2.0
"""What counts as rounding when a lowered model is compared, and what does not."""

from __future__ import annotations

import numpy as np
import pytest

from drawplate_quant_finn.compare import on_threshold
from drawplate_quant_finn.grid import Grid

UNSIGNED, SIGNS = Grid(3, signed=False), Grid(1, signed=True)


@pytest.mark.parametrize(
    ("grid", "ratio", "found", "said"),
    [
        (UNSIGNED, 2.50001, 2, True),
        (UNSIGNED, 2.49999, 3, True),
        (UNSIGNED, 2.52, 2, False),  # too far from the threshold
        (UNSIGNED, 2.50001, 4, False),  # not a neighbour of it
        (UNSIGNED, 100.50001, 6, False),  # clipped on either side
        (UNSIGNED, -0.50001, 0, True),
        (SIGNS, 0.0001, -1, True),
        (SIGNS, 0.5, -1, False),
    ],
)
def test_rounding_is_told_from_errors(grid, ratio, found, said):
    assert on_threshold(np.asarray([ratio]), np.asarray([found]), grid).tolist() == [said]
