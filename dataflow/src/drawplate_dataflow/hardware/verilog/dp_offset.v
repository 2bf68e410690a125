// SPDX-License-Identifier: Apache-2.0
// Sums that are sent as they are: y = (sum << SHIFT) + offset of the channel, two clocks.
`default_nettype none
module dp_offset #(parameter BITS = 12, parameter SHIFT = 0, parameter OB = 13) (
    input  wire            clk,
    input  wire            rst,
    input  wire            s_valid,
    input  wire [BITS-1:0] s_sum,
    input  wire [OB-1:0]   offset,  // from a ROM that is addressed by the channel beside s_sum
    output reg             m_valid,
    output reg  [OB-1:0]   m_code
);
  reg valid;
  reg [BITS-1:0] sum;
  wire [BITS+OB-1:0] total = ({{OB{1'b0}}, sum} << SHIFT) + {{BITS{1'b0}}, offset};
  always @(posedge clk) begin
    sum <= s_sum;
    valid <= s_valid && !rst;
    m_valid <= valid && !rst;
    m_code <= total[OB-1:0];
  end
endmodule
`default_nettype wire
