# SPDX-License-Identifier: Apache-2.0
"""How long it takes from a DATAFLOW file to a verified, synthesised result: cold, and after another training.

    DRAWPLATE_DATA=... python benchmarks/z7020_seconds.py [W3A3i8]

The trained perceptron 784-256-256-256-10, PE = SIMD = 16 on the hidden layers.  Cold starts from an empty store.
For "another training" the rows of the first matrix are put into another order: other weights, the same shapes, so
that synthesis is taken from the store.  The baseline is the cold run.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
from _table import record
from _trained import Bits, open_store, trained
from z7020_perceptrons import fold_options

from drawplate.artifact import Artifact, Form
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.testing import make_runner


def reordered(model: Artifact) -> onnx.ModelProto:
    """Return the model with the inputs of its first matrix in another order."""
    proto = onnx.load(model.path)
    first = next(node for node in proto.graph.node if node.op_type == "MVAU")
    tensor = next(tensor for tensor in proto.graph.initializer if tensor.name == first.input[1])
    weights = onnx.numpy_helper.to_array(tensor)
    tensor.CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(weights[::-1]), tensor.name))
    return proto


def seconds(runner: Runner, model: Artifact, images: int) -> tuple[float, float]:
    """Return wall and processor seconds of the step."""
    before, started = spent(), time.perf_counter()
    runner.run(Request(step="z7020", subject=model, options={"images": images}))
    return time.perf_counter() - started, spent() - before


def spent() -> float:
    """Processor seconds of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def main(network: str = "W3A3i8") -> None:
    trainer = open_store()
    lowered = trained(trainer, Bits.parse(network)).model
    options = fold_options(lowered, "sixteen")
    folded = trainer.run(Request(step="fold", subject=lowered, options=options)).artifact
    trainer.close()
    with tempfile.TemporaryDirectory() as folder:
        runner = make_runner(Path(folder), data={"name": "fashion-mnist"})
        store = runner.session.store
        first = store.put_model(onnx.load(folded.path), Form.DATAFLOW)
        other = store.put_model(reordered(folded), Form.DATAFLOW)
        cases = (("cold, 100 images", first, 100), ("another training, not simulated", other, 0))
        cold = 0.0
        for name, model, images in (*cases, ("another training, 100 images", other, 100)):
            wall, processor = seconds(runner, model, images)
            cold = cold or processor
            row = {"network": network, "case": name, "wall_s": round(wall, 1), "processor_s": round(processor, 1)}
            record("z7020_seconds.csv", ("network", "case"), row | {"to_cold": round(processor / cold, 3)})
            print(row, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
