// SPDX-License-Identifier: Apache-2.0
// Writes `words` 64-bit words of a stream to `address` on (a multiple of 128) by bursts of 16; a burst is begun when all
// its words are there.  It ends when the last burst has been answered.
`default_nettype none
module dp_dma_write #(parameter DEPTH = 64) (
    input  wire        clk,
    input  wire        rst,
    input  wire        start,
    input  wire [31:0] address,
    input  wire [23:0] words,
    output wire        busy,
    output reg         failed,
    output reg  [31:0] awaddr,
    output reg  [3:0]  awlen,
    output reg         awvalid,
    input  wire        awready,
    output wire [63:0] wdata,
    output wire        wlast,
    output wire        wvalid,
    input  wire        wready,
    input  wire [1:0]  bresp,
    input  wire        bvalid,
    output wire        bready,
    input  wire [63:0] s_data,
    input  wire        s_valid,
    output wire        s_ready
);
  localparam CB = $clog2(DEPTH + 1);
  reg [31:0] next;
  reg [23:0] left;      // words of bursts that are not begun
  reg [CB-1:0] held;    // words in the FIFO that belong to none
  reg [4:0] to_send;    // words of the burst that is being sent
  reg [19:0] unanswered;
  wire [4:0] burst = (left > 16) ? 5'd16 : left[4:0];
  wire begins = (left != 0) && (held >= burst) && (to_send == 0) && !awvalid;
  wire room, ready, push = s_valid && s_ready;
  wire sent = wvalid && wready;
  // The address goes first: some interconnects want it before its data.
  assign s_ready = room && (left != 0) && (held < left), wvalid = ready && (to_send != 0) && !awvalid;
  assign wlast = (to_send == 1), bready = 1'b1, busy = (left != 0) || (unanswered != 0);

  dp_fifo #(.BITS(64), .DEPTH(DEPTH)) fifo (
      .clk(clk), .rst(rst), .s_data(s_data), .s_valid(push), .s_ready(room),
      .m_data(wdata), .m_valid(ready), .m_ready(sent));

  always @(posedge clk)
    if (rst) begin
      awvalid <= 1'b0;
      left <= 0;
      held <= 0;
      to_send <= 0;
      unanswered <= 0;
      failed <= 1'b0;
    end else begin
      if (start) begin
        next <= address;
        left <= words;
        failed <= 1'b0;
      end
      if (awready) awvalid <= 1'b0;
      if (begins) begin
        awvalid <= 1'b1;
        awaddr <= next;
        awlen <= burst[3:0] - 4'd1;
        next <= next + 128;
        left <= left - burst;
        to_send <= burst;
      end else if (sent) to_send <= to_send - 1'b1;
      held <= held + push - (begins ? burst : 5'd0);
      unanswered <= unanswered + begins - (bvalid && bready);
      if (bvalid && bresp[1]) failed <= 1'b1;
    end
endmodule
`default_nettype wire
