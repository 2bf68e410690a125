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
