// SPDX-License-Identifier: Apache-2.0
// A chain of multiplier blocks that multiplies LANES elements by the weights of WEIGHTS processing elements and adds up.
//
// One block multiplies an element by WEIGHTS weights at once: its port of PORT bits holds sum(weight_i << (LB * i)), so
// the sums of lane i appear LB bits above those of lane i - 1.  The stored fields are those of that number in two's
// complement: each has lent one to the field above where what lies below it is negative.  BIAS is at least what a lane
// can fall below zero; it is added to every lane once per result, so what is read is never negative and no lane borrows
// from another.  The generator sees to it that BIAS plus the largest sum fits LB bits.
//
// A block passes its sum on one clock after the one before.  So elements 2n and 2n + 1 and their weights arrive 2n
// clocks after elements 0 and 1, and every other block has one register more at its inputs.  ADDUP = 0: q is the sum of
// the LANES products, LANES + 2 clocks after element 0.  ADDUP = 1: these are added up while `valid`, from anew with
// `first`, both LANES + 2 clocks after element 0; a single lane adds up in its own block, two clocks after its element.
`default_nettype none
module dp_chain #(
    parameter LANES = 4,
    parameter XB = 8,        // of an element, unsigned, less than a port of a block
    parameter WEIGHTS = 2,
    parameter WB = 3,        // of a stored field
    parameter LB = 22,       // of a lane
    parameter ADDUP = 1,
    parameter BIAS = 0
) (
    input  wire                        clk,
    input  wire                        valid,
    input  wire                        first,
    input  wire [LANES*XB-1:0]         x,
    input  wire [LANES*WEIGHTS*WB-1:0] w,
    output wire [WEIGHTS*LB-1:0]       q
);
  localparam OWN = (ADDUP && LANES == 1);
  localparam PORT = (WEIGHTS - 1) * LB + WB;         // of the packed weights, signed
  localparam PB = PORT + XB + 1;                     // of a product
  localparam QB = (WEIGHTS * LB > PB) ? WEIGHTS * LB : PB;
  localparam [LB-1:0] LANE_BIAS = BIAS;
  wire signed [PORT-1:0] packed_w[0:LANES-1];
  wire [XB-1:0] element[0:LANES-1];
  wire signed [QB-1:0] bias;
  genvar k, i;
  generate
    for (k = 0; k < LANES; k = k + 1) begin : operand
      assign element[k] = x[k*XB +: XB];
      for (i = 0; i < WEIGHTS; i = i + 1) begin : field
        wire [WB-1:0] stored = w[(k*WEIGHTS+i)*WB +: WB];
        localparam SIZE = (i == WEIGHTS - 1) ? WB : LB;
        if (SIZE > WB) begin : extended
          assign packed_w[k][i*LB +: SIZE] = {{(SIZE - WB) {stored[WB-1]}}, stored};
        end else begin : whole
          assign packed_w[k][i*LB +: SIZE] = stored;
        end
      end
    end
    if (WEIGHTS * LB < QB) begin : above
      assign bias = {{(QB - WEIGHTS * LB) {1'b0}}, {WEIGHTS{LANE_BIAS}}};
    end else begin : full
      assign bias = {WEIGHTS{LANE_BIAS}};
    end
  endgenerate
  reg signed [PORT-1:0] a0[0:LANES-1], a1[0:LANES-1];
  reg [XB-1:0] b0[0:LANES-1], b1[0:LANES-1];
  reg signed [QB-1:0] m[0:LANES-1];
  reg signed [QB-1:0] p[0:LANES-1];
  reg signed [QB-1:0] total;
  integer n;
  always @(posedge clk) begin
    for (n = 0; n < LANES; n = n + 1) begin
      a0[n] <= packed_w[n];
      b0[n] <= element[n];
      a1[n] <= (n % 2 == 1) ? a0[n] : packed_w[n];
      b1[n] <= (n % 2 == 1) ? b0[n] : element[n];
      m[n] <= a1[n] * $signed({1'b0, b1[n]});
    end
    for (n = 1; n < LANES; n = n + 1) p[n] <= p[n-1] + m[n];
    if (!OWN) p[0] <= (ADDUP ? {QB{1'b0}} : bias) + m[0];
    else if (valid) p[0] <= (first ? bias : p[0]) + m[0];
    if (valid) total <= (first ? bias : total) + p[LANES-1];
  end
  assign q = (ADDUP && !OWN) ? total[WEIGHTS*LB-1:0] : p[LANES-1][WEIGHTS*LB-1:0];
endmodule
`default_nettype wire
