// SPDX-License-Identifier: Apache-2.0
// Marks the last word of an outgoing AXI4-Stream transfer with TLAST: the last of as many frames as came in.
// A frame is FRAME words.  Frames inside are counted, and that there is one is found out a clock before it is asked;
// a design holds far fewer than the counter counts.
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
    input  wire        enters,     // a frame
    input  wire        ends,       // no other one comes
    output reg         ended       // a clock after the last word
);
  localparam FB = $clog2(FRAME + 1);
  reg [FB-1:0] at;
  reg [15:0] inside;
  reg one;
  wire last = (at == FRAME - 1);
  wire move = m_valid && m_ready, leaves = move && last;
  assign m_data = s_data, m_valid = s_valid, s_ready = m_ready;
  assign m_last = last && ends && one;
  always @(posedge clk)
    if (rst) begin
      at <= 0;
      inside <= 0;
      one <= 1'b0;
      ended <= 1'b0;
    end else begin
      if (move) at <= last ? {FB{1'b0}} : at + 1'b1;
      inside <= inside + enters - leaves;
      one <= (enters == leaves) ? one : enters ? inside == 0 : inside == 2;
      ended <= m_last && move;
    end
endmodule
`default_nettype wire
