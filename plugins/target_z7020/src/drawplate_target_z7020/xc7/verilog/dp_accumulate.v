// SPDX-License-Identifier: Apache-2.0
// Accumulator in LUTs of a sum that a chain of DSP blocks passes on: one LUT per bit, modulo 2**BITS.
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
  wire [BITS-1:0] a, b = START & {BITS{first}}, total;
  generate
    if (TERM < BITS) begin : narrow
      assign a = {{(BITS - TERM) {1'b0}}, term};
    end else begin : equal
      assign a = term;
    end
  endgenerate
`ifdef DRAWPLATE_FAST
  assign total = a + b + (first ? {BITS{1'b0}} : acc);
`else
  dp_add3 #(.W(BITS), .WO(BITS)) add (.a(a), .b(b), .c(acc), .clear(first), .s(total));
`endif
  always @(posedge clk) if (valid) acc <= total;
endmodule
`default_nettype wire
