// SPDX-License-Identifier: Apache-2.0
// Index of the largest of COUNT successive codes, the first of equals.
`default_nettype none
module dp_argmax #(parameter BITS = 12, parameter COUNT = 10, parameter OB = 4) (
    input  wire            clk,
    input  wire            rst,
    input  wire [BITS-1:0] s_data,
    input  wire            s_valid,
    output wire            s_ready,
    output wire [OB-1:0]   m_data,
    output wire            m_valid,
    input  wire            m_ready
);
  reg [BITS-1:0] best;
  reg [OB-1:0] at, index;
  reg full;
  wire take = s_valid && s_ready;
  wire last = (at == COUNT - 1);
  assign s_ready = !full || m_ready, m_valid = full, m_data = index;
  always @(posedge clk) begin
    if (take && (at == 0 || s_data > best)) begin
      best <= s_data;
      index <= at;
    end
    if (rst) begin
      at <= 0;
      full <= 1'b0;
    end else begin
      if (take) at <= last ? {OB{1'b0}} : at + 1'b1;
      full <= take ? last : full && !m_ready;
    end
  end
endmodule
`default_nettype wire
