// SPDX-License-Identifier: Apache-2.0
// Sends every word to N readers, each of which takes it when it can; the word leaves with the last of them.
`default_nettype none
module dp_fork #(parameter BITS = 3, parameter N = 2) (
    input  wire              clk,
    input  wire              rst,
    input  wire [BITS-1:0]   s_data,
    input  wire              s_valid,
    output wire              s_ready,
    output wire [N*BITS-1:0] m_data,
    output wire [N-1:0]      m_valid,
    input  wire [N-1:0]      m_ready
);
  reg [N-1:0] served;
  wire [N-1:0] now = served | m_ready;
  assign m_data = {N{s_data}}, m_valid = {N{s_valid}} & ~served, s_ready = &now;
  always @(posedge clk)
    if (rst) served <= 0;
    else if (s_valid) served <= s_ready ? {N{1'b0}} : now;
endmodule
`default_nettype wire
