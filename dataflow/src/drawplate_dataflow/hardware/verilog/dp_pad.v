// SPDX-License-Identifier: Apache-2.0
// Zeros around an image: of the H x W output pixels, those from (TOP, LEFT) up to before (BOTTOM, RIGHT) come from the
// input, the others are ZERO.  A pixel is WORDS words.
`default_nettype none
module dp_pad #(
    parameter BITS = 8, parameter H = 10, parameter W = 10, parameter WORDS = 1,
    parameter TOP = 1, parameter LEFT = 1, parameter BOTTOM = 9, parameter RIGHT = 9,
    parameter [BITS-1:0] ZERO = 0
) (
    input  wire            clk,
    input  wire            rst,
    input  wire [BITS-1:0] s_data,
    input  wire            s_valid,
    output wire            s_ready,
    output wire [BITS-1:0] m_data,
    output wire            m_valid,
    input  wire            m_ready
);
  localparam YB = $clog2(H + 1);
  localparam XB = $clog2(W + 1);
  localparam WB = $clog2(WORDS + 1);
  reg [YB-1:0] y;
  reg [XB-1:0] x;
  reg [WB-1:0] word;
  wire [31:0] row = {{(32 - YB){1'b0}}, y};
  wire [31:0] column = {{(32 - XB){1'b0}}, x};
  // Shifted by one, so that a border of no width compares with 1 and not with 0.
  wire pixel = row + 1 > TOP && row < BOTTOM && column + 1 > LEFT && column < RIGHT;
  assign m_data = pixel ? s_data : ZERO;
  assign m_valid = !pixel || s_valid;
  assign s_ready = pixel && m_ready;
  wire step = m_valid && m_ready;
  wire last_word = (word == WORDS - 1), last_x = (x == W - 1), last_y = (y == H - 1);
  always @(posedge clk)
    if (rst) begin
      y <= 0;
      x <= 0;
      word <= 0;
    end else if (step) begin
      word <= last_word ? {WB{1'b0}} : word + 1'b1;
      if (last_word) x <= last_x ? {XB{1'b0}} : x + 1'b1;
      if (last_word && last_x) y <= last_y ? {YB{1'b0}} : y + 1'b1;
    end
endmodule
`default_nettype wire
