// SPDX-License-Identifier: Apache-2.0
// Adder of three operands: s = a + b + (clear ? 0 : c), unsigned.
//
// `clear` masks c, so an accumulator starts a new sum; WO may be at most W + 2.
`default_nettype none
module dp_add3 #(parameter W = 6, parameter WO = 8) (
    input  wire [W-1:0]  a,
    input  wire [W-1:0]  b,
    input  wire [W-1:0]  c,
    input  wire          clear,
    output wire [WO-1:0] s
);
  wire [W+1:0] total = {2'b00, a} + {2'b00, b} + {2'b00, c & {W{!clear}}};
  assign s = total[WO-1:0];
endmodule
`default_nettype wire
