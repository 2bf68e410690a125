# SPDX-License-Identifier: Apache-2.0
"""Plain models in the place of another family's cells, until the generator asks the technology."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from drawplate_dataflow.hardware import Design

MODELS: Final = "primitives_sim.v"
_ADDER: Final = b"""\
module dp_add3 #(parameter W = 6, parameter WO = 8) (
    input wire [W-1:0] a, input wire [W-1:0] b, input wire [W-1:0] c, input wire clear, output wire [WO-1:0] s
);
  wire [WO-1:0] t = a + b;
  assign s = t + (clear ? {W{1'b0}} : c);
endmodule
"""


def plain(design: Design) -> Design:
    """Return a design that any synthesiser maps."""
    files = {**design.files, "dp_add3.v": _ADDER, "models.v": design.files[MODELS]}
    layers = tuple(evolve(layer, sources=(*layer.sources, "models.v")) for layer in design.layers)
    return evolve(design, files=files, layers=layers)
