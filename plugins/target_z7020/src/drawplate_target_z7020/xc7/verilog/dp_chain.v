// SPDX-License-Identifier: Apache-2.0
// A chain of DSP48E1 that multiplies LANES elements by the weights of WEIGHTS processing elements and adds up.
//
// One block multiplies an element by WEIGHTS weights at once: its 25-bit port holds sum(weight_i << (LB * i)), so the
// sums of lane i appear LB bits above those of lane i - 1.  The stored fields are those of that number in two's
// complement: each has lent one to the field above where what lies below it is negative.  BIAS is at least what a lane
// can fall below zero; it is added to every lane once per result, so what is read is never negative and no lane borrows
// from another.  The generator sees to it that BIAS plus the largest sum fits LB bits.
//
// A block passes its sum on one clock after the one before.  So elements 2n and 2n + 1 and their weights arrive 2n
// clocks after elements 0 and 1, and every other block has one register more at its inputs.  ADDUP = 0: q is the sum of the LANES products, LANES + 2 clocks after element 0.  ADDUP = 1: one more block
// adds these up while `valid`, from anew with `first`, both LANES + 2 clocks after element 0; a single lane adds up in
// its own block, two clocks after its element.
`default_nettype none
module dp_chain #(
    parameter LANES = 4,
    parameter XB = 8,        // of an element, unsigned, at most 17
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
  localparam [LB-1:0] LANE_BIAS = BIAS;
  wire signed [24:0] a[0:LANES-1];
  wire [17:0] b[0:LANES-1];
  wire signed [47:0] bias;
  genvar k, i;
  generate
    for (k = 0; k < LANES; k = k + 1) begin : operand
      assign b[k] = {{(18 - XB) {1'b0}}, x[k*XB +: XB]};
      for (i = 0; i < WEIGHTS; i = i + 1) begin : field
        wire [WB-1:0] stored = w[(k*WEIGHTS+i)*WB +: WB];
        localparam SIZE = (i == WEIGHTS - 1) ? 25 - i * LB : LB;
        assign a[k][i*LB +: SIZE] = {{(SIZE - WB) {stored[WB-1]}}, stored};
      end
    end
    if (WEIGHTS * LB < 48) begin : above
      assign bias = {{(48 - WEIGHTS * LB) {1'b0}}, {WEIGHTS{LANE_BIAS}}};
    end else begin : full
      assign bias = {WEIGHTS{LANE_BIAS}};
    end
  endgenerate
`ifdef DRAWPLATE_FAST
  reg signed [24:0] a0[0:LANES-1], a1[0:LANES-1];
  reg [17:0] b0[0:LANES-1], b1[0:LANES-1];
  reg signed [47:0] m[0:LANES-1];
  reg signed [47:0] p[0:LANES-1];
  reg signed [47:0] total;
  integer n;
  always @(posedge clk) begin
    for (n = 0; n < LANES; n = n + 1) begin
      a0[n] <= a[n];
      b0[n] <= b[n];
      a1[n] <= (n % 2 == 1) ? a0[n] : a[n];
      b1[n] <= (n % 2 == 1) ? b0[n] : b[n];
      m[n] <= $signed({{23{a1[n][24]}}, a1[n]}) * $signed({30'd0, b1[n]});
    end
    for (n = 1; n < LANES; n = n + 1) p[n] <= p[n-1] + m[n];
    if (!OWN) p[0] <= (ADDUP ? 48'd0 : bias) + m[0];
    else if (valid) p[0] <= (first ? bias : p[0]) + m[0];
    if (valid) total <= (first ? bias : total) + p[LANES-1];
  end
  assign q = (ADDUP && !OWN) ? total[WEIGHTS*LB-1:0] : p[LANES-1][WEIGHTS*LB-1:0];
`else
  wire [47:0] p[0:LANES], carried[0:LANES];
  generate
    for (k = 0; k < LANES; k = k + 1) begin : lane
      wire [6:0] opmode = (k > 0) ? 7'b0010101 : !ADDUP ? 7'b0110101 : !OWN ? 7'b0000101 :
          first ? 7'b0110101 : 7'b0100101;
      DSP48E1 #(
          .AREG(1 + k % 2), .ACASCREG(1 + k % 2), .BREG(1 + k % 2), .BCASCREG(1 + k % 2), .CREG(1), .MREG(1), .PREG(1), .DREG(0), .ADREG(0),
          .INMODEREG(0), .OPMODEREG(0), .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0),
          .USE_MULT("MULTIPLY"), .USE_DPORT("FALSE"), .USE_SIMD("ONE48")
      ) multiply (
          .CLK(clk), .A({{5{a[k][24]}}, a[k]}), .B(b[k]), .C(bias), .D(25'd0), .P(p[k]), .PCOUT(carried[k]),
          .PCIN((k > 0) ? carried[(k > 0) ? k - 1 : 0] : 48'd0), .OPMODE(opmode), .ALUMODE(4'b0000),
          .INMODE(5'b00000), .CARRYIN(1'b0), .CARRYINSEL(3'b000), .CEA1(1'b1), .CEA2(1'b1), .CEB1(1'b1),
          .CEB2(1'b1), .CEC(1'b1), .CED(1'b0), .CEAD(1'b0), .CEM(1'b1), .CEP(OWN ? valid : 1'b1), .CEALUMODE(1'b0),
          .CECARRYIN(1'b0), .CECTRL(1'b0), .CEINMODE(1'b0), .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTD(1'b0),
          .RSTM(1'b0), .RSTP(1'b0), .RSTCTRL(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTINMODE(1'b0),
          .ACIN(30'd0), .BCIN(18'd0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0));
    end
    if (ADDUP && !OWN) begin : addup
      // P = PCIN + (first ? C : P); nothing is multiplied.
      DSP48E1 #(
          .AREG(1), .ACASCREG(1), .BREG(1), .BCASCREG(1), .CREG(1), .MREG(0), .PREG(1), .DREG(0), .ADREG(0),
          .INMODEREG(0), .OPMODEREG(0), .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0),
          .USE_MULT("NONE"), .USE_DPORT("FALSE"), .USE_SIMD("ONE48")
      ) add (
          .CLK(clk), .A(30'd0), .B(18'd0), .C(bias), .D(25'd0), .P(p[LANES]), .PCOUT(carried[LANES]),
          .PCIN(carried[LANES-1]), .OPMODE(first ? 7'b0011100 : 7'b0010010), .ALUMODE(4'b0000), .INMODE(5'b00000),
          .CARRYIN(1'b0), .CARRYINSEL(3'b000), .CEA1(1'b0), .CEA2(1'b1), .CEB1(1'b0), .CEB2(1'b1), .CEC(1'b1),
          .CED(1'b0), .CEAD(1'b0), .CEM(1'b0), .CEP(valid), .CEALUMODE(1'b0), .CECARRYIN(1'b0), .CECTRL(1'b0),
          .CEINMODE(1'b0), .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTD(1'b0), .RSTM(1'b0), .RSTP(1'b0),
          .RSTCTRL(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTINMODE(1'b0), .ACIN(30'd0), .BCIN(18'd0),
          .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0));
    end else begin : alone
      assign p[LANES] = p[LANES-1], carried[LANES] = 48'd0;
    end
  endgenerate
  assign q = p[LANES][WEIGHTS*LB-1:0];
`endif
endmodule
`default_nettype wire
