# SPDX-License-Identifier: GPL-3.0-or-later
"""A search on a cluster of two machines (two raylets on this one) survives the loss of whatever it has."""

import pytest

pytestmark = pytest.mark.slow
