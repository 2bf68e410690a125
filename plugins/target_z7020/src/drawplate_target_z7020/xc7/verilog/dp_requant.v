// SPDX-License-Identifier: Apache-2.0
// Multiply-shift requantiser: code = clip((sum * factor + bias) >> SHIFT, 0, LEVELS), one DSP48E1, five clocks.
//
// Factor and bias belong to the channel and come from a ROM outside this module, one clock after the sum.
// Unsigned sums and factors of at most WIDE and NARROW bits; which operand is which is decided where it is instantiated.
`default_nettype none
module dp_requant #(
    parameter BITS = 20,    // of the sum
    parameter FB = 17,      // of the factor
    parameter BB = 40,      // of the bias, signed
    parameter SHIFT = 20,
    parameter OB = 8,
    parameter LEVELS = 255
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             s_valid,
    input  wire [BITS-1:0]  s_sum,
    input  wire [FB+BB-1:0] parameters,  // {bias, factor}
    output reg              m_valid,
    output reg  [OB-1:0]    m_code
);
  reg [BITS-1:0] sum;
  reg [4:0] valid;
  reg signed [BB-1:0] bias;
  wire signed [47:0] p;
  wire [FB-1:0] factor = parameters[FB-1:0];
  wire signed [47:0] c = bias;
  always @(posedge clk) begin
    sum <= s_sum;
    bias <= parameters[FB+BB-1:FB];
    valid <= {valid[3:0], s_valid} & {5{!rst}};
  end
`ifdef DRAWPLATE_FAST
  reg [BITS-1:0] sum2;
  reg [FB-1:0] factor2;
  reg [BITS+FB-1:0] product;
  reg signed [47:0] c2, total;
  wire signed [47:0] extended = {{(48 - BITS - FB) {1'b0}}, product};
  always @(posedge clk) begin
    sum2 <= sum;
    factor2 <= factor;
    product <= sum2 * factor2;
    c2 <= c;
    total <= extended + c2;
  end
  assign p = total;
`else
  // A (25 bits) takes the wider operand, B (18 bits) the other; both stay positive.
  localparam SUM_WIDE = (BITS > FB);
  wire [29:0] a = SUM_WIDE ? sum : factor;
  wire [17:0] b = SUM_WIDE ? factor : sum;
  DSP48E1 #(
      .AREG(1), .ACASCREG(1), .BREG(1), .BCASCREG(1), .CREG(1), .MREG(1), .PREG(1), .DREG(0), .ADREG(0),
      .INMODEREG(0), .OPMODEREG(0), .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0),
      .USE_MULT("MULTIPLY"), .USE_DPORT("FALSE"), .USE_SIMD("ONE48")
  ) mac (
      .CLK(clk), .A(a), .B(b), .C(c), .D(25'd0), .P(p), .OPMODE(7'b0110101), .ALUMODE(4'b0000), .INMODE(5'b00000),
      .CARRYIN(1'b0), .CARRYINSEL(3'b000), .CEA1(1'b0), .CEA2(1'b1), .CEB1(1'b0), .CEB2(1'b1), .CEC(1'b1), .CED(1'b0),
      .CEAD(1'b0), .CEM(1'b1), .CEP(1'b1), .CEALUMODE(1'b0), .CECARRYIN(1'b0), .CECTRL(1'b0), .CEINMODE(1'b0),
      .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTD(1'b0), .RSTM(1'b0), .RSTP(1'b0), .RSTCTRL(1'b0), .RSTALLCARRYIN(1'b0),
      .RSTALUMODE(1'b0), .RSTINMODE(1'b0), .ACIN(30'd0), .BCIN(18'd0), .PCIN(48'd0), .CARRYCASCIN(1'b0),
      .MULTSIGNIN(1'b0));
`endif
  wire signed [47:0] scaled = p >>> SHIFT;
  always @(posedge clk) begin
    m_valid <= valid[3] && !rst;
    m_code <= p[47] ? {OB{1'b0}} : (scaled > LEVELS) ? LEVELS : scaled[OB-1:0];
  end
endmodule
`default_nettype wire
