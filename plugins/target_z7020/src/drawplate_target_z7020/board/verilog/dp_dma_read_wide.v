// SPDX-License-Identifier: Apache-2.0
// Reads an even number of 64-bit words from `address` on through two ports of the memory at once: bursts of 16 words are
// asked for by one and the other in turn, and sent in their order as a stream of 128 bits.
`default_nettype none
module dp_dma_read_wide (
    input  wire         clk,
    input  wire         rst,
    input  wire         start,
    input  wire [31:0]  address,
    input  wire [23:0]  words,
    output wire         busy,
    output wire         failed,
    output wire [63:0]  araddr,    // of both ports, the first one's in the lower half; so are all signals of memory
    output wire [7:0]   arlen,
    output wire [1:0]   arvalid,
    input  wire [1:0]   arready,
    input  wire [127:0] rdata,
    input  wire [3:0]   rresp,
    input  wire [1:0]   rvalid,
    output wire [1:0]   rready,
    output wire [127:0] m_data,
    output wire         m_last,
    output wire         m_valid,
    input  wire         m_ready
);
  // Of a last round of fewer than 32 words the first port reads up to 16, the second what is left.
  wire [4:0] rest = words[4:0];
  wire [23:0] rounds = {1'b0, words[23:5], 4'd0};
  wire [23:0] mine = rounds + (rest > 16 ? 24'd16 : {19'd0, rest});
  wire [23:0] yours = rounds + (rest > 16 ? {19'd0, rest} - 24'd16 : 24'd0);
  wire [255:0] pairs;
  wire [1:0] has, takes, lane_busy, lane_failed;
  genvar lane;
  generate
    for (lane = 0; lane < 2; lane = lane + 1) begin : lanes
      wire [63:0] word;
      wire [127:0] pair;
      wire word_last, word_valid, word_ready, pair_valid, pair_ready;
      dp_dma_read #(.STEP(256)) read (
          .clk(clk), .rst(rst), .start(start), .address(address + lane * 128), .words(lane == 0 ? mine : yours),
          .busy(lane_busy[lane]), .failed(lane_failed[lane]), .araddr(araddr[32*lane +: 32]),
          .arlen(arlen[4*lane +: 4]), .arvalid(arvalid[lane]), .arready(arready[lane]), .rdata(rdata[64*lane +: 64]),
          .rresp(rresp[2*lane +: 2]), .rvalid(rvalid[lane]), .rready(rready[lane]), .m_data(word),
          .m_last(word_last), .m_valid(word_valid), .m_ready(word_ready));
      dp_width #(.BITS(64), .IN(1), .OUT(2), .BEATS(2)) widen (
          .clk(clk), .rst(rst), .s_data(word), .s_valid(word_valid), .s_ready(word_ready), .m_data(pair),
          .m_valid(pair_valid), .m_ready(pair_ready));
      dp_fifo #(.BITS(128), .DEPTH(16)) fifo (
          .clk(clk), .rst(rst), .s_data(pair), .s_valid(pair_valid), .s_ready(pair_ready),
          .m_data(pairs[128*lane +: 128]), .m_valid(has[lane]), .m_ready(takes[lane]));
    end
  endgenerate

  reg [22:0] left;       // pairs of words that are still to be sent
  reg [3:0] sent;        // of this round: eight of the first port, eight of the second
  wire second = sent[3];
  wire move = m_valid && m_ready;
  assign m_valid = second ? has[1] : has[0], m_data = second ? pairs[255:128] : pairs[127:0], m_last = (left == 1);
  assign takes = {m_ready && second, m_ready && !second};
  assign busy = |lane_busy, failed = |lane_failed;
  always @(posedge clk)
    if (rst) begin
      left <= 0;
      sent <= 0;
    end else if (start) begin
      left <= words[23:1];
      sent <= 0;
    end else if (move) begin
      left <= left - 1'b1;
      sent <= sent + 1'b1;
    end
endmodule
`default_nettype wire
