// SPDX-License-Identifier: Apache-2.0
// Sum of two streams, lane by lane; a word leaves when both have arrived.
`default_nettype none
module dp_add #(parameter AB = 4, parameter BB = 4, parameter OB = 5, parameter LANES = 1) (
    input  wire                clk,
    input  wire                rst,
    input  wire [LANES*AB-1:0] a_data,
    input  wire                a_valid,
    output wire                a_ready,
    input  wire [LANES*BB-1:0] b_data,
    input  wire                b_valid,
    output wire                b_ready,
    output reg  [LANES*OB-1:0] m_data,
    output reg                 m_valid,
    input  wire                m_ready
);
  wire take = a_valid && b_valid && (!m_valid || m_ready);
  assign a_ready = take, b_ready = take;
  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      wire [OB-1:0] a = a_data[lane*AB +: AB];
      wire [OB-1:0] b = b_data[lane*BB +: BB];
      always @(posedge clk) if (take) m_data[lane*OB +: OB] <= a + b;
    end
  endgenerate
  always @(posedge clk)
    if (rst) m_valid <= 1'b0;
    else m_valid <= take || (m_valid && !m_ready);
endmodule
`default_nettype wire
