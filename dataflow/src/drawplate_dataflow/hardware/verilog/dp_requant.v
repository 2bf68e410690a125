// SPDX-License-Identifier: Apache-2.0
// Multiply-shift requantiser: code = clip((sum * factor + bias) >> SHIFT, 0, LEVELS), one multiplier, five clocks.
//
// Factor and bias belong to the channel and come from a ROM outside this module, one clock after the sum.
`default_nettype none
module dp_requant #(
    parameter BITS = 20,    // of the sum
    parameter FB = 17,      // of the factor
    parameter BB = 40,      // of the bias, signed
    parameter SHIFT = 20,
    parameter OB = 8,
    parameter LEVELS = 255
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             s_valid,
    input  wire [BITS-1:0]  s_sum,
    input  wire [FB+BB-1:0] parameters,  // {bias, factor}
    output reg              m_valid,
    output reg  [OB-1:0]    m_code
);
  localparam PB = BITS + FB + 1;
  localparam TB = ((PB > BB) ? PB : BB) + 1;
  reg [BITS-1:0] sum, sum2;
  reg [FB-1:0] factor2;
  reg [PB-2:0] product;
  reg [4:0] valid;
  reg signed [BB-1:0] bias;
  reg signed [TB-1:0] bias2, total;
  wire signed [TB-1:0] scaled = total >>> SHIFT;
  always @(posedge clk) begin
    sum <= s_sum;
    bias <= parameters[FB+BB-1:FB];
    valid <= {valid[3:0], s_valid} & {5{!rst}};
    sum2 <= sum;
    factor2 <= parameters[FB-1:0];
    product <= sum2 * factor2;
    bias2 <= bias;
    total <= $signed({{(TB - PB + 1) {1'b0}}, product}) + bias2;
    m_valid <= valid[3] && !rst;
    m_code <= total[TB-1] ? {OB{1'b0}} : (scaled > LEVELS) ? LEVELS : scaled[OB-1:0];
  end
endmodule
`default_nettype wire
