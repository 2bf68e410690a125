// SPDX-License-Identifier: Apache-2.0
// Stage K of a threshold unit: one step of a binary search for the number of thresholds that a sum has reached.
//
// A unit is OB stages in a row; each holds 2**K thresholds per channel in a ROM outside this module, addressed by
// {channel, bits decided so far} and read in one clock, and appends one bit: sum >= threshold.
`default_nettype none
module dp_compare #(parameter K = 0, parameter OB = 3, parameter BITS = 12, parameter CB = 8) (
    input  wire             clk,
    input  wire             rst,
    input  wire             s_valid,
    input  wire [BITS-1:0]  s_sum,
    input  wire [CB-1:0]    s_channel,
    input  wire [OB-1:0]    s_code,
    output wire [CB+K-1:0]  a,          // to the ROM
    input  wire [BITS-1:0]  threshold,  // from the ROM, one clock after a
    output reg              m_valid,
    output reg  [BITS-1:0]  m_sum,
    output reg  [CB-1:0]    m_channel,
    output reg  [OB-1:0]    m_code
);
  reg valid;
  reg [BITS-1:0] sum;
  reg [CB-1:0] channel;
  reg [OB-1:0] code;
  wire reached = (sum >= threshold);
  generate
    if (K == 0) begin : root
      assign a = s_channel;
    end else begin : inner
      assign a = {s_channel, s_code[K-1:0]};
    end
  endgenerate
  always @(posedge clk) begin
    sum <= s_sum;
    channel <= s_channel;
    code <= s_code;
    m_sum <= sum;
    m_channel <= channel;
    m_code <= (code << 1) | reached;
    valid <= s_valid && !rst;
    m_valid <= valid && !rst;
  end
endmodule
`default_nettype wire
