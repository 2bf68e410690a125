# SPDX-License-Identifier: Apache-2.0
"""The AXI-stream wrapper and the driver's packing, without a board: the wrapper runs in Verilator."""

import numpy as np
import onnx
import pytest
from attrs import evolve
from simulators import needs_simulator

from drawplate_dataflow.hardware import Port, generate
from drawplate_dataflow.host import bus_words
from drawplate_dataflow.network import golden
from drawplate_dataflow.simulate.program import SimulationSettings, compile_design, feed
from drawplate_dataflow.specimens.fuzz import random_chain, random_values
from drawplate_target_z7020.board import board_files
from drawplate_target_z7020.parts import find_part
from drawplate_target_z7020.xc7 import XC7

from .designs import kit, pack, unpack

ADAPTOR = """
module adaptor (
    input wire clk, rst, input wire [BITS-1:0] s_data, input wire s_valid, output wire s_ready,
    output wire [64:0] m_data, output wire m_valid, input wire m_ready
);
  reg [31:0] word;
  wire last = (word == WORDS - 1);
  always @(posedge clk) if (rst) word <= 0; else if (s_valid && s_ready) word <= last ? 0 : word + 1;
  drawplate_axis dut (.aclk(clk), .aresetn(!rst), .s_axis_tdata(s_data), .s_axis_tvalid(s_valid), .s_axis_tlast(last),
    .s_axis_tready(s_ready), .m_axis_tdata(m_data[63:0]), .m_axis_tlast(m_data[64]), .m_axis_tvalid(m_valid),
    .m_axis_tready(m_ready), .m_axis_tkeep());
endmodule
"""


@pytest.mark.verilator
@needs_simulator
@pytest.mark.parametrize(("seed", "bits", "packed"), [(1, 64, False), (6, 128, False), (3, 64, True), (4, 128, True)])
def test_wrapper_and_driver_carry_frames(seed, bits, packed, tmp_path):
    """Two transfers of four frames: values are packed by the driver, sent, unpacked, and TLAST ends each transfer."""
    made = kit(seed, scaled=False, bits=bits, packed=packed)
    design, files, record = made.design, made.files, made.stream
    network = design.network
    values = random_values(network, 8, seed)
    words = pack(values, record["input"])
    sent = record["input"]["bus_words"]
    outs = record["output"]["beats"] * bus_words(design.m_port.width, 64)
    adaptor = ADAPTOR.replace("WORDS", str(4 * sent)).replace("BITS", str(bits)).encode()
    wrapped = evolve(
        design,
        files={
            **design.files,
            **{name: text for name, text in files.items() if name.endswith(".v")},
            "adaptor.v": adaptor,
        },
        top="adaptor",
        s_port=Port(elements=bits // 32, bits=32, beats=sent),
        m_port=Port(elements=5, bits=13, beats=outs),
    )
    settings = SimulationSettings(optimise=False, valid=80, ready=70, folder=tmp_path)
    program = compile_design(wrapped, tmp_path, settings)
    fed = feed(program, words.view("<u4").astype(np.int64), 5 * outs, settings)
    lanes = fed.codes.reshape(len(values) * outs, 5)
    joined = sum(1 * lanes[:, lane].astype(object) << (13 * lane) for lane in range(5))
    last = np.array([int(word) >> 64 for word in joined]).reshape(len(values), outs)
    assert last[:, :-1].sum() == 0
    assert last[:, -1].tolist() == [0, 0, 0, 1, 0, 0, 0, 1]
    data = np.array([int(word) & ((1 << 64) - 1) for word in joined], np.uint64).reshape(len(values), outs)
    found = unpack(data, record["output"])
    assert np.array_equal(found, golden.run(network, values).reshape(len(values), -1))


def test_script_names_every_source_and_balances_its_braces():
    design = generate(random_chain(2, 3), XC7)
    files = board_files(design, onnx.ModelProto(), find_part("pynq-z2"), clock_mhz=125)
    text = files["build.tcl"].decode()
    for name in [*design.sources, "drawplate_axis.v", "dp_axis_in.v", "dp_axis_out.v"]:
        assert f"[file join $here {name}]" in text
    assert all(name in files for name in ("drawplate_driver.py", "selftest.py"))
    for opening, closing in ("{}", "[]"):
        assert text.count(opening) == text.count(closing)
    assert "PCW_FPGA0_PERIPHERAL_FREQMHZ 125" in text
    assert "-period 8.000" in files["drawplate.xdc"].decode()
