# SPDX-License-Identifier: Apache-2.0
"""Acceptance of a drawplate design on its board: ``python selftest.py /dev/ttyUSB0``; needs numpy and pyserial.

Sends the inputs of golden.npz, compares every output with the golden model bit for bit, and measures the rate of the
line.  Ends with 0 when all outputs are equal, with 1 otherwise.  Not yet tried on a board.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from drawplate_ecp5 import Accelerator, Line  # type: ignore[import-not-found, unused-ignore]  # beside it


def main(port: str | Line) -> int:
    """Compare, measure, and say both."""
    golden = np.load(Path(__file__).resolve().parent / "golden.npz", allow_pickle=False)
    inputs, outputs = golden["inputs"], golden["outputs"]
    with Accelerator(port) as net:
        start = time.perf_counter()
        found = net.run(inputs)
        seconds = time.perf_counter() - start
        planned = net.stream["link_fps"]
    wrong = np.flatnonzero((found != outputs).any(axis=1))
    if len(wrong):
        at = int(wrong[0])
        print(f"FAILED: {len(wrong)} of {len(inputs)} frames differ; the first is frame {at}:")
        print(f"  wanted {outputs[at].tolist()}\n  found  {found[at].tolist()}")
        return 1
    print(f"PASSED: {len(inputs)} frames equal the golden model bit for bit")
    print(f"measured {len(inputs) / seconds:,.0f} frames per second; the line carries {planned:,.0f}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python selftest.py PORT, e.g. /dev/ttyUSB0 or COM3")
    sys.exit(main(sys.argv[1]))
