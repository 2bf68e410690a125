// SPDX-License-Identifier: Apache-2.0
// A word now, a clock later, and so on up to CLOCKS later: weight addresses of the lanes of a chain.
`default_nettype none
module dp_taps #(parameter BITS = 8, parameter CLOCKS = 3) (
    input  wire                       clk,
    input  wire [BITS-1:0]            d,
    output wire [(CLOCKS+1)*BITS-1:0] q
);
  generate
    if (CLOCKS == 0) begin : direct
      assign q = d;
    end else begin : delayed
      reg [CLOCKS*BITS-1:0] words;
      always @(posedge clk) words <= q[CLOCKS*BITS-1:0];
      assign q = {words, d};
    end
  endgenerate
endmodule
`default_nettype wire
