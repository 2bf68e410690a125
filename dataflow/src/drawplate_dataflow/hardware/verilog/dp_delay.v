// SPDX-License-Identifier: Apache-2.0
// A word, some clocks later.  From three clocks on a bit is a shift register in a LUT.
`default_nettype none
module dp_delay #(parameter BITS = 8, parameter CLOCKS = 1) (
    input  wire            clk,
    input  wire [BITS-1:0] d,
    output wire [BITS-1:0] q
);
  generate
    if (CLOCKS == 0) begin : direct
      assign q = d;
    end else begin : delayed
      reg [BITS-1:0] word[0:CLOCKS-1];
      integer n;
      always @(posedge clk) begin
        word[0] <= d;
        for (n = 1; n < CLOCKS; n = n + 1) word[n] <= word[n-1];
      end
      assign q = word[CLOCKS-1];
    end
  endgenerate
endmodule
`default_nettype wire
