# SPDX-License-Identifier: Apache-2.0
"""From a QONNX file to a verified, synthesised design, cold: wall and processor seconds by step.

    DRAWPLATE_DATA=... python benchmarks/chain_seconds.py write mlp.onnx       # W3A3 784-256x3-10, not trained
    DRAWPLATE_DATA=... python benchmarks/chain_seconds.py write cnv.onnx       # W1A1 CNV on CIFAR-10
    DRAWPLATE_DATA=... python benchmarks/chain_seconds.py run NAME mlp.onnx 1  # NAME says which version this is
    python benchmarks/chain_seconds.py medians                                # of all repeats, by version and model

Weights are random, and so are the statistics of batch normalisation: at their initial zeros, every tenth sum of CNV
would lie on a border, where `lower` proves each in exact arithmetic; those of trained networks do not.  `lower` proves
10,000 test images (100 of CNV), `fold` takes PE = SIMD = 16 (so that all versions build the same hardware), `z7020`
simulates 100 images (10 of CNV) and synthesises.  It keeps to what older versions have too: with their sources on
PYTHONPATH the same file measures them.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
from _table import read, record
from onnx import numpy_helper

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
PROVEN = {"mlp": 10_000, "cnv": 100}
"""That `lower` compares."""


def spent() -> float:
    """Processor seconds of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def shift_norms(proto: onnx.ModelProto) -> None:
    """Give batch normalisation random factors, biases, means and variances."""
    random = np.random.default_rng(0)
    stored = {tensor.name: tensor for tensor in proto.graph.initializer}
    for node in proto.graph.node:
        if node.op_type == "BatchNormalization":
            for name, (low, high) in zip(
                node.input[1:], ((0.5, 1.5), (-0.3, 0.3), (-0.3, 0.3), (0.5, 1.5)), strict=True
            ):
                drawn = random.uniform(low, high, stored[name].dims).astype(np.float32)
                stored[name].CopyFrom(numpy_helper.from_array(drawn, name))


def write(path: Path) -> None:
    """Quantize an untrained network."""
    with tempfile.TemporaryDirectory() as folder:
        data, name, arguments, shape, bits = MODELS[path.stem]
        runner = make_runner(Path(folder), data={"name": data})
        proto = build_model(name, arguments, shape=shape, classes=10, seed=0)
        shift_norms(proto)
        model = runner.session.store.put_model(proto, Form.FLOAT, ())
        options = {"weight_bits": bits, "act_bits": bits, "input_bits": 8}
        onnx.save(runner.run(Request(step="quantize", subject=model, options=options)).artifact.proto(), path)


def run(version: str, path: Path, repeat: int) -> None:
    """Lower, fold, generate, simulate and synthesise, from an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        runner = make_runner(Path(folder), data={"name": MODELS[path.stem][0]})
        model = runner.session.store.put_model(onnx.load(path), Form.QONNX, ())
        lower = {"finn": False, "check_images": PROVEN[path.stem]}
        steps = (("lower", lower), ("fold", FOLDED), ("z7020", {"images": IMAGES[path.stem]}))
        for step, options in steps:
            before, started = spent(), time.perf_counter()
            found = runner.run(Request(step=step, subject=model, options=options))
            model = found.artifact or model
            taken = {"wall_s": time.perf_counter() - started, "processor_s": spent() - before}
            row = {"version": version, "model": path.stem, "repeat": repeat, "step": step}
            row |= {name: round(seconds, 1) for name, seconds in taken.items()}
            record("chain_seconds.csv", ("version", "model", "repeat", "step"), row)
            print(row, flush=True)
        runner.close()


def medians() -> None:
    """Print the medians of the repeats, by step and together."""
    rows = read("chain_seconds.csv")
    for version, model in dict.fromkeys((row["version"], row["model"]) for row in rows):
        mine = [row for row in rows if (row["version"], row["model"]) == (version, model)]
        for kind in ("wall_s", "processor_s"):
            found = {
                step: statistics.median(float(row[kind]) for row in mine if row["step"] == step)
                for step in dict.fromkeys(row["step"] for row in mine)
            }
            whole = [
                sum(float(row[kind]) for row in mine if row["repeat"] == repeat)
                for repeat in dict.fromkeys(row["repeat"] for row in mine)
            ]
            print(version, model, kind, found, "together", round(statistics.median(whole), 1), f"of {len(whole)}")


def main() -> None:
    what, *rest = sys.argv[1:]
    if what == "medians":
        medians()
    elif what == "write":
        write(Path(rest[0]))
    else:
        run(rest[0], Path(rest[1]), int(rest[2]))


if __name__ == "__main__":
    main()
