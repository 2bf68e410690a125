// SPDX-License-Identifier: Apache-2.0
// Channels of N streams, pixel by pixel: WORDS[i] words of stream i, at most MOST, one stream after the other.
`default_nettype none
module dp_concat #(parameter BITS = 4, parameter N = 2, parameter MOST = 1,
                   parameter [N*16-1:0] WORDS = {16'd1, 16'd1}) (
    input  wire              clk,
    input  wire              rst,
    input  wire [N*BITS-1:0] s_data,
    input  wire [N-1:0]      s_valid,
    output wire [N-1:0]      s_ready,
    output wire [BITS-1:0]   m_data,
    output wire              m_valid,
    input  wire              m_ready
);
  localparam NB = $clog2(N);
  reg [NB-1:0] at;
  localparam WB = (MOST > 1) ? $clog2(MOST) : 1;
  reg [WB-1:0] word;
  wire [15:0] words = WORDS[at*16 +: 16];
  wire step = m_valid && m_ready, last = ({{(16 - WB){1'b0}}, word} == words - 16'd1);
  assign m_data = s_data[at*BITS +: BITS], m_valid = s_valid[at];
  genvar i;
  generate
    for (i = 0; i < N; i = i + 1) begin : inputs
      assign s_ready[i] = m_ready && (at == i);
    end
  endgenerate
  always @(posedge clk)
    if (rst) begin
      at <= 0;
      word <= 0;
    end else if (step) begin
      word <= last ? {WB{1'b0}} : word + 1'b1;
      if (last) at <= (at == N - 1) ? {NB{1'b0}} : at + 1'b1;
    end
endmodule
`default_nettype wire
