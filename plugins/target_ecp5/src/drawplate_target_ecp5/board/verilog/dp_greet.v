// SPDX-License-Identifier: Apache-2.0
// Passes a stream of bytes on, after the eight bytes of NAME, the lowest first: so the host knows what it talks to.
`default_nettype none
module dp_greet #(parameter [63:0] NAME = 0) (
    input  wire       clk,
    input  wire       rst,
    input  wire [7:0] s_data,
    input  wire       s_valid,
    output wire       s_ready,
    output wire [7:0] m_data,
    output wire       m_valid,
    input  wire       m_ready
);
  reg [63:0] name;
  reg [3:0] left;
  wire greets = (left != 0);
  assign m_data = greets ? name[7:0] : s_data, m_valid = greets || s_valid, s_ready = m_ready && !greets;
  always @(posedge clk)
    if (rst) begin
      name <= NAME;
      left <= 4'd8;
    end else if (greets && m_ready) begin
      name <= name >> 8;
      left <= left - 1'b1;
    end
endmodule
`default_nettype wire
