# SPDX-License-Identifier: Apache-2.0
"""A board on the host's desk: the wrapper in Verilator, and a serial port that the driver can open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from attrs import define, evolve, field

from drawplate_dataflow.hardware import Port
from drawplate_dataflow.simulate.program import Program, SimulationSettings, compile_design, feed
from drawplate_target_ecp5.board import Wrapped
from drawplate_target_ecp5.board.wrapper import WRAPPER

BREAK = 256
"""What the adaptor takes for a break on the line."""
# The host's end, written apart from the design's: it sends ten bits at a rate that is OFF clocks per byte off, and
# listens in the middle of every bit.
ADAPTOR = """
module adaptor (
    input wire clk, rst, input wire [8:0] s_data, input wire s_valid, output wire s_ready,
    output reg [7:0] m_data, output reg m_valid, input wire m_ready
);
  reg rx = 1; wire tx;
  reg deaf = 1;  // what comes before the end of a break is forgotten, as the driver does
  WRAPPER dut (.oscillator(clk), .rx(rx), .tx(tx));
  integer left = 0; reg [9:0] bits = 0; reg broken = 0;
  assign s_ready = (left == 0);
  always @(posedge clk) if (!rst) begin
    if (left != 0) begin
      left <= left - 1;
      if (broken) rx <= 0;
      else rx <= bits[9 - (left - 1) / (DIVIDE + OFF)];
      if (left == 1) begin rx <= 1; if (broken) deaf <= 0; end
    end else if (s_valid) begin
      broken <= s_data[8];
      if (s_data[8]) deaf <= 1;
      bits <= {1'b1, s_data[7:0], 1'b0};
      left <= s_data[8] ? 64 * DIVIDE : 10 * (DIVIDE + OFF);
    end
  end
  integer heard = 0; reg [7:0] byte = 0;
  initial m_valid = 0;
  always @(posedge clk) if (!rst) begin
    if (m_ready) m_valid <= 0;
    if (deaf) heard <= 0;
    else if (heard != 0) begin
      heard <= heard + 1;
      if ((heard - DIVIDE / 2) % DIVIDE == 0 && heard > DIVIDE) byte <= {tx, byte[7:1]};
      if (heard == 9 * DIVIDE + 1) begin m_data <= byte; m_valid <= 1; heard <= 0; end
    end else if (!tx) heard <= 1;
  end
endmodule
"""


def compiled(wrapped: Wrapped, folder: Path, off: int = 0) -> Program:
    """Compile a wrapped design with a straight clock, and the host's end of its line."""
    straight = b"module dp_clock (input wire oscillator, output wire clk, output wire locked);\n"
    straight += b"  assign clk = oscillator, locked = 1'b1;\nendmodule\n"
    text = ADAPTOR.replace("WRAPPER", WRAPPER).replace("DIVIDE", str(wrapped.link.divide)).replace("OFF", str(off))
    files = {**wrapped.design.files, **wrapped.files, "dp_clock.v": straight, "adaptor.v": text.encode()}
    design = evolve(
        wrapped.design,
        files=files,
        top="adaptor",
        s_port=Port(elements=1, bits=9, beats=1),
        m_port=Port(elements=1, bits=8, beats=1),
    )
    return compile_design(design, folder, SimulationSettings(optimise=False, folder=folder))


@define
class SimulatedLine:
    """A serial port; everything that was sent is simulated again whenever an answer is wanted."""

    program: Program
    sent: list[int] = field(factory=list)
    answers: int = 0
    """Bytes that answer what was sent."""
    read_so_far: int = 0
    _broken: bool = False
    frame: tuple[int, int] = (1, 1)
    """Bytes of a frame, in and out."""
    _since: int = 0
    _heard: np.ndarray = field(factory=lambda: np.zeros(0, np.int64))

    @property
    def break_condition(self) -> bool:
        return self._broken

    @break_condition.setter
    def break_condition(self, value: bool) -> None:
        if value and not self._broken:
            # What was answered before has been read by now; what was not is on the line in front of the break.
            self.sent = [*self.sent[len(self.sent) - self._since :], BREAK]
            self.answers, self.read_so_far, self._since = 8, 0, 0
            self._heard = self._heard[:0]
        self._broken = value

    def write(self, data: bytes) -> int:
        self.sent += data
        self._since += len(data)
        frames, self._since = divmod(self._since, self.frame[0])
        self.answers += frames * self.frame[1]
        return len(data)

    def reset_input_buffer(self) -> None:
        """The greeting comes after the break."""

    def read(self, size: int) -> bytes:
        size = min(size, self.answers - self.read_so_far)
        if not size:
            return b""
        if self.read_so_far + size > len(self._heard):
            self._heard = feed_uneven(self.program, np.array(self.sent, np.int64)[:, None], self.answers)
        found = self._heard[self.read_so_far : self.read_so_far + size]
        self.read_so_far += size
        return bytes(found.astype(np.uint8).tolist())

    def close(self) -> None:
        """Nothing is open."""


def feed_uneven(program: Program, codes: np.ndarray, answers: int) -> np.ndarray:
    """Send so many bytes and return so many answers: one frame whose beats are all of them."""
    design = evolve(
        program.design,
        s_port=evolve(program.design.s_port, beats=len(codes)),
        m_port=evolve(program.design.m_port, beats=answers),
    )
    fed = feed(evolve(program, design=design), codes.reshape(1, -1), answers, SimulationSettings())
    return fed.codes[0]
