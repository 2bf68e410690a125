# SPDX-License-Identifier: Apache-2.0
"""Is a lowered network's hardware exact, and how fast: simulate it on test images against the golden model.

    python benchmarks/z7020_exact.py MODEL.onnx IMAGES.npz [FRAMES] [PE,SIMD PE,SIMD ...]

MODEL is a DATAFLOW file; IMAGES has ``x_test`` of unsigned bytes [N, H, W], of which the highest bits that the
network's input takes are its codes (as the first 50 of these models' own vectors are).
"""

import sys
import time

import numpy as np
import onnx
from attrs import evolve

from drawplate_target_z7020.description import MatMul, golden, read
from drawplate_target_z7020.rtl import generate
from drawplate_target_z7020.simulate import SimulationSettings, run


def main(model: str, images: str, frames: str = "1000", *folding: str) -> None:
    network = read(onnx.load(model))
    pairs = iter([tuple(int(part) for part in pair.split(",")) for pair in folding])
    layers = []
    for layer in network.layers:
        pair = next(pairs, None) if isinstance(layer, MatMul) else None
        layers.append(evolve(layer, pe=pair[0], simd=pair[1]) if pair else layer)
    network = evolve(network, layers=tuple(layers))
    pixels = np.load(images)["x_test"][: int(frames)].reshape(int(frames), -1)
    kind = network.input.type
    values = kind.decode(pixels.astype(np.int64) >> (8 - kind.bits))
    start = time.perf_counter()
    design = generate(network)
    made = time.perf_counter() - start
    start = time.perf_counter()
    golden.run(network, values)
    print(f"golden model: {len(values) / (time.perf_counter() - start):.0f} frames/s; generated in {made:.2f} s")
    for name, settings in {
        "full rate": SimulationSettings(),
        "back-pressure": SimulationSettings(valid=60, ready=70),
    }.items():
        start = time.perf_counter()
        result = run(design, values, settings)
        took = time.perf_counter() - start
        print(
            f"{name}: {len(values) - result.mismatches} of {len(values)} frames exact, "
            f"{result.cycles_per_frame:.2f} clocks/frame (bound {design.cycles}), latency {result.latency} clocks; "
            f"{took:.1f} s"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
