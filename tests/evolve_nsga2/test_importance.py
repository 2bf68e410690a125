# SPDX-License-Identifier: GPL-3.0-or-later
"""Which genes matter."""

import random

import pytest

from drawplate_evolve_nsga2.findings.importance import importance


def test_genes_that_do_nothing_have_no_importance():
    draw = random.Random(0)
    points = [tuple(draw.randrange(8) for _ in range(3)) for _ in range(60)]
    found = importance(points, [3.0 * a + 0.5 * b for a, b, _ in points])
    assert sum(found) == pytest.approx(1)
    assert found[0] > 0.8
    assert 0.2 > found[1] > found[2]
