// SPDX-License-Identifier: Apache-2.0
// A DMA engine for one stream there and one back: memory by AXI3 with 64 bits, registers by AXI3 with 32.  With PORTS = 2
// it reads through two ports of the memory, and sends 128 bits; signals of the first are in the lower halves.
`default_nettype none
module drawplate_dma #(parameter PORTS = 1) (
    input  wire        clk,
    input  wire        rst,
    // registers
    input  wire [11:0] s_awid,
    input  wire [31:0] s_awaddr,
    input  wire        s_awvalid,
    output wire        s_awready,
    input  wire [31:0] s_wdata,
    input  wire        s_wvalid,
    output wire        s_wready,
    output wire [11:0] s_bid,
    output wire        s_bvalid,
    input  wire        s_bready,
    input  wire [11:0] s_arid,
    input  wire [31:0] s_araddr,
    input  wire        s_arvalid,
    output wire        s_arready,
    output wire [11:0] s_rid,
    output wire [31:0] s_rdata,
    output wire        s_rvalid,
    input  wire        s_rready,
    // memory
    output wire [32*PORTS-1:0] m_araddr,
    output wire [4*PORTS-1:0] m_arlen,
    output wire [PORTS-1:0] m_arvalid,
    input  wire [PORTS-1:0] m_arready,
    input  wire [64*PORTS-1:0] m_rdata,
    input  wire [2*PORTS-1:0] m_rresp,
    input  wire [PORTS-1:0] m_rvalid,
    output wire [PORTS-1:0] m_rready,
    output wire [31:0] m_awaddr,
    output wire [3:0]  m_awlen,
    output wire        m_awvalid,
    input  wire        m_awready,
    output wire [63:0] m_wdata,
    output wire        m_wlast,
    output wire        m_wvalid,
    input  wire        m_wready,
    input  wire [1:0]  m_bresp,
    input  wire        m_bvalid,
    output wire        m_bready,
    // the design
    output wire [64*PORTS-1:0] to_data,
    output wire        to_last,
    output wire        to_valid,
    input  wire        to_ready,
    input  wire [63:0] from_data,
    input  wire        from_valid,
    output wire        from_ready
);
  wire start, reading, writing, read_failed, write_failed;
  wire [31:0] source, target;
  wire [23:0] source_words, target_words;
  dp_dma_registers registers (
      .clk(clk), .rst(rst), .awid(s_awid), .awaddr(s_awaddr), .awvalid(s_awvalid), .awready(s_awready),
      .wdata(s_wdata), .wvalid(s_wvalid), .wready(s_wready), .bid(s_bid), .bvalid(s_bvalid), .bready(s_bready),
      .arid(s_arid), .araddr(s_araddr), .arvalid(s_arvalid), .arready(s_arready), .rid(s_rid), .rdata(s_rdata),
      .rvalid(s_rvalid), .rready(s_rready), .start(start), .source(source), .source_words(source_words),
      .target(target), .target_words(target_words), .busy(reading || writing), .failed(read_failed || write_failed));
  generate
    if (PORTS == 1) begin : narrow
      dp_dma_read read (
          .clk(clk), .rst(rst), .start(start), .address(source), .words(source_words), .busy(reading),
          .failed(read_failed), .araddr(m_araddr), .arlen(m_arlen), .arvalid(m_arvalid), .arready(m_arready),
          .rdata(m_rdata), .rresp(m_rresp), .rvalid(m_rvalid), .rready(m_rready), .m_data(to_data), .m_last(to_last),
          .m_valid(to_valid), .m_ready(to_ready));
    end else begin : wide
      dp_dma_read_wide read (
          .clk(clk), .rst(rst), .start(start), .address(source), .words(source_words), .busy(reading),
          .failed(read_failed), .araddr(m_araddr), .arlen(m_arlen), .arvalid(m_arvalid), .arready(m_arready),
          .rdata(m_rdata), .rresp(m_rresp), .rvalid(m_rvalid), .rready(m_rready), .m_data(to_data), .m_last(to_last),
          .m_valid(to_valid), .m_ready(to_ready));
    end
  endgenerate
  dp_dma_write write (
      .clk(clk), .rst(rst), .start(start), .address(target), .words(target_words), .busy(writing),
      .failed(write_failed), .awaddr(m_awaddr), .awlen(m_awlen), .awvalid(m_awvalid), .awready(m_awready),
      .wdata(m_wdata), .wlast(m_wlast), .wvalid(m_wvalid), .wready(m_wready), .bresp(m_bresp), .bvalid(m_bvalid),
      .bready(m_bready), .s_data(from_data), .s_valid(from_valid), .s_ready(from_ready));
endmodule
`default_nettype wire
