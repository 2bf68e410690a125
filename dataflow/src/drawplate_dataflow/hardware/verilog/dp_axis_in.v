// SPDX-License-Identifier: Apache-2.0
// Counts the words of an incoming AXI4-Stream transfer: `enters` says that the last word of a frame comes in, `ends`
// that the one with TLAST has, until `ended` tells that its last result has left.  A frame is FRAME words.
`default_nettype none
module dp_axis_in #(parameter BITS = 64, parameter FRAME = 98) (
    input  wire        clk,
    input  wire        rst,
    input  wire [BITS-1:0] s_data,
    input  wire        s_valid,
    input  wire        s_last,
    output wire        s_ready,
    output wire [BITS-1:0] m_data,
    output wire        m_valid,
    input  wire        m_ready,
    output wire        enters,
    output reg         ends,
    input  wire        ended
);
  localparam FB = $clog2(FRAME + 1);
  reg [FB-1:0] at;
  wire last = (at == FRAME - 1);
  wire move = s_valid && s_ready;
  // Words of the next transfer wait until this one is over, so that frames are not counted to the wrong one.
  // Nor does a word enter in the clock in which the reset has ended outside but not yet here.
  wire open = !ends && !rst;
  assign s_ready = m_ready && open, m_valid = s_valid && open, m_data = s_data, enters = move && last;
  always @(posedge clk)
    if (rst || ended) begin
      at <= 0;
      ends <= 1'b0;
    end else if (move) begin
      at <= last ? {FB{1'b0}} : at + 1'b1;
      if (s_last) ends <= 1'b1;
    end
endmodule
`default_nettype wire
