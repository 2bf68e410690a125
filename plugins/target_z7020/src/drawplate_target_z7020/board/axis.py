# SPDX-License-Identifier: Apache-2.0
"""The AXI4-Stream wrapper: 64-bit words of a DMA engine to words of the design and back."""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.hardware import Design
from drawplate_dataflow.hardware.text import CLOCK, FOOTER, HEADER, declare_stream, instance, stream
from drawplate_dataflow.hardware.top import TOP
from drawplate_dataflow.host import bus_words

BUS_BITS: Final = 64
"""Width of a high-performance port of the Zynq."""
LIBRARY = ("dp_axis_in.v", "dp_axis_out.v", "dp_width.v")

_PORTS = """  (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axis:m_axis, ASSOCIATED_RESET aresetn" *)
  input wire aclk,
  input wire aresetn,
  input wire [63:0] s_axis_tdata,
  input wire s_axis_tvalid,
  input wire s_axis_tlast,
  output wire s_axis_tready,
  output wire [63:0] m_axis_tdata,
  output wire [7:0] m_axis_tkeep,
  output wire m_axis_tvalid,
  output wire m_axis_tlast,
  input wire m_axis_tready
"""


def axis_text(design: Design) -> str:
    """Write the wrapper.

    A port word is sent in whole bus words.  The last frame of a transfer is marked by TLAST on its last bus word;
    the wrapper counts frames and marks the last word of the last result, so that one DMA transfer can carry any
    number of frames.
    """
    inward, outward = (bus_words(port.width, BUS_BITS) for port in (design.s_port, design.m_port))
    s_frame, m_frame = inward * design.s_port.beats, outward * design.m_port.beats
    text = f"{HEADER}module drawplate_axis (\n{_PORTS});\n  wire clk = aclk;\n  reg rst;\n"
    text += "  always @(posedge clk) rst <= !aresetn;\n"
    text += declare_stream("bus_in", BUS_BITS) + declare_stream("wide_in", inward * BUS_BITS)
    text += declare_stream("y", design.m_port.width) + declare_stream("bus_out", BUS_BITS)
    text += "  wire enters, ends, ended;\n"
    text += instance(
        "dp_axis_in",
        "counter",
        {"FRAME": s_frame},
        CLOCK
        | {"s_data": "s_axis_tdata", "s_valid": "s_axis_tvalid", "s_last": "s_axis_tlast", "s_ready": "s_axis_tready"}
        | stream("bus_in", "m")
        | {"enters": "enters", "ends": "ends", "ended": "ended"},
    )
    text += instance(
        "dp_width",
        "widen",
        {"BITS": BUS_BITS, "IN": 1, "OUT": inward, "BEATS": s_frame},
        CLOCK | stream("bus_in") | stream("wide_in", "m"),
    )
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
        {"FRAME": m_frame},
        CLOCK
        | stream("bus_out")
        | {"m_data": "m_axis_tdata", "m_valid": "m_axis_tvalid", "m_last": "m_axis_tlast", "m_ready": "m_axis_tready"}
        | {"enters": "enters", "ends": "ends", "ended": "ended"},
    )
    return f"{text}  assign m_axis_tkeep = 8'hff;\nendmodule\n{FOOTER}"


def _narrow(design: Design, outward: int) -> str:
    gap = outward * BUS_BITS - design.m_port.width
    padded = f"{{{gap}'d0, y_data}}" if gap else "y_data"
    return instance(
        "dp_width",
        "narrow",
        {"BITS": BUS_BITS, "IN": outward, "OUT": 1, "BEATS": design.m_port.beats},
        CLOCK | {"s_data": padded, "s_valid": "y_valid", "s_ready": "y_ready"} | stream("bus_out", "m"),
    )
