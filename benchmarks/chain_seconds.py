# SPDX-License-Identifier: Apache-2.0
"""From a QONNX file to a verified, synthesised design, cold: wall and processor seconds by step.

    DRAWPLATE_DATA=... python benchmarks/chain_seconds.py write mlp.onnx       # W3A3 784-256x3-10, not trained
    DRAWPLATE_DATA=... python benchmarks/chain_seconds.py write cnv.onnx       # W1A1 CNV on CIFAR-10
    DRAWPLATE_DATA=... python benchmarks/chain_seconds.py run NAME mlp.onnx    # NAME says which version this is

Weights are random, which changes none of the work.  `lower` proves 10,000 test images, `fold` takes PE = SIMD = 16 (so
that all versions build the same hardware), `z7020` simulates 100 images (10 of CNV) and synthesises.  It keeps to what
older versions have too: with their sources on PYTHONPATH the same file measures them.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import onnx
from _table import record

from drawplate.artifact import Form
from drawplate.job import Request
from drawplate.testing import make_runner
from drawplate.zoo import build_model

MODELS = {
    "mlp": ("fashion-mnist", "mlp", {"hidden": (256, 256, 256)}, (1, 28, 28), 3),
    "cnv": ("cifar10", "cnv", {}, (3, 32, 32), 1),
}
"""By the name of the file: data, architecture, its options, shape of an image, bits."""
FOLDED = {"pe": 16, "simd": 16}
IMAGES = {"mlp": 100, "cnv": 10}
"""That are simulated."""


def spent() -> float:
    """Processor seconds of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def write(path: Path) -> None:
    """Quantize an untrained network."""
    with tempfile.TemporaryDirectory() as folder:
        data, name, arguments, shape, bits = MODELS[path.stem]
        runner = make_runner(Path(folder), data={"name": data})
        proto = build_model(name, arguments, shape=shape, classes=10, seed=0)
        model = runner.session.store.put_model(proto, Form.FLOAT, ())
        options = {"weight_bits": bits, "act_bits": bits, "input_bits": 8}
        onnx.save(runner.run(Request(step="quantize", subject=model, options=options)).artifact.proto(), path)


def run(version: str, path: Path) -> None:
    """Lower, fold, generate, simulate and synthesise, from an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        runner = make_runner(Path(folder), data={"name": MODELS[path.stem][0]})
        model = runner.session.store.put_model(onnx.load(path), Form.QONNX, ())
        steps = (("lower", {"finn": False}), ("fold", FOLDED), ("z7020", {"images": IMAGES[path.stem]}))
        for step, options in steps:
            before, started = spent(), time.perf_counter()
            found = runner.run(Request(step=step, subject=model, options=options))
            model = found.artifact or model
            taken = {"wall_s": time.perf_counter() - started, "processor_s": spent() - before}
            row = {"version": version, "model": path.stem, "step": step}
            row |= {name: round(seconds, 1) for name, seconds in taken.items()}
            record("chain_seconds.csv", ("version", "model", "step"), row)
            print(row, flush=True)
        runner.close()


def main() -> None:
    what, *rest = sys.argv[1:]
    write(Path(rest[0])) if what == "write" else run(rest[0], Path(rest[1]))


if __name__ == "__main__":
    main()
