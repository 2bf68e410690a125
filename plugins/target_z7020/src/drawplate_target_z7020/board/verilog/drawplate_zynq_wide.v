// SPDX-License-Identifier: Apache-2.0
// The whole programmable logic of a Zynq-7000 without a vendor's blocks: the processing system's general port 0 sets the
// DMA engine's registers, its clock 0 drives everything.  The engine reads through the high-performance ports 0 and 2,
// which lie at different ports of the memory's controller (UG585, chapter 10), and writes through port 0.
// Ports of PS7: Xilinx UG585, chapter 5.  Not yet tried on a board.
`default_nettype none
module drawplate_zynq;
  wire [3:0] clocks, resets;
  wire clk;
  BUFG buffer (.I(clocks[0]), .O(clk));
  reg [1:0] settled;
  always @(posedge clk) settled <= {settled[0], resets[0]};
  wire rst = !settled[1];

  wire [11:0] awid, bid, arid, rid;
  wire [31:0] awaddr, wdata, araddr, rdata;
  wire awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  wire [63:0] from;
  wire [31:0] to;
  wire [7:0] from_length;
  wire [3:0] to_length, word_answer;
  wire [1:0] from_valid, from_ready, word_valid, word_ready;
  wire to_valid, to_ready, result_last, result_valid, result_ready;
  wire answer_valid, answer_ready;
  wire [127:0] word, stream_in;
  wire [63:0] result, stream_out;
  wire [1:0] answer;
  wire in_last, in_valid, in_ready, out_valid, out_ready;

  PS7 ps7 (
      .FCLKCLK(clocks), .FCLKRESETN(resets), .FCLKCLKTRIGN(4'd0), .FPGAIDLEN(1'b1),
      .MAXIGP0ACLK(clk), .MAXIGP0AWID(awid), .MAXIGP0AWADDR(awaddr), .MAXIGP0AWVALID(awvalid),
      .MAXIGP0AWREADY(awready), .MAXIGP0WDATA(wdata), .MAXIGP0WVALID(wvalid), .MAXIGP0WREADY(wready),
      .MAXIGP0BID(bid), .MAXIGP0BRESP(2'b00), .MAXIGP0BVALID(bvalid), .MAXIGP0BREADY(bready), .MAXIGP0ARID(arid),
      .MAXIGP0ARADDR(araddr), .MAXIGP0ARVALID(arvalid), .MAXIGP0ARREADY(arready), .MAXIGP0RID(rid),
      .MAXIGP0RDATA(rdata), .MAXIGP0RRESP(2'b00), .MAXIGP0RLAST(1'b1), .MAXIGP0RVALID(rvalid), .MAXIGP0RREADY(rready),
      .SAXIHP0ACLK(clk), .SAXIHP0RDISSUECAP1EN(1'b0), .SAXIHP0WRISSUECAP1EN(1'b0),
      .SAXIHP0ARID(6'd0), .SAXIHP0ARADDR(from[31:0]), .SAXIHP0ARLEN(from_length[3:0]), .SAXIHP0ARSIZE(2'b11),
      .SAXIHP0ARBURST(2'b01), .SAXIHP0ARLOCK(2'b00), .SAXIHP0ARCACHE(4'b0011), .SAXIHP0ARPROT(3'b000),
      .SAXIHP0ARQOS(4'd0), .SAXIHP0ARVALID(from_valid[0]), .SAXIHP0ARREADY(from_ready[0]), .SAXIHP0RDATA(word[63:0]),
      .SAXIHP0RRESP(word_answer[1:0]), .SAXIHP0RVALID(word_valid[0]), .SAXIHP0RREADY(word_ready[0]),
      .SAXIHP2ACLK(clk), .SAXIHP2RDISSUECAP1EN(1'b0), .SAXIHP2WRISSUECAP1EN(1'b0),
      .SAXIHP2ARID(6'd0), .SAXIHP2ARADDR(from[63:32]), .SAXIHP2ARLEN(from_length[7:4]), .SAXIHP2ARSIZE(2'b11),
      .SAXIHP2ARBURST(2'b01), .SAXIHP2ARLOCK(2'b00), .SAXIHP2ARCACHE(4'b0011), .SAXIHP2ARPROT(3'b000),
      .SAXIHP2ARQOS(4'd0), .SAXIHP2ARVALID(from_valid[1]), .SAXIHP2ARREADY(from_ready[1]), .SAXIHP2RDATA(word[127:64]),
      .SAXIHP2RRESP(word_answer[3:2]), .SAXIHP2RVALID(word_valid[1]), .SAXIHP2RREADY(word_ready[1]),
      .SAXIHP2AWVALID(1'b0), .SAXIHP2WVALID(1'b0), .SAXIHP2BREADY(1'b1),
      .SAXIHP0AWID(6'd0), .SAXIHP0AWADDR(to), .SAXIHP0AWLEN(to_length), .SAXIHP0AWSIZE(2'b11),
      .SAXIHP0AWBURST(2'b01), .SAXIHP0AWLOCK(2'b00), .SAXIHP0AWCACHE(4'b0011), .SAXIHP0AWPROT(3'b000),
      .SAXIHP0AWQOS(4'd0), .SAXIHP0AWVALID(to_valid), .SAXIHP0AWREADY(to_ready), .SAXIHP0WID(6'd0),
      .SAXIHP0WDATA(result), .SAXIHP0WSTRB(8'hff), .SAXIHP0WLAST(result_last), .SAXIHP0WVALID(result_valid),
      .SAXIHP0WREADY(result_ready), .SAXIHP0BRESP(answer), .SAXIHP0BVALID(answer_valid),
      .SAXIHP0BREADY(answer_ready));

  drawplate_dma #(.PORTS(2)) dma (
      .clk(clk), .rst(rst), .s_awid(awid), .s_awaddr(awaddr), .s_awvalid(awvalid), .s_awready(awready),
      .s_wdata(wdata), .s_wvalid(wvalid), .s_wready(wready), .s_bid(bid), .s_bvalid(bvalid), .s_bready(bready),
      .s_arid(arid), .s_araddr(araddr), .s_arvalid(arvalid), .s_arready(arready), .s_rid(rid), .s_rdata(rdata),
      .s_rvalid(rvalid), .s_rready(rready), .m_araddr(from), .m_arlen(from_length), .m_arvalid(from_valid),
      .m_arready(from_ready), .m_rdata(word), .m_rresp(word_answer), .m_rvalid(word_valid), .m_rready(word_ready),
      .m_awaddr(to), .m_awlen(to_length), .m_awvalid(to_valid), .m_awready(to_ready), .m_wdata(result),
      .m_wlast(result_last), .m_wvalid(result_valid), .m_wready(result_ready), .m_bresp(answer),
      .m_bvalid(answer_valid), .m_bready(answer_ready), .to_data(stream_in), .to_last(in_last), .to_valid(in_valid),
      .to_ready(in_ready), .from_data(stream_out), .from_valid(out_valid), .from_ready(out_ready));
  drawplate_axis net (
      .aclk(clk), .aresetn(!rst), .s_axis_tdata(stream_in), .s_axis_tvalid(in_valid), .s_axis_tlast(in_last),
      .s_axis_tready(in_ready), .m_axis_tdata(stream_out), .m_axis_tkeep(), .m_axis_tvalid(out_valid),
      .m_axis_tlast(), .m_axis_tready(out_ready));
endmodule
`default_nettype wire
