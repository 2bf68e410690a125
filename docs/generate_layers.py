# SPDX-License-Identifier: Apache-2.0
"""Write docs/reference/layers.md: ``python docs/generate_layers.py``."""

from __future__ import annotations

from pathlib import Path

from drawplate_dataflow.layers.supported import supported
from drawplate_dataflow.reading.kinds import BUILT_IN

PAGE = Path(__file__).parent / "reference" / "layers.md"
HEAD = """\
# Layers in hardware

What FPGA targets can build: the kinds of layers that `drawplate_dataflow` brings along, by the operators of a
`DATAFLOW` file that each is read from (FINN's, without `_hls` and `_rtl`). Every kind has exact integer arithmetic,
foldings, estimates, Verilog and a place in the random networks that are simulated. A plugin may bring
[one more](../how-to/layer-kind.md). This page is written by the code (`python docs/generate_layers.py`).

| kind | operators | what it is | folding | made of |
|---|---|---|---|---|
"""
TAIL = """
Between layers stand width converters, and forks with FIFOs where a stream has several readers.

What `lower` makes of ONNX:

| ONNX (with `Quant` nodes) | layers |
|---|---|
| MatMul, Gemm | `MatMul`, with the activation behind it as thresholds |
| Conv, one or two dimensions, strides, dilations, groups | `Pad`, `Window`, `MatMul`; groups are zeros between them |
| Conv, depthwise (groups = channels) | `Pad`, `Depthwise` |
| BatchNormalization, functions of one number, arithmetic with constants, Quant | thresholds |
| MaxPool, GlobalMaxPool, ReduceMax over pixels | `Pad`, `Pool`; around signed numbers the border is the smallest |
| AveragePool, GlobalAveragePool, ReduceMean over height and width, Trunc | `Pool` (a sum); thresholds divide |
| Add, Sub of two streams of one scale | `Add`, `Sub` |
| Concat of channels | `Concat`; a convolution behind it needs scales that are small multiples of one unit |
| Resize, Upsample of images and lines: nearest, whole factors | `Upsample` |
| Flatten, Reshape, Transpose, Squeeze, Unsqueeze, Identity, Dropout | nothing |
"""


def page() -> str:
    """Return the page."""
    rows = [
        f"| `{row.kind}` | {', '.join(row.operators)} | {row.what} | {row.folding} | {row.needs} |"
        for row in supported(BUILT_IN)
    ]
    return HEAD + "\n".join(rows) + "\n" + TAIL


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
