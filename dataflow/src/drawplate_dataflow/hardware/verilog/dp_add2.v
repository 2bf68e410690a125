// SPDX-License-Identifier: Apache-2.0
// Adder of two operands: s = a + (clear ? 0 : b), unsigned.
//
// `clear` masks b, so an accumulator starts a new sum; WO may be at most W + 1.
`default_nettype none
module dp_add2 #(parameter W = 6, parameter WO = 7) (
    input  wire [W-1:0]  a,
    input  wire [W-1:0]  b,
    input  wire          clear,
    output wire [WO-1:0] s
);
  wire [W:0] total = {1'b0, a} + {1'b0, b & {W{!clear}}};
  assign s = total[WO-1:0];
endmodule
`default_nettype wire
