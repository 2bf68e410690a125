// SPDX-License-Identifier: Apache-2.0
// Behaviour of the 7-series primitives that the design instantiates, written from Xilinx UG953 for gate-level
// simulation.  Not for synthesis: there they are black boxes.
module LUT1 #(parameter [1:0] INIT = 0) (input I0, output O);
  assign O = INIT[I0];
endmodule

module LUT6 #(parameter [63:0] INIT = 0) (input I0, I1, I2, I3, I4, I5, output O);
  assign O = INIT[{I5, I4, I3, I2, I1, I0}];
endmodule

module LUT6_2 #(parameter [63:0] INIT = 0) (input I0, I1, I2, I3, I4, I5, output O6, O5);
  assign O6 = INIT[{I5, I4, I3, I2, I1, I0}];
  assign O5 = INIT[{1'b0, I4, I3, I2, I1, I0}];
endmodule

module MUXF7 (input I0, I1, S, output O);
  assign O = S ? I1 : I0;
endmodule

module MUXF8 (input I0, I1, S, output O);
  assign O = S ? I1 : I0;
endmodule

module CARRY4 (input CI, CYINIT, input [3:0] DI, S, output [3:0] O, CO);
  wire c0 = CI | CYINIT;
  wire c1 = S[0] ? c0 : DI[0];
  wire c2 = S[1] ? c1 : DI[1];
  wire c3 = S[2] ? c2 : DI[2];
  wire c4 = S[3] ? c3 : DI[3];
  assign CO = {c4, c3, c2, c1};
  assign O = S ^ {c3, c2, c1, c0};
endmodule

// Of the DSP48E1 only what is used here: P = X + Y + Z with CREG = PREG = 1 and one or two registers at A and B; P keeps
// its value unless CEP; the product passes X and Y together.  Xilinx UG479, tables 2-7 to 2-9.
// verilator lint_off UNUSEDPARAM
module DSP48E1 #(
    parameter AREG = 1, ACASCREG = 1, BREG = 1, BCASCREG = 1, CREG = 1, MREG = 1, PREG = 1, DREG = 0, ADREG = 0,
    parameter INMODEREG = 0, OPMODEREG = 0, ALUMODEREG = 0, CARRYINREG = 0, CARRYINSELREG = 0,
    parameter USE_MULT = "MULTIPLY", USE_DPORT = "FALSE", USE_SIMD = "ONE48"
) (
    input CLK, input signed [29:0] A, input signed [17:0] B, input signed [47:0] C, input [24:0] D,
    output reg signed [47:0] P, output [47:0] PCOUT,
    input [6:0] OPMODE, input [3:0] ALUMODE, input [4:0] INMODE, input CARRYIN, input [2:0] CARRYINSEL,
    input CEA1, CEA2, CEB1, CEB2, CEC, CED, CEAD, CEM, CEP, CEALUMODE, CECARRYIN, CECTRL, CEINMODE,
    input RSTA, RSTB, RSTC, RSTD, RSTM, RSTP, RSTCTRL, RSTALLCARRYIN, RSTALUMODE, RSTINMODE,
    input [29:0] ACIN, input [17:0] BCIN, input signed [47:0] PCIN, input CARRYCASCIN, MULTSIGNIN
);
  reg signed [24:0] a1, a;
  reg signed [17:0] b1, b;
  reg signed [42:0] m;
  reg signed [47:0] c, x, y, z;
  always @* begin
    case (OPMODE[1:0])
      2'b01: x = {{5{m[42]}}, m};
      2'b10: x = P;
      default: x = 48'sd0;
    endcase
    y = (OPMODE[3:2] == 2'b11) ? c : 48'sd0;
    case (OPMODE[6:4])
      3'b001: z = PCIN;
      3'b010: z = P;
      3'b011: z = c;
      default: z = 48'sd0;
    endcase
  end
  assign PCOUT = P;
  always @(posedge CLK) begin
    a1 <= A[24:0];
    b1 <= B;
    a <= (AREG == 2) ? a1 : A[24:0];
    b <= (BREG == 2) ? b1 : B;
    m <= a * b;
    c <= C;
    if (CEP) P <= x + y + z;
  end
endmodule
