// SPDX-License-Identifier: Apache-2.0
// Adder of two operands: s = a + (clear ? 0 : b), unsigned; WO may be at most W + 1.
//
// Two bits are a CCU2C.  Its LUT4s add and mask b by `clear` at once: INIT is A ^ (B & !C) where D is high, and A in the
// lowest four bits, which is what the chain carries on where a and the masked b are equal (Lattice FPGA-TN-02205).
`default_nettype none
module dp_add2 #(parameter W = 6, parameter WO = 7) (
    input  wire [W-1:0]  a,
    input  wire [W-1:0]  b,
    input  wire          clear,
    output wire [WO-1:0] s
);
  localparam PAIRS = (WO + 1) / 2;
  wire [2*PAIRS-1:0] x = a, y = b, sum;
  wire [PAIRS:0] carry;
  assign carry[0] = 1'b0, s = sum[WO-1:0];
  genvar i;
  generate
    for (i = 0; i < PAIRS; i = i + 1) begin : pair
      CCU2C #(.INIT0(16'ha6aa), .INIT1(16'ha6aa), .INJECT1_0("NO"), .INJECT1_1("NO")) two (
          .CIN(carry[i]), .A0(x[2*i]), .B0(y[2*i]), .C0(clear), .D0(1'b1), .A1(x[2*i+1]), .B1(y[2*i+1]), .C1(clear),
          .D1(1'b1), .S0(sum[2*i]), .S1(sum[2*i+1]), .COUT(carry[i+1]));
    end
  endgenerate
endmodule
`default_nettype wire
