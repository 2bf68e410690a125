// SPDX-License-Identifier: Apache-2.0
// Ternary adder: s = a + b + (clear ? 0 : c), unsigned.
//
// One LUT6_2 per bit and a CARRY4 chain.  In each slice position the LUT adds the three bits to the carry-save bit of
// the position below: O6 selects the carry, O5 is the carry-save bit for the position above, which is also what the
// carry chain generates.  WO may be at most W + 2; bits that cannot be set are simply left out.
// `clear` masks c inside the same LUT, so an accumulator starts a new sum at no cost.
`default_nettype none
module dp_add3 #(parameter W = 6, parameter WO = 8) (
    input  wire [W-1:0]  a,
    input  wire [W-1:0]  b,
    input  wire [W-1:0]  c,
    input  wire          clear,
    output wire [WO-1:0] s
);
  localparam CELLS = (WO > W) ? W + 1 : W;  // positions with a LUT
  localparam CHAINS = (CELLS + 3) / 4;
  wire [4*CHAINS-1:0] select, generated, sum, carry;
  wire [W:0] save;
  assign save[0] = 1'b0;
  genvar i;
  generate
    for (i = 0; i < 4 * CHAINS; i = i + 1) begin : position
      if (i < W) begin : full
        LUT6_2 #(.INIT(64'h996669968888e8e8)) lut (
            .I0(a[i]), .I1(b[i]), .I2(c[i]), .I3(save[i]), .I4(clear), .I5(1'b1), .O6(select[i]), .O5(save[i+1]));
        assign generated[i] = save[i];
      end else if (i == W && CELLS > W) begin : top
        LUT1 #(.INIT(2'b10)) lut (.I0(save[W]), .O(select[i]));
        assign generated[i] = 1'b0;
      end else begin : unused
        assign select[i] = 1'b0;
        assign generated[i] = 1'b0;
      end
    end
    for (i = 0; i < CHAINS; i = i + 1) begin : chain
      if (i == 0) begin : start
        CARRY4 four (.CI(1'b0), .CYINIT(1'b0), .DI(generated[3:0]), .S(select[3:0]), .O(sum[3:0]), .CO(carry[3:0]));
      end else begin : next
        CARRY4 four (.CI(carry[4*i-1]), .CYINIT(1'b0), .DI(generated[4*i+3:4*i]), .S(select[4*i+3:4*i]),
            .O(sum[4*i+3:4*i]), .CO(carry[4*i+3:4*i]));
      end
    end
    for (i = 0; i < WO; i = i + 1) begin : result
      if (i < CELLS) begin : from_sum
        assign s[i] = sum[i];
      end else begin : from_carry
        assign s[i] = carry[CELLS-1];
      end
    end
  endgenerate
endmodule
`default_nettype wire
