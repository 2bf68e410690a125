# SPDX-License-Identifier: Apache-2.0
"""A plugin with a kind of layer: the negative of an image, ``drawplate run flow.toml --plugin invert.py``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from attrs import frozen

from drawplate import hookimpl
from drawplate_dataflow.hardware.items import Instance, Item
from drawplate_dataflow.hardware.library import Counted, LibraryModule, Parameters
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.layers.streaming import Streaming
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Technology

VERILOG = """\
// Every code becomes its complement: one word per clock, one register.
`default_nettype none
module invert #(parameter BITS = 8) (
    input wire clk, input wire rst,
    input wire [BITS-1:0] s_data, input wire s_valid, output wire s_ready,
    output reg [BITS-1:0] m_data, output reg m_valid, input wire m_ready
);
  assign s_ready = !m_valid || m_ready;
  always @(posedge clk) begin
    if (rst) m_valid <= 1'b0;
    else if (s_ready) m_valid <= s_valid;
    if (s_ready) m_data <= ~s_data;
  end
endmodule
`default_nettype wire
"""


def count(parameters: Parameters, technology: Technology) -> Counted:
    """Count what an instance takes: a register per bit, whose inverters lie in LUTs."""
    del technology
    bits = parameters["BITS"]
    return Counted(luts=bits + 1, ffs=bits + 1)


INVERT = LibraryModule("invert", count, verilog=VERILOG.encode)


@frozen(kw_only=True)
class Invert(Streaming):
    """``low + high - x`` of every element."""

    operators: ClassVar[tuple[str, ...]] = ("Invert",)

    pe: int

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read a node ``Invert`` with the attribute ``PE``."""
        source = context.stream(node)
        return cls(name=node.name, inputs=(context.source(node),), output=source, pe=node.integer("PE", 1))

    def evaluate(self, *sources: Integers) -> Integers:
        """Invert."""
        kind = self.output.type
        return kind.low + kind.high - sources[0]

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield an instance of the module, between the nets ``x`` and ``m``."""
        del technology
        cell = INVERT(BITS=self.pe * sources[0].type.bits)
        yield Instance(cell, "invert", CLOCK | stream("x") | stream("m", "m"))


@hookimpl
def dataflow_layers() -> Mapping[str, Any]:
    """Offer the kind by its operator."""
    return dict.fromkeys(Invert.operators, Invert)
