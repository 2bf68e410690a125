// SPDX-License-Identifier: Apache-2.0
// Marks the last word of an outgoing AXI4-Stream transfer with TLAST: the last of as many frames as came in.
// A frame is FRAME words.
`default_nettype none
module dp_axis_out #(parameter FRAME = 10) (
    input  wire        clk,
    input  wire        rst,
    input  wire [63:0] s_data,
    input  wire        s_valid,
    output wire        s_ready,
    output wire [63:0] m_data,
    output wire        m_valid,
    output wire        m_last,
    input  wire        m_ready,
    input  wire [31:0] frames,
    input  wire        ends,
    output wire        ended
);
  localparam FB = $clog2(FRAME + 1);
  reg [FB-1:0] at;
  reg [31:0] sent;
  wire last = (at == FRAME - 1);
  assign m_data = s_data, m_valid = s_valid, s_ready = m_ready;
  assign m_last = last && ends && sent + 1 == frames;
  assign ended = m_last && m_valid && m_ready;
  always @(posedge clk)
    if (rst || ended) begin
      at <= 0;
      sent <= 0;
    end else if (m_valid && m_ready) begin
      at <= last ? {FB{1'b0}} : at + 1'b1;
      if (last) sent <= sent + 1'b1;
    end
endmodule
`default_nettype wire
