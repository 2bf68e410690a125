# SPDX-License-Identifier: Apache-2.0
"""Acceptance of a drawplate design on its board: ``sudo -E python3 selftest.py [--own-engine]``.

Loads the bitstream, sends the inputs of vectors.npz, compares every output with the golden model bit for bit, and
measures the rate.  Ends with 0 when all outputs are equal, with 1 otherwise.  Not yet tried on a board.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from drawplate_driver import Accelerator  # type: ignore[import-not-found, unused-ignore]  # beside it on the board

FRAMES = 10_000
"""Sent to measure the rate."""


def main() -> int:
    """Compare, measure, and say both."""
    here = Path(__file__).resolve().parent
    vectors = np.load(here / "vectors.npz", allow_pickle=False)
    inputs, outputs = vectors["inputs"], vectors["outputs"]
    own = "--own-engine" in sys.argv[1:]
    net = Accelerator(str(here / "drawplate.bit"), str(here / "stream.json"), own_engine=own)
    found, _ = net.run(inputs)
    wrong = np.flatnonzero((found != outputs).any(axis=1))
    if len(wrong):
        at = int(wrong[0])
        print(f"FAILED: {len(wrong)} of {len(inputs)} frames differ; the first is frame {at}:")
        print(f"  wanted {outputs[at].tolist()}\n  found  {found[at].tolist()}")
        return 1
    many = np.resize(inputs, (FRAMES, *inputs.shape[1:]))
    _, seconds = net.run(many)
    planned, clock = net.stream["planned_fps"], net.stream["clock_mhz"]
    print(f"PASSED: {len(inputs)} frames equal the golden model bit for bit")
    print(f"measured {FRAMES / seconds:,.0f} frames per second, planned {planned:,.0f} at {clock:g} MHz")
    net.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
