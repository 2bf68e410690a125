# SPDX-License-Identifier: Apache-2.0
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from drawplate_dataflow.folding.tables import non_dominated


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_what_is_kept_covers_everything_and_nothing_kept_covers_another(rows, values, seed):
    """Up to 700 rows: more than a block.  Few values make ties and equal rows."""
    vectors = np.random.default_rng(seed).integers(0, values, (rows, 4)).astype(float)
    kept = vectors[non_dominated(vectors)]
    covers = (kept[:, None] <= vectors[None]).all(axis=2)
    assert covers.any(axis=0).all()
    among = (kept[:, None] <= kept[None]).all(axis=2)
    assert among.sum() == len(kept)
