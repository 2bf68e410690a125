// SPDX-License-Identifier: Apache-2.0
// FIFO of DEPTH words (a power of two) with a registered output, so that it fits block RAM.  Whether there is room, and
// whether there is anything, are registers: each is found out a clock before it is asked.
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
  reg [AB:0] wp, rp, wp1, rp1;                  // and the words after these
  reg room, any, full;
  wire write = s_valid && room;
  wire take = any && (!full || m_ready);
  wire last = (wp1[AB-1:0] == rp[AB-1:0]) && (wp1[AB] != rp[AB]);
  assign s_ready = room, m_valid = full, m_data = q;
  always @(posedge clk) begin
    if (write) mem[wp[AB-1:0]] <= s_data;
    if (take) q <= mem[rp[AB-1:0]];
    if (rst) begin
      wp <= 0;
      rp <= 0;
      wp1 <= 1;
      rp1 <= 1;
      room <= 1'b1;
      any <= 1'b0;
      full <= 1'b0;
    end else begin
      if (write) wp <= wp1;
      if (take) rp <= rp1;
      wp1 <= wp1 + write;
      rp1 <= rp1 + take;
      room <= take || (write ? !last : room);
      any <= write || (take ? wp != rp1 : any);
      full <= take || (full && !m_ready);
    end
  end
endmodule
`default_nettype wire
