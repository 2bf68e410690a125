# SPDX-License-Identifier: Apache-2.0
"""The wrapper: bytes of an asynchronous line (UART) to words of the design and back.

A word of a port takes whole bytes, the lowest first.  Bytes that arrive wait in a buffer that holds at least a frame,
so a host that keeps no more than ``buffer`` bytes unanswered loses none, however slow the design is.  A break on the
line resets everything; then the design sends the eight bytes of its name.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from drawplate.errors import FlowError
from drawplate_dataflow.hardware import Design, Port
from drawplate_dataflow.hardware.text import CLOCK, FOOTER, HEADER, declare_stream, instance, stream
from drawplate_dataflow.hardware.top import TOP
from drawplate_dataflow.host import bus_words, frame_words

WRAPPER: Final = "drawplate_ecp5"
"""Name of the wrapper's module."""
OWN: Final = ("dp_uart_rx.v", "dp_uart_tx.v", "dp_greet.v")
LIBRARY: Final = ("dp_fifo.v", "dp_width.v")
SMALLEST: Final = 2048
"""Bytes of the smallest buffer: one memory block."""
BYTE: Final = 8
"""Bits that the line carries at once."""
FEWEST_CLOCKS: Final = 8
"""Clocks per bit of the line, at least."""
_HEAD = """\
module {name} (input wire oscillator, input wire rx, output wire tx);
  wire clk, locked, calm;
  dp_clock clock (.oscillator(oscillator), .clk(clk), .locked(locked));
  reg [1:0] steady = 2'b00;
  reg rst = 1'b1;
  always @(posedge clk) begin
    steady <= {{steady[0], locked}};
    rst <= !steady[1] || !calm;
  end
"""


@frozen(kw_only=True)
class Link:
    """How the host and the design talk."""

    baud: int
    divide: int
    """Clocks per bit."""
    name: bytes
    """Eight bytes that tell the design from others."""


def make_link(clock_mhz: float, baud: int, name: bytes) -> Link:
    """Choose the clocks per bit.

    Raises:
        FlowError: when the clock does not make the rate well enough for a byte to be read.
    """
    divide = round(clock_mhz * 1e6 / baud)
    off = abs(clock_mhz * 1e6 / baud / divide - 1) if divide else 1.0
    if divide < FEWEST_CLOCKS or off > 0.02:
        raise FlowError(
            f"a clock of {clock_mhz:g} MHz makes no {baud:,} baud",
            where="ecp5, baud",
            allowed=f"at most {clock_mhz * 1e6 / FEWEST_CLOCKS:,.0f}, within 2 % of the clock over a whole number",
        )
    return Link(baud=baud, divide=divide, name=name)


def link_fps(ports: tuple[Port, Port], baud: int) -> float:
    """Return the frames per second that the line carries in and out: ten bits a byte, both ways at once."""
    return baud / 10 / max(frame_words(port, BYTE) for port in ports)


def buffer_bytes(port: Port) -> int:
    """Bytes of the buffer in front of a port: a power of two that holds a frame."""
    return max(SMALLEST, 1 << (frame_words(port, BYTE) - 1).bit_length())


def wrapper_text(design: Design, link: Link) -> str:
    """Write the wrapper."""
    inward, outward = (bus_words(port.width, BYTE) for port in (design.s_port, design.m_port))
    text = HEADER + _HEAD.format(name=WRAPPER)
    text += "".join(declare_stream(name, 8) for name in ("heard", "kept", "result", "told"))
    text += declare_stream("wide", 8 * inward) + declare_stream("y", design.m_port.width)
    text += instance(
        "dp_uart_rx",
        "receiver",
        {"DIVIDE": link.divide},
        {"clk": "clk", "line": "rx", "data": "heard_data", "valid": "heard_valid", "calm": "calm"},
    )
    text += instance(
        "dp_fifo",
        "buffer",
        {"BITS": BYTE, "DEPTH": buffer_bytes(design.s_port)},
        CLOCK | stream("heard") | stream("kept", "m"),
    )
    text += instance(
        "dp_width",
        "widen",
        {"BITS": BYTE, "IN": 1, "OUT": inward, "BEATS": frame_words(design.s_port, BYTE)},
        CLOCK | stream("kept") | stream("wide", "m"),
    )
    text += instance(
        TOP,
        "core",
        {},
        CLOCK
        | {"s_data": f"wide_data[{design.s_port.width - 1}:0]", "s_valid": "wide_valid", "s_ready": "wide_ready"}
        | stream("y", "m"),
    )
    gap = 8 * outward - design.m_port.width
    padded = f"{{{gap}'d0, y_data}}" if gap else "y_data"
    text += instance(
        "dp_width",
        "narrow",
        {"BITS": BYTE, "IN": outward, "OUT": 1, "BEATS": design.m_port.beats},
        CLOCK | {"s_data": padded, "s_valid": "y_valid", "s_ready": "y_ready"} | stream("result", "m"),
    )
    text += _greet(link)
    text += instance("dp_uart_tx", "sender", {"DIVIDE": link.divide}, CLOCK | stream("told") | {"line": "tx"})
    return f"{text}endmodule\n{FOOTER}"


def _greet(link: Link) -> str:
    name = int.from_bytes(link.name, "little")
    ports = CLOCK | stream("result") | stream("told", "m")
    wired = ", ".join(f".{port}({net})" for port, net in ports.items())
    return f"  dp_greet #(.NAME(64'h{name:016x})) greet ({wired});\n"
