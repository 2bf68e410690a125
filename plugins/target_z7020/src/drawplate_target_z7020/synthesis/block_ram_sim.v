// SPDX-License-Identifier: Apache-2.0
// Behaviour of RAMB18E1 and RAMB36E1 as yosys instantiates them: no output registers, no cascades, no resets.  yosys has
// delays of these cells and no behaviour.  For simulation only.
`default_nettype none
module drawplate_block_ram #(
    parameter AB = 14,                          // address bits: one address per bit
    parameter HALF = 16,                        // data bits of a port
    parameter SDP = 0,                          // port A reads and port B writes both ports' wires at full width
    parameter READ_A = 0, parameter READ_B = 0, parameter WRITE_A = 0, parameter WRITE_B = 0,
    parameter [(1<<AB)-1:0] DATA = 0,
    parameter [(1<<AB)/8-1:0] PARITY = 0
) (
    input  wire                clk_a, clk_b, en_a, en_b,
    input  wire [AB-1:0]       at_a, at_b,
    input  wire [HALF/8-1:0]   write_a,
    input  wire [HALF/4-1:0]   write_b,
    input  wire [HALF-1:0]     d_a, d_b,
    input  wire [HALF/8-1:0]   dp_a, dp_b,
    output wire [HALF-1:0]     q_a, q_b,
    output wire [HALF/8-1:0]   qp_a, qp_b
);
  // A port of 9, 18, 36 or 72 bits has a parity bit per byte.
  localparam FULL = HALF / 8 * 18;
  localparam BYTES_RA = READ_A / 9, BYTES_RB = READ_B / 9, BYTES_WA = WRITE_A / 9, BYTES_WB = WRITE_B / 9;
  localparam BITS_RA = BYTES_RA ? 8 * BYTES_RA : READ_A, BITS_RB = BYTES_RB ? 8 * BYTES_RB : READ_B;
  localparam BITS_WA = BYTES_WA ? 8 * BYTES_WA : WRITE_A, BITS_WB = BYTES_WB ? 8 * BYTES_WB : WRITE_B;
  localparam WIDE = SDP && WRITE_B == FULL;
  reg [(1<<AB)-1:0] data = DATA;
  reg [(1<<AB)/8-1:0] parity = PARITY;
  reg [2*HALF-1:0] a = 0;
  reg [HALF-1:0] b = 0;
  reg [HALF/4-1:0] pa = 0;
  reg [HALF/8-1:0] pb = 0;
  wire [2*HALF-1:0] d = WIDE ? {d_b, d_a} : {{HALF{1'b0}}, d_b};
  wire [HALF/4-1:0] dp = WIDE ? {dp_b, dp_a} : {{HALF/8{1'b0}}, dp_b};
  assign q_a = a[HALF-1:0], qp_a = pa[HALF/8-1:0];
  assign q_b = SDP ? a[2*HALF-1:HALF] : b, qp_b = SDP ? pa[HALF/4-1:HALF/8] : pb;
  integer n;
  generate
    if (READ_A > 0) begin : reads_a
      always @(posedge clk_a) if (en_a) begin
        a[BITS_RA-1:0] <= data[(at_a & ~(BITS_RA-1)) +: BITS_RA];
        for (n = 0; n < BYTES_RA; n = n + 1) pa[n] <= parity[(at_a & ~(BITS_RA-1)) / 8 + n];
      end
    end
    if (READ_B > 0) begin : reads_b
      always @(posedge clk_b) if (en_b) begin
        b[BITS_RB-1:0] <= data[(at_b & ~(BITS_RB-1)) +: BITS_RB];
        for (n = 0; n < BYTES_RB; n = n + 1) pb[n] <= parity[(at_b & ~(BITS_RB-1)) / 8 + n];
      end
    end
    if (WRITE_A > 0) begin : writes_a
      always @(posedge clk_a) if (en_a) begin
        if (!BYTES_WA && write_a[0]) data[(at_a & ~(BITS_WA-1)) +: BITS_WA] <= d_a[BITS_WA-1:0];
        for (n = 0; n < BYTES_WA; n = n + 1) if (write_a[n]) begin
          data[(at_a & ~(BITS_WA-1)) + 8*n +: 8] <= d_a[8*n +: 8];
          parity[(at_a & ~(BITS_WA-1)) / 8 + n] <= dp_a[n];
        end
      end
    end
    if (WRITE_B > 0) begin : writes_b
      always @(posedge clk_b) if (en_b) begin
        if (!BYTES_WB && write_b[0]) data[(at_b & ~(BITS_WB-1)) +: BITS_WB] <= d[BITS_WB-1:0];
        for (n = 0; n < BYTES_WB; n = n + 1) if (write_b[n]) begin
          data[(at_b & ~(BITS_WB-1)) + 8*n +: 8] <= d[8*n +: 8];
          parity[(at_b & ~(BITS_WB-1)) / 8 + n] <= dp[n];
        end
      end
    end
  endgenerate
endmodule
module RAMB18E1 #(
    parameter [255:0] INIT_00 = 0, parameter [255:0] INIT_01 = 0, parameter [255:0] INIT_02 = 0,
    parameter [255:0] INIT_03 = 0, parameter [255:0] INIT_04 = 0, parameter [255:0] INIT_05 = 0,
    parameter [255:0] INIT_06 = 0, parameter [255:0] INIT_07 = 0, parameter [255:0] INIT_08 = 0,
    parameter [255:0] INIT_09 = 0, parameter [255:0] INIT_0A = 0, parameter [255:0] INIT_0B = 0,
    parameter [255:0] INIT_0C = 0, parameter [255:0] INIT_0D = 0, parameter [255:0] INIT_0E = 0,
    parameter [255:0] INIT_0F = 0, parameter [255:0] INIT_10 = 0, parameter [255:0] INIT_11 = 0,
    parameter [255:0] INIT_12 = 0, parameter [255:0] INIT_13 = 0, parameter [255:0] INIT_14 = 0,
    parameter [255:0] INIT_15 = 0, parameter [255:0] INIT_16 = 0, parameter [255:0] INIT_17 = 0,
    parameter [255:0] INIT_18 = 0, parameter [255:0] INIT_19 = 0, parameter [255:0] INIT_1A = 0,
    parameter [255:0] INIT_1B = 0, parameter [255:0] INIT_1C = 0, parameter [255:0] INIT_1D = 0,
    parameter [255:0] INIT_1E = 0, parameter [255:0] INIT_1F = 0, parameter [255:0] INIT_20 = 0,
    parameter [255:0] INIT_21 = 0, parameter [255:0] INIT_22 = 0, parameter [255:0] INIT_23 = 0,
    parameter [255:0] INIT_24 = 0, parameter [255:0] INIT_25 = 0, parameter [255:0] INIT_26 = 0,
    parameter [255:0] INIT_27 = 0, parameter [255:0] INIT_28 = 0, parameter [255:0] INIT_29 = 0,
    parameter [255:0] INIT_2A = 0, parameter [255:0] INIT_2B = 0, parameter [255:0] INIT_2C = 0,
    parameter [255:0] INIT_2D = 0, parameter [255:0] INIT_2E = 0, parameter [255:0] INIT_2F = 0,
    parameter [255:0] INIT_30 = 0, parameter [255:0] INIT_31 = 0, parameter [255:0] INIT_32 = 0,
    parameter [255:0] INIT_33 = 0, parameter [255:0] INIT_34 = 0, parameter [255:0] INIT_35 = 0,
    parameter [255:0] INIT_36 = 0, parameter [255:0] INIT_37 = 0, parameter [255:0] INIT_38 = 0,
    parameter [255:0] INIT_39 = 0, parameter [255:0] INIT_3A = 0, parameter [255:0] INIT_3B = 0,
    parameter [255:0] INIT_3C = 0, parameter [255:0] INIT_3D = 0, parameter [255:0] INIT_3E = 0,
    parameter [255:0] INIT_3F = 0, parameter [255:0] INITP_00 = 0, parameter [255:0] INITP_01 = 0,
    parameter [255:0] INITP_02 = 0, parameter [255:0] INITP_03 = 0, parameter [255:0] INITP_04 = 0,
    parameter [255:0] INITP_05 = 0, parameter [255:0] INITP_06 = 0, parameter [255:0] INITP_07 = 0,
    parameter RAM_MODE = "TDP", parameter integer READ_WIDTH_A = 0, parameter integer READ_WIDTH_B = 0,
    parameter integer WRITE_WIDTH_A = 0, parameter integer WRITE_WIDTH_B = 0, parameter integer DOA_REG = 0,
    parameter integer DOB_REG = 0, parameter WRITE_MODE_A = "WRITE_FIRST", parameter WRITE_MODE_B = "WRITE_FIRST",
    parameter [17:0] INIT_A = 0, parameter [17:0] INIT_B = 0, parameter [17:0] SRVAL_A = 0,
    parameter [17:0] SRVAL_B = 0
) (
    input wire CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB,
    input wire RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB,
    input wire [13:0] ADDRARDADDR, ADDRBWRADDR,
    input wire [15:0] DIADI, DIBDI,
    input wire [1:0] DIPADIP, DIPBDIP,
    input wire [1:0] WEA,
    input wire [3:0] WEBWE,
    output wire [15:0] DOADO, DOBDO,
    output wire [1:0] DOPADOP, DOPBDOP
);
  drawplate_block_ram #(
      .AB(14), .HALF(16), .SDP(RAM_MODE == "SDP"), .READ_A(READ_WIDTH_A), .READ_B(READ_WIDTH_B),
      .WRITE_A(WRITE_WIDTH_A), .WRITE_B(WRITE_WIDTH_B),
      .DATA({
          INIT_3F, INIT_3E, INIT_3D, INIT_3C, INIT_3B, INIT_3A, INIT_39, INIT_38, INIT_37, INIT_36, INIT_35, INIT_34,
          INIT_33, INIT_32, INIT_31, INIT_30, INIT_2F, INIT_2E, INIT_2D, INIT_2C, INIT_2B, INIT_2A, INIT_29, INIT_28,
          INIT_27, INIT_26, INIT_25, INIT_24, INIT_23, INIT_22, INIT_21, INIT_20, INIT_1F, INIT_1E, INIT_1D, INIT_1C,
          INIT_1B, INIT_1A, INIT_19, INIT_18, INIT_17, INIT_16, INIT_15, INIT_14, INIT_13, INIT_12, INIT_11, INIT_10,
          INIT_0F, INIT_0E, INIT_0D, INIT_0C, INIT_0B, INIT_0A, INIT_09, INIT_08, INIT_07, INIT_06, INIT_05, INIT_04,
          INIT_03, INIT_02, INIT_01, INIT_00
      }),
      .PARITY({
          INITP_07, INITP_06, INITP_05, INITP_04, INITP_03, INITP_02, INITP_01, INITP_00
      })
  ) ram (
      .clk_a(CLKARDCLK), .clk_b(CLKBWRCLK), .en_a(ENARDEN), .en_b(ENBWREN),
      .at_a(ADDRARDADDR[13:0]), .at_b(ADDRBWRADDR[13:0]), .write_a(WEA), .write_b(WEBWE),
      .d_a(DIADI), .d_b(DIBDI), .dp_a(DIPADIP), .dp_b(DIPBDIP), .q_a(DOADO), .q_b(DOBDO), .qp_a(DOPADOP), .qp_b(DOPBDOP)
  );
endmodule
module RAMB36E1 #(
    parameter [255:0] INIT_00 = 0, parameter [255:0] INIT_01 = 0, parameter [255:0] INIT_02 = 0,
    parameter [255:0] INIT_03 = 0, parameter [255:0] INIT_04 = 0, parameter [255:0] INIT_05 = 0,
    parameter [255:0] INIT_06 = 0, parameter [255:0] INIT_07 = 0, parameter [255:0] INIT_08 = 0,
    parameter [255:0] INIT_09 = 0, parameter [255:0] INIT_0A = 0, parameter [255:0] INIT_0B = 0,
    parameter [255:0] INIT_0C = 0, parameter [255:0] INIT_0D = 0, parameter [255:0] INIT_0E = 0,
    parameter [255:0] INIT_0F = 0, parameter [255:0] INIT_10 = 0, parameter [255:0] INIT_11 = 0,
    parameter [255:0] INIT_12 = 0, parameter [255:0] INIT_13 = 0, parameter [255:0] INIT_14 = 0,
    parameter [255:0] INIT_15 = 0, parameter [255:0] INIT_16 = 0, parameter [255:0] INIT_17 = 0,
    parameter [255:0] INIT_18 = 0, parameter [255:0] INIT_19 = 0, parameter [255:0] INIT_1A = 0,
    parameter [255:0] INIT_1B = 0, parameter [255:0] INIT_1C = 0, parameter [255:0] INIT_1D = 0,
    parameter [255:0] INIT_1E = 0, parameter [255:0] INIT_1F = 0, parameter [255:0] INIT_20 = 0,
    parameter [255:0] INIT_21 = 0, parameter [255:0] INIT_22 = 0, parameter [255:0] INIT_23 = 0,
    parameter [255:0] INIT_24 = 0, parameter [255:0] INIT_25 = 0, parameter [255:0] INIT_26 = 0,
    parameter [255:0] INIT_27 = 0, parameter [255:0] INIT_28 = 0, parameter [255:0] INIT_29 = 0,
    parameter [255:0] INIT_2A = 0, parameter [255:0] INIT_2B = 0, parameter [255:0] INIT_2C = 0,
    parameter [255:0] INIT_2D = 0, parameter [255:0] INIT_2E = 0, parameter [255:0] INIT_2F = 0,
    parameter [255:0] INIT_30 = 0, parameter [255:0] INIT_31 = 0, parameter [255:0] INIT_32 = 0,
    parameter [255:0] INIT_33 = 0, parameter [255:0] INIT_34 = 0, parameter [255:0] INIT_35 = 0,
    parameter [255:0] INIT_36 = 0, parameter [255:0] INIT_37 = 0, parameter [255:0] INIT_38 = 0,
    parameter [255:0] INIT_39 = 0, parameter [255:0] INIT_3A = 0, parameter [255:0] INIT_3B = 0,
    parameter [255:0] INIT_3C = 0, parameter [255:0] INIT_3D = 0, parameter [255:0] INIT_3E = 0,
    parameter [255:0] INIT_3F = 0, parameter [255:0] INIT_40 = 0, parameter [255:0] INIT_41 = 0,
    parameter [255:0] INIT_42 = 0, parameter [255:0] INIT_43 = 0, parameter [255:0] INIT_44 = 0,
    parameter [255:0] INIT_45 = 0, parameter [255:0] INIT_46 = 0, parameter [255:0] INIT_47 = 0,
    parameter [255:0] INIT_48 = 0, parameter [255:0] INIT_49 = 0, parameter [255:0] INIT_4A = 0,
    parameter [255:0] INIT_4B = 0, parameter [255:0] INIT_4C = 0, parameter [255:0] INIT_4D = 0,
    parameter [255:0] INIT_4E = 0, parameter [255:0] INIT_4F = 0, parameter [255:0] INIT_50 = 0,
    parameter [255:0] INIT_51 = 0, parameter [255:0] INIT_52 = 0, parameter [255:0] INIT_53 = 0,
    parameter [255:0] INIT_54 = 0, parameter [255:0] INIT_55 = 0, parameter [255:0] INIT_56 = 0,
    parameter [255:0] INIT_57 = 0, parameter [255:0] INIT_58 = 0, parameter [255:0] INIT_59 = 0,
    parameter [255:0] INIT_5A = 0, parameter [255:0] INIT_5B = 0, parameter [255:0] INIT_5C = 0,
    parameter [255:0] INIT_5D = 0, parameter [255:0] INIT_5E = 0, parameter [255:0] INIT_5F = 0,
    parameter [255:0] INIT_60 = 0, parameter [255:0] INIT_61 = 0, parameter [255:0] INIT_62 = 0,
    parameter [255:0] INIT_63 = 0, parameter [255:0] INIT_64 = 0, parameter [255:0] INIT_65 = 0,
    parameter [255:0] INIT_66 = 0, parameter [255:0] INIT_67 = 0, parameter [255:0] INIT_68 = 0,
    parameter [255:0] INIT_69 = 0, parameter [255:0] INIT_6A = 0, parameter [255:0] INIT_6B = 0,
    parameter [255:0] INIT_6C = 0, parameter [255:0] INIT_6D = 0, parameter [255:0] INIT_6E = 0,
    parameter [255:0] INIT_6F = 0, parameter [255:0] INIT_70 = 0, parameter [255:0] INIT_71 = 0,
    parameter [255:0] INIT_72 = 0, parameter [255:0] INIT_73 = 0, parameter [255:0] INIT_74 = 0,
    parameter [255:0] INIT_75 = 0, parameter [255:0] INIT_76 = 0, parameter [255:0] INIT_77 = 0,
    parameter [255:0] INIT_78 = 0, parameter [255:0] INIT_79 = 0, parameter [255:0] INIT_7A = 0,
    parameter [255:0] INIT_7B = 0, parameter [255:0] INIT_7C = 0, parameter [255:0] INIT_7D = 0,
    parameter [255:0] INIT_7E = 0, parameter [255:0] INIT_7F = 0, parameter [255:0] INITP_00 = 0,
    parameter [255:0] INITP_01 = 0, parameter [255:0] INITP_02 = 0, parameter [255:0] INITP_03 = 0,
    parameter [255:0] INITP_04 = 0, parameter [255:0] INITP_05 = 0, parameter [255:0] INITP_06 = 0,
    parameter [255:0] INITP_07 = 0, parameter [255:0] INITP_08 = 0, parameter [255:0] INITP_09 = 0,
    parameter [255:0] INITP_0A = 0, parameter [255:0] INITP_0B = 0, parameter [255:0] INITP_0C = 0,
    parameter [255:0] INITP_0D = 0, parameter [255:0] INITP_0E = 0, parameter [255:0] INITP_0F = 0,
    parameter RAM_EXTENSION_A = "NONE", parameter RAM_EXTENSION_B = "NONE", parameter RAM_MODE = "TDP",
    parameter integer READ_WIDTH_A = 0, parameter integer READ_WIDTH_B = 0, parameter integer WRITE_WIDTH_A = 0,
    parameter integer WRITE_WIDTH_B = 0, parameter integer DOA_REG = 0, parameter integer DOB_REG = 0,
    parameter WRITE_MODE_A = "WRITE_FIRST", parameter WRITE_MODE_B = "WRITE_FIRST", parameter [35:0] INIT_A = 0,
    parameter [35:0] INIT_B = 0, parameter [35:0] SRVAL_A = 0, parameter [35:0] SRVAL_B = 0
) (
    input wire CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB,
    input wire RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB,
    input wire [15:0] ADDRARDADDR, ADDRBWRADDR,
    input wire [31:0] DIADI, DIBDI,
    input wire [3:0] DIPADIP, DIPBDIP,
    input wire [3:0] WEA,
    input wire [7:0] WEBWE,
    output wire [31:0] DOADO, DOBDO,
    output wire [3:0] DOPADOP, DOPBDOP
);
  drawplate_block_ram #(
      .AB(15), .HALF(32), .SDP(RAM_MODE == "SDP"), .READ_A(READ_WIDTH_A), .READ_B(READ_WIDTH_B),
      .WRITE_A(WRITE_WIDTH_A), .WRITE_B(WRITE_WIDTH_B),
      .DATA({
          INIT_7F, INIT_7E, INIT_7D, INIT_7C, INIT_7B, INIT_7A, INIT_79, INIT_78, INIT_77, INIT_76, INIT_75, INIT_74,
          INIT_73, INIT_72, INIT_71, INIT_70, INIT_6F, INIT_6E, INIT_6D, INIT_6C, INIT_6B, INIT_6A, INIT_69, INIT_68,
          INIT_67, INIT_66, INIT_65, INIT_64, INIT_63, INIT_62, INIT_61, INIT_60, INIT_5F, INIT_5E, INIT_5D, INIT_5C,
          INIT_5B, INIT_5A, INIT_59, INIT_58, INIT_57, INIT_56, INIT_55, INIT_54, INIT_53, INIT_52, INIT_51, INIT_50,
          INIT_4F, INIT_4E, INIT_4D, INIT_4C, INIT_4B, INIT_4A, INIT_49, INIT_48, INIT_47, INIT_46, INIT_45, INIT_44,
          INIT_43, INIT_42, INIT_41, INIT_40, INIT_3F, INIT_3E, INIT_3D, INIT_3C, INIT_3B, INIT_3A, INIT_39, INIT_38,
          INIT_37, INIT_36, INIT_35, INIT_34, INIT_33, INIT_32, INIT_31, INIT_30, INIT_2F, INIT_2E, INIT_2D, INIT_2C,
          INIT_2B, INIT_2A, INIT_29, INIT_28, INIT_27, INIT_26, INIT_25, INIT_24, INIT_23, INIT_22, INIT_21, INIT_20,
          INIT_1F, INIT_1E, INIT_1D, INIT_1C, INIT_1B, INIT_1A, INIT_19, INIT_18, INIT_17, INIT_16, INIT_15, INIT_14,
          INIT_13, INIT_12, INIT_11, INIT_10, INIT_0F, INIT_0E, INIT_0D, INIT_0C, INIT_0B, INIT_0A, INIT_09, INIT_08,
          INIT_07, INIT_06, INIT_05, INIT_04, INIT_03, INIT_02, INIT_01, INIT_00
      }),
      .PARITY({
          INITP_0F, INITP_0E, INITP_0D, INITP_0C, INITP_0B, INITP_0A, INITP_09, INITP_08, INITP_07, INITP_06,
          INITP_05, INITP_04, INITP_03, INITP_02, INITP_01, INITP_00
      })
  ) ram (
      .clk_a(CLKARDCLK), .clk_b(CLKBWRCLK), .en_a(ENARDEN), .en_b(ENBWREN),
      .at_a(ADDRARDADDR[14:0]), .at_b(ADDRBWRADDR[14:0]), .write_a(WEA), .write_b(WEBWE),
      .d_a(DIADI), .d_b(DIBDI), .dp_a(DIPADIP), .dp_b(DIPBDIP), .q_a(DOADO), .q_b(DOBDO), .qp_a(DOPADOP), .qp_b(DOPBDOP)
  );
endmodule
`default_nettype wire
