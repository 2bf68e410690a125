// SPDX-License-Identifier: Apache-2.0
// Reads `words` 64-bit words from `address` on (a multiple of 128, so that no burst crosses 4 KiB) by bursts of 16 that
// begin STEP bytes apart, and sends them as a stream whose last word is marked.  Bursts are asked for as long as the FIFO
// has room for their answers.
`default_nettype none
module dp_dma_read #(parameter DEPTH = 64, parameter STEP = 128) (
    input  wire        clk,
    input  wire        rst,
    input  wire        start,
    input  wire [31:0] address,
    input  wire [23:0] words,
    output wire        busy,
    output reg         failed,
    output reg  [31:0] araddr,
    output reg  [3:0]  arlen,
    output reg         arvalid,
    input  wire        arready,
    input  wire [63:0] rdata,
    input  wire [1:0]  rresp,
    input  wire        rvalid,
    output wire        rready,
    output wire [63:0] m_data,
    output wire        m_last,
    output wire        m_valid,
    input  wire        m_ready
);
  localparam CB = $clog2(DEPTH + 1);
  reg [31:0] next;
  reg [23:0] to_ask, to_come;
  reg [CB-1:0] room;
  wire [4:0] burst = (to_ask > 16) ? 5'd16 : to_ask[4:0];
  wire ask = (to_ask != 0) && (room >= 16) && (!arvalid || arready);
  wire come = rvalid && rready;
  wire pop = m_valid && m_ready;
  wire fits;
  assign rready = 1'b1, busy = (to_ask != 0) || (to_come != 0) || arvalid;

  dp_fifo #(.BITS(65), .DEPTH(DEPTH)) fifo (
      .clk(clk), .rst(rst), .s_data({to_come == 1, rdata}), .s_valid(come), .s_ready(fits),
      .m_data({m_last, m_data}), .m_valid(m_valid), .m_ready(m_ready));

  always @(posedge clk)
    if (rst) begin
      arvalid <= 1'b0;
      to_ask <= 0;
      to_come <= 0;
      room <= DEPTH;
      failed <= 1'b0;
    end else begin
      if (start) begin
        next <= address;
        to_ask <= words;
        to_come <= words;
        failed <= 1'b0;
      end
      if (arready) arvalid <= 1'b0;
      if (ask) begin
        arvalid <= 1'b1;
        araddr <= next;
        arlen <= burst[3:0] - 4'd1;
        next <= next + STEP;
        to_ask <= to_ask - burst;
      end
      room <= room - (ask ? burst : 5'd0) + pop;
      if (come) to_come <= to_come - 1'b1;
      if (come && (rresp[1] || !fits)) failed <= 1'b1;
    end
endmodule
`default_nettype wire
