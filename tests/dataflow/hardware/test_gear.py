# SPDX-License-Identifier: Apache-2.0
"""The gear in Verilator: words of one width become words of another, and no clock is lost between frames."""

import subprocess
from math import gcd

import numpy as np
import pytest
from simulators import needs_simulator

from drawplate_dataflow.hardware.library import plain
from drawplate_dataflow.simulate.verilate import verilator

BENCH = """
module bench #(parameter ID = 0, IN = 1, OUT = 1, UNIT = 1, BEATS = 1, STALL = 0, COUNT = 1, RESULTS = 1, FILE = "") (
    input wire clk
);
  reg rst = 1, s_valid = 0, m_ready = 0;
  reg [31:0] noise = 32'h1234567;
  reg [IN-1:0] words[0:COUNT];
  wire [OUT-1:0] m_data;
  wire m_valid, s_ready;
  integer sent = 0, got = 0, clocks = 0;
  dp_gear #(.IN(IN), .OUT(OUT), .UNIT(UNIT), .BEATS(BEATS)) dut (.clk(clk), .rst(rst), .s_data(words[sent]),
    .s_valid(s_valid), .s_ready(s_ready), .m_data(m_data), .m_valid(m_valid), .m_ready(m_ready));
  initial $readmemh(FILE, words);
  wire move = s_valid && s_ready;
  always @(posedge clk) begin
    noise <= {noise[30:0], noise[31] ^ noise[21] ^ noise[1] ^ noise[0]};
    rst <= clocks < 3;
    clocks <= clocks + 1;
    if (move) sent <= sent + 1;
    if (m_valid && m_ready) begin
      $display("%0d %h", ID, m_data);
      got <= got + 1;
      if (got == RESULTS - 1) $display("%0d clocks %0d", ID, clocks);
    end
    s_valid <= clocks > 3 && sent + move < COUNT && (noise[3:0] >= STALL || (s_valid && !s_ready));
    m_ready <= noise[7:4] >= STALL;
  end
endmodule
"""
CASES = [(64, 224, 28, 0), (64, 48, 5, 4), (64, 7, 13, 0), (128, 24, 9, 3), (64, 129, 3, 5), (128, 224, 28, 0)]
"""Bits that come and go, words of a frame, sixteenths of the clocks in which either side waits."""
FRAMES = 6


@pytest.mark.verilator
@needs_simulator
def test_frames_are_turned_whole(tmp_path):
    tops, wanted, least = [], [], []
    for case, (come, goes, beats, stall) in enumerate(CASES):
        words, rng = -(-beats * goes // come), np.random.default_rng(case)
        given = [[int.from_bytes(rng.bytes(come // 8), "little") for _ in range(words)] for _ in range(FRAMES)]
        whole = [sum(word << (come * at) for at, word in enumerate(frame)) for frame in given]
        wanted.append([(frame >> (goes * beat)) % (1 << goes) for frame in whole for beat in range(beats)])
        least.append(None if stall else FRAMES * max(words, beats))
        lines = [f"{word:0{come // 4}x}\n" for frame in given for word in frame]
        (tmp_path / f"words{case}.hex").write_text("".join([*lines, "0\n"]))
        sizes = {"ID": case, "IN": come, "OUT": goes, "UNIT": gcd(come, goes), "BEATS": beats, "STALL": stall}
        sizes |= {"COUNT": FRAMES * words, "RESULTS": FRAMES * beats, "FILE": f'"words{case}.hex"'}
        tops.append(f"bench #({', '.join(f'.{name}({value})' for name, value in sizes.items())}) bench{case} (clk);")
    top = "module top; reg clk = 0; always #1 clk = !clk; initial #8000 $finish;\n" + "\n".join(tops) + "\nendmodule\n"
    (tmp_path / "top.v").write_text(BENCH + top)
    (tmp_path / "dp_gear.v").write_bytes(plain("dp_gear.v"))
    command = [str(verilator()), "--binary", "-O0", "-Wno-fatal", "--top-module", "top", "top.v", "dp_gear.v"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    said = subprocess.run([tmp_path / "obj_dir" / "Vtop"], cwd=tmp_path, capture_output=True, text=True, check=True)
    lines = [line.split() for line in said.stdout.splitlines()]
    for case, words in enumerate(wanted):
        mine = [line[1:] for line in lines if line[0] == str(case)]
        assert [int(word[0], 16) for word in mine[: len(words)]] == words
        assert mine[len(words)][0] == "clocks"
        if least[case] is not None:
            assert int(mine[len(words)][1]) <= least[case] + 12
