// A memory behind the DMA engine, with a design behind that: it takes IN words, has them sent, and gives OUT words.
// Memory answers when it likes (STALL of 16 clocks it does not), and spoils all results where AXI is not kept.  It has
// PORTS ports to read by.
`default_nettype none
module adaptor (
    input wire clk, rst, input wire [63:0] s_data, input wire s_valid, output wire s_ready,
    output wire [63:0] m_data, output wire m_valid, input wire m_ready
);
  localparam IN = `IN_WORDS, OUT = `OUT_WORDS, STALL = `STALL, PORTS = `PORTS;
  localparam [31:0] SOURCE = 32'h1000, TARGET = 32'h80080;
  reg [63:0] memory[0:(1<<17)-1];
  reg [31:0] noise;
  always @(posedge clk) noise <= rst ? 32'h1234567 : {noise[30:0], noise[31] ^ noise[21] ^ noise[1] ^ noise[0]};
  wire open_aw = noise[13:10] >= STALL;
  wire open_w = noise[18:15] >= STALL, open_b = noise[23:20] >= STALL;

  // Whatever is wrong spoils the results.
  reg [3:0] wrong = 0;

  // What the processor does: load, five registers, start, wait, read the status, give.
  reg [3:0] state;
  reg [31:0] at;
  localparam LOAD = 0, CONFIGURE = 1, POLL = 2, ANSWER = 3, GIVE = 4;
  assign s_ready = state == LOAD, m_valid = state == GIVE, m_data = memory[(TARGET >> 3) + at] ^ {64{|wrong}};
  wire awready, wready, bvalid, arready, rvalid;
  wire [31:0] status;
  wire [11:0] bid, rid;
  reg [2:0] register;
  wire [31:0] setting = register == 1 ? SOURCE : register == 2 ? IN : register == 3 ? TARGET : register == 4 ? OUT : 1;
  wire configure = state == CONFIGURE;
  always @(posedge clk)
    if (rst) begin
      state <= LOAD;
      at <= 0;
      register <= 1;
    end else case (state)
      LOAD: if (s_valid) begin
        memory[(SOURCE >> 3) + at] <= s_data;
        at <= at == IN - 1 ? 0 : at + 1;
        if (at == IN - 1) state <= CONFIGURE;
      end
      CONFIGURE: if (awready) begin
        register <= register == 0 ? 1 : register == 4 ? 0 : register + 1;
        if (register == 0) state <= POLL;
      end
      POLL: if (arready) state <= ANSWER;
      ANSWER: if (rvalid) begin
        if (status[1]) wrong[0] <= 1; // the engine says that it failed
        state <= status[0] ? POLL : GIVE;
      end
      GIVE: if (m_ready) begin
        at <= at == OUT - 1 ? 0 : at + 1;
        if (at == OUT - 1) state <= LOAD;
      end
      default: ;
    endcase

  // Reads: at every port up to four bursts wait; answers come in order.
  wire [31:0] awaddr;
  wire [3:0] awlen;
  wire awvalid, wvalid, wlast, bdma;
  wire [63:0] wdata;
  wire [32*PORTS-1:0] araddr;
  wire [4*PORTS-1:0] arlen;
  wire [PORTS-1:0] arvalid, rdma, takes, answers;
  wire [64*PORTS-1:0] answer;
  genvar port;
  generate
    for (port = 0; port < PORTS; port = port + 1) begin : reads
      reg [31:0] waiting[0:3];
      reg [3:0] lengths[0:3];
      reg [2:0] first, behind;
      reg [3:0] beat;
      assign takes[port] = noise[3+port -: 4] >= STALL && (behind - first) < 4;
      assign answers[port] = first != behind && noise[8+port -: 4] >= STALL;
      assign answer[64*port +: 64] = memory[(waiting[first[1:0]] >> 3) + beat];
      always @(posedge clk)
        if (rst) begin
          first <= 0;
          behind <= 0;
          beat <= 0;
        end else begin
          if (arvalid[port] && takes[port]) begin
            if (araddr[32*port +: 7] != 0) wrong[1] <= 1; // a burst that may cross 4 KiB
            waiting[behind[1:0]] <= araddr[32*port +: 32];
            lengths[behind[1:0]] <= arlen[4*port +: 4];
            behind <= behind + 1;
          end
          if (answers[port] && rdma[port]) begin
            beat <= beat == lengths[first[1:0]] ? 0 : beat + 1;
            if (beat == lengths[first[1:0]]) first <= first + 1;
          end
        end
    end
  endgenerate

  // Writes: an address, then its words, then an answer some time later.
  reg busy;
  reg [31:0] place;
  reg [3:0] words, owed;
  always @(posedge clk)
    if (rst) begin
      busy <= 0;
      owed <= 0;
    end else begin
      if (awvalid && open_aw && !busy) begin
        if (awaddr[6:0] != 0) wrong[2] <= 1; // a burst that may cross 4 KiB
        busy <= 1;
        place <= awaddr;
        words <= awlen;
      end
      if (wvalid && open_w && busy) begin
        memory[place >> 3] <= wdata;
        place <= place + 8;
        words <= words - 1;
        if (wlast != (words == 0)) wrong[3] <= 1; // WLAST is not with the last word
        if (wlast) busy <= 0;
      end
      owed <= owed + (wvalid && open_w && busy && wlast) - (owed != 0 && open_b && bdma);
    end

  wire [64*PORTS-1:0] to_data;
  wire [63:0] from_data;
  wire to_last, to_valid, to_ready, from_valid, from_ready;
  drawplate_dma #(.PORTS(PORTS)) dma (
      .clk(clk), .rst(rst), .s_awid(12'h5), .s_awaddr({27'd0, register, 2'd0}), .s_awvalid(configure),
      .s_awready(awready), .s_wdata(setting), .s_wvalid(configure), .s_wready(wready), .s_bid(bid), .s_bvalid(bvalid),
      .s_bready(1'b1), .s_arid(12'h7), .s_araddr(32'h43c00000), .s_arvalid(state == POLL), .s_arready(arready),
      .s_rid(rid), .s_rdata(status), .s_rvalid(rvalid), .s_rready(1'b1), .m_araddr(araddr), .m_arlen(arlen),
      .m_arvalid(arvalid), .m_arready(takes), .m_rdata(answer), .m_rresp({2*PORTS{1'b0}}),
      .m_rvalid(answers), .m_rready(rdma), .m_awaddr(awaddr), .m_awlen(awlen), .m_awvalid(awvalid),
      .m_awready(open_aw && !busy), .m_wdata(wdata), .m_wlast(wlast), .m_wvalid(wvalid), .m_wready(open_w && busy),
      .m_bresp(2'b00), .m_bvalid(owed != 0 && open_b), .m_bready(bdma), .to_data(to_data), .to_last(to_last),
      .to_valid(to_valid), .to_ready(to_ready), .from_data(from_data), .from_valid(from_valid),
      .from_ready(from_ready));
  drawplate_axis axis (
      .aclk(clk), .aresetn(!rst), .s_axis_tdata(to_data), .s_axis_tvalid(to_valid), .s_axis_tlast(to_last),
      .s_axis_tready(to_ready), .m_axis_tdata(from_data), .m_axis_tvalid(from_valid), .m_axis_tready(from_ready),
      .m_axis_tlast(), .m_axis_tkeep());
endmodule
