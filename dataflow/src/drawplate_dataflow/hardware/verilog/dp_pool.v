// SPDX-License-Identifier: Apache-2.0
// Reduces COUNT successive words, lane by lane, to their maximum (SUM = 0) or their sum (SUM = 1).
`default_nettype none
module dp_pool #(parameter IB = 3, parameter OB = 3, parameter LANES = 1, parameter COUNT = 4, parameter SUM = 0) (
    input  wire                clk,
    input  wire                rst,
    input  wire [LANES*IB-1:0] s_data,
    input  wire                s_valid,
    output wire                s_ready,
    output wire [LANES*OB-1:0] m_data,
    output wire                m_valid,
    input  wire                m_ready
);
  localparam CB = $clog2(COUNT + 1);
  reg [LANES*OB-1:0] best;
  reg [CB-1:0] at;
  reg full;
  wire first = (at == 0), last = (at == COUNT - 1);
  wire take = s_valid && s_ready;
  assign s_ready = !full || m_ready, m_valid = full, m_data = best;
  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      wire [OB-1:0] fresh = s_data[lane*IB +: IB];
      wire [OB-1:0] old = best[lane*OB +: OB];
      wire [OB-1:0] merged = SUM ? old + fresh : (fresh > old) ? fresh : old;
      always @(posedge clk) if (take) best[lane*OB +: OB] <= first ? fresh : merged;
    end
  endgenerate
  always @(posedge clk)
    if (rst) begin
      at <= 0;
      full <= 1'b0;
    end else begin
      if (take) at <= last ? {CB{1'b0}} : at + 1'b1;
      full <= take ? last : full && !m_ready;
    end
endmodule
`default_nettype wire
