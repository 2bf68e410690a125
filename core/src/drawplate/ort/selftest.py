# SPDX-License-Identifier: Apache-2.0
"""Checks the exported model on this machine: ``python selftest.py``; needs numpy and onnxruntime, not drawplate.

Computes the outputs of ``vectors.npz`` anew and compares them with what they were where the model was made.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort  # noqa: TID253 - it runs where it is copied to

HERE = Path(__file__).parent
TOLERANCE = 1e-4
"""Largest difference, relative to the largest output: other processors round otherwise."""


def main() -> int:
    """Compare, say what came of it, and return the exit code."""
    network = HERE / "network.onnx"
    path = network if network.exists() else HERE / "model.onnx"
    vectors = np.load(HERE / "vectors.npz")
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])  # noqa: TID251
    taken, x, wanted = session.get_inputs()[0], vectors["x"], vectors["y"]
    step = taken.shape[0] if isinstance(taken.shape[0], int) else len(x)
    found = np.concatenate([session.run(None, {taken.name: x[at : at + step]})[0] for at in range(0, len(x), step)])
    difference = float(np.abs(found - wanted).max()) / max(float(np.abs(wanted).max()), 1e-30)
    right = found.shape == wanted.shape and difference <= TOLERANCE
    words = f"{path.name}, {len(x)} examples: largest difference {difference:.2g} of the largest output"
    sys.stdout.write(f"{'right' if right else 'WRONG'}: {words} (at most {TOLERANCE:g})\n")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
