// SPDX-License-Identifier: Apache-2.0
// Behaviour of the cells that the design instantiates, written from Lattice FPGA-TN-02205 for simulation at gate level.
// Not for synthesis: there they are black boxes.
module CCU2C #(
    parameter [15:0] INIT0 = 0, parameter [15:0] INIT1 = 0, parameter INJECT1_0 = "YES", parameter INJECT1_1 = "YES"
) (
    input CIN, A0, B0, C0, D0, A1, B1, C1, D1, output S0, S1, COUT
);
  wire p0 = INIT0[{D0, C0, B0, A0}], p1 = INIT1[{D1, C1, B1, A1}];
  wire g0 = INIT0[{2'b00, B0, A0}], g1 = INIT1[{2'b00, B1, A1}];
  wire c1 = p0 ? CIN : (INJECT1_0 == "NO" && g0);
  assign S0 = p0 ^ (INJECT1_0 == "NO" && CIN), S1 = p1 ^ (INJECT1_1 == "NO" && c1);
  assign COUT = p1 ? c1 : (INJECT1_1 == "NO" && g1);
endmodule
