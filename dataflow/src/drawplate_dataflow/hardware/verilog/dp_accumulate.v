// SPDX-License-Identifier: Apache-2.0
// Accumulator in LUTs of a sum that a chain of multiplier blocks passes on, modulo 2**BITS.
//
// INIT is added to the first term, so that the biases of all terms come to the bias that the layer's sums have.
`default_nettype none
module dp_accumulate #(parameter BITS = 12, parameter TERM = 11, parameter INIT = 0) (
    input  wire            clk,
    input  wire            valid,
    input  wire            first,
    input  wire [TERM-1:0] term,   // TERM may not exceed BITS
    output reg  [BITS-1:0] acc
);
  localparam [BITS-1:0] START = INIT;
  wire [BITS-1:0] wide;
  generate
    if (TERM < BITS) begin : narrow
      assign wide = {{(BITS - TERM) {1'b0}}, term};
    end else begin : equal
      assign wide = term;
    end
  endgenerate
  always @(posedge clk) if (valid) acc <= wide + (first ? START : acc);
endmodule
`default_nettype wire
