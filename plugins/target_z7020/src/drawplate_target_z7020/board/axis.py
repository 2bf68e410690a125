# SPDX-License-Identifier: Apache-2.0
"""The AXI4-Stream wrapper: words of a DMA engine to words of the design and back."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Final

from drawplate_dataflow.hardware import Design
from drawplate_dataflow.hardware.text import CLOCK, FOOTER, HEADER, declare_stream, instance, stream
from drawplate_dataflow.hardware.top import TOP
from drawplate_dataflow.host import Bus, bus_words

HP_BITS: Final = 64
"""Width of a high-performance port of the Zynq; results leave by one."""
OUT: Final = Bus(HP_BITS)
_LIBRARY: Final = ("dp_axis_in.v", "dp_axis_out.v", "dp_width.v")

_PORTS = """  (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axis:m_axis, ASSOCIATED_RESET aresetn" *)
  input wire aclk,
  input wire aresetn,
  input wire [{high}:0] s_axis_tdata,
  input wire s_axis_tvalid,
  input wire s_axis_tlast,
  output wire s_axis_tready,
  output wire [63:0] m_axis_tdata,
  output wire [7:0] m_axis_tkeep,
  output wire m_axis_tvalid,
  output wire m_axis_tlast,
  input wire m_axis_tready
"""


def library(design: Design, into: Bus) -> Sequence[str]:
    """Return the modules of the dataflow library that the wrapper uses."""
    return (*_LIBRARY, "dp_gear.v") if is_geared(into, design.s_port.width) else _LIBRARY


def axis_text(design: Design, into: Bus) -> str:
    """Write the wrapper.

    The last frame of a transfer is marked by TLAST on its last bus word; the wrapper counts frames and marks the last
    word of the last result, so that one DMA transfer can carry any number of frames.

    Args:
        design: the design.
        into: the bus that frames come in by.
    """
    outward = bus_words(design.m_port.width, HP_BITS)
    s_frame = into.frame_words(design.s_port.width, design.s_port.beats)
    text = f"{HEADER}module drawplate_axis (\n{_PORTS.format(high=into.bits - 1)});\n  wire clk = aclk;\n  reg rst;\n"
    text += "  always @(posedge clk) rst <= !aresetn;\n"
    text += declare_stream("bus_in", into.bits)
    text += declare_stream("y", design.m_port.width) + declare_stream("bus_out", HP_BITS)
    text += "  wire enters, ends, ended;\n"
    text += instance(
        "dp_axis_in",
        "counter",
        {"BITS": into.bits, "FRAME": s_frame},
        CLOCK
        | {"s_data": "s_axis_tdata", "s_valid": "s_axis_tvalid", "s_last": "s_axis_tlast", "s_ready": "s_axis_tready"}
        | stream("bus_in", "m")
        | {"enters": "enters", "ends": "ends", "ended": "ended"},
    )
    text += _widen(design, into)
    text += instance(
        TOP,
        "core",
        {},
        CLOCK
        | {"s_data": f"wide_in_data[{design.s_port.width - 1}:0]", "s_valid": "wide_in_valid"}
        | {"s_ready": "wide_in_ready"}
        | stream("y", "m"),
    )
    text += _narrow(design, outward)
    text += instance(
        "dp_axis_out",
        "marker",
        {"FRAME": outward * design.m_port.beats},
        CLOCK
        | stream("bus_out")
        | {"m_data": "m_axis_tdata", "m_valid": "m_axis_tvalid", "m_last": "m_axis_tlast", "m_ready": "m_axis_tready"}
        | {"enters": "enters", "ends": "ends", "ended": "ended"},
    )
    return f"{text}  assign m_axis_tkeep = 8'hff;\nendmodule\n{FOOTER}"


def is_geared(into: Bus, width: int) -> bool:
    """Whether words of the design, of so many bits, begin anywhere in words of the bus."""
    return into.packed and width % into.bits != 0


def _widen(design: Design, into: Bus) -> str:
    port = design.s_port
    if is_geared(into, port.width):
        sizes = {"IN": into.bits, "OUT": port.width, "UNIT": gcd(into.bits, port.width), "BEATS": port.beats}
        ports = CLOCK | stream("bus_in") | stream("wide_in", "m")
        return declare_stream("wide_in", port.width) + instance("dp_gear", "gear", sizes, ports)
    inward = bus_words(port.width, into.bits)
    return declare_stream("wide_in", inward * into.bits) + instance(
        "dp_width",
        "widen",
        {"BITS": into.bits, "IN": 1, "OUT": inward, "BEATS": inward * port.beats},
        CLOCK | stream("bus_in") | stream("wide_in", "m"),
    )


def _narrow(design: Design, outward: int) -> str:
    gap = outward * HP_BITS - design.m_port.width
    padded = f"{{{gap}'d0, y_data}}" if gap else "y_data"
    return instance(
        "dp_width",
        "narrow",
        {"BITS": HP_BITS, "IN": outward, "OUT": 1, "BEATS": design.m_port.beats},
        CLOCK | {"s_data": padded, "s_valid": "y_valid", "s_ready": "y_ready"} | stream("bus_out", "m"),
    )
