# SPDX-License-Identifier: Apache-2.0
"""Acceptance of a drawplate design on its board: ``sudo -i python3 $PWD/selftest.py [--own-engine]``.

Loads the bitstream, sends the inputs of golden.npz, compares every output with the golden model bit for bit, and
measures the rate; where vectors.npz holds examples as they come (``raw``), classifies them and says how often the
model's own answer is met.  Ends with 0 when all outputs are equal, with 1 otherwise, and
with 2 away from a board.  Not yet tried on a board.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from drawplate_driver import Accelerator  # type: ignore[import-not-found, unused-ignore]  # beside it on the board

FRAMES = 10_000
"""Sent to measure the rate."""


def main() -> int:
    """Compare, measure, and say both."""
    here = Path(__file__).resolve().parent
    golden = np.load(here / "golden.npz", allow_pickle=False)
    inputs, outputs = golden["inputs"], golden["outputs"]
    if find_spec("pynq") is None:
        print("this runs on the board: copy the folder there, see BOARD.md (there is no package pynq here)")
        return 2
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
    classify(net, here / "vectors.npz")
    net.close()
    return 0


def classify(net: Accelerator, path: Path) -> None:
    """Say what becomes of examples as they come: they are encoded here, and no integers of a simulation."""
    vectors = np.load(path, allow_pickle=False) if path.exists() else {}
    if "raw" not in vectors:
        return
    scores, _ = net.run(net.encode(vectors["raw"]))
    if scores.shape[1] == 1 or "labels" not in vectors or vectors["labels"].ndim != 1:
        return
    found, wanted = scores.argmax(axis=1), vectors["y"].reshape(len(scores), -1).argmax(axis=1)
    print(f"{np.mean(found == wanted):.1%} of {len(found)} examples are classified as the model does", end=", ")
    print(f"{np.mean(found == vectors['labels']):.1%} as labelled")


if __name__ == "__main__":
    sys.exit(main())
