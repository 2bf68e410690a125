// SPDX-License-Identifier: Apache-2.0
// FIFO of DEPTH words (a power of two) with a registered output, so that it fits block RAM.
`default_nettype none
module dp_fifo #(parameter BITS = 3, parameter DEPTH = 64) (
    input  wire            clk,
    input  wire            rst,
    input  wire [BITS-1:0] s_data,
    input  wire            s_valid,
    output wire            s_ready,
    output wire [BITS-1:0] m_data,
    output wire            m_valid,
    input  wire            m_ready
);
  localparam AB = $clog2(DEPTH);
  reg [BITS-1:0] mem[0:DEPTH-1];
  reg [BITS-1:0] q;
  reg [AB:0] wp, rp;
  reg full;
  wire write = s_valid && s_ready;
  wire take = (wp != rp) && (!full || m_ready);
  assign s_ready = (wp[AB-1:0] != rp[AB-1:0]) || (wp[AB] == rp[AB]), m_valid = full, m_data = q;
  always @(posedge clk) begin
    if (write) mem[wp[AB-1:0]] <= s_data;
    if (take) q <= mem[rp[AB-1:0]];
    if (rst) begin
      wp <= 0;
      rp <= 0;
      full <= 1'b0;
    end else begin
      wp <= wp + write;
      rp <= rp + take;
      full <= take || (full && !m_ready);
    end
  end
endmodule
`default_nettype wire
