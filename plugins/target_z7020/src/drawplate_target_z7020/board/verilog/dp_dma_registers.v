// SPDX-License-Identifier: Apache-2.0
// Registers of the DMA engine, 32 bits each, single accesses only (AXI3 with identifiers, as a Zynq's general port has):
//   0x00 write 1: start; read: bit 0 busy, bit 1 failed    0x04 address and 0x08 64-bit words that are sent
//   0x0c address and 0x10 64-bit words that are received   0x14 clocks of the last transfer   0x18 "DPL1"
`default_nettype none
module dp_dma_registers (
    input  wire        clk,
    input  wire        rst,
    input  wire [11:0] awid,
    input  wire [31:0] awaddr,
    input  wire        awvalid,
    output wire        awready,
    input  wire [31:0] wdata,
    input  wire        wvalid,
    output wire        wready,
    output reg  [11:0] bid,
    output reg         bvalid,
    input  wire        bready,
    input  wire [11:0] arid,
    input  wire [31:0] araddr,
    input  wire        arvalid,
    output wire        arready,
    output reg  [11:0] rid,
    output reg  [31:0] rdata,
    output reg         rvalid,
    input  wire        rready,
    output reg         start,
    output reg  [31:0] source,
    output reg  [23:0] source_words,
    output reg  [31:0] target,
    output reg  [23:0] target_words,
    input  wire        busy,
    input  wire        failed
);
  wire write = awvalid && wvalid && !bvalid;
  wire read = arvalid && !rvalid;
  reg [31:0] clocks;
  reg [31:0] value;
  assign awready = write, wready = write, arready = read;
  always @*
    case (araddr[4:2])
      3'd0: value = {30'd0, failed, busy || start};
      3'd1: value = source;
      3'd2: value = {8'd0, source_words};
      3'd3: value = target;
      3'd4: value = {8'd0, target_words};
      3'd5: value = clocks;
      default: value = 32'h44504c31;
    endcase
  always @(posedge clk)
    if (rst) begin
      bvalid <= 1'b0;
      rvalid <= 1'b0;
      start <= 1'b0;
      clocks <= 0;
    end else begin
      start <= 1'b0;
      if (bready) bvalid <= 1'b0;
      if (rready) rvalid <= 1'b0;
      if (write) begin
        bvalid <= 1'b1;
        bid <= awid;
        case (awaddr[4:2])
          3'd0: start <= wdata[0] && !busy;
          3'd1: source <= wdata;
          3'd2: source_words <= wdata[23:0];
          3'd3: target <= wdata;
          3'd4: target_words <= wdata[23:0];
          default: ;
        endcase
      end
      if (read) begin
        rvalid <= 1'b1;
        rid <= arid;
        rdata <= value;
      end
      clocks <= start ? 0 : clocks + busy;
    end
endmodule
`default_nettype wire
