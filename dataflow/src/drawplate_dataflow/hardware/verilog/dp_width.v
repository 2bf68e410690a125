// SPDX-License-Identifier: Apache-2.0
// Width converter.  Words of IN elements become words of OUT elements of BITS bits each; one of IN and OUT divides the
// other, and a frame is BEATS input words.
//
// Upwards, words fill a shift register from the top.  Where the last word of a frame is not full, it is passed on with
// its elements in the highest lanes; the lanes below hold old elements, which the reader must not depend on.
// A new word enters in the clock in which the full one leaves, so neither direction costs a clock.
`default_nettype none
module dp_width #(parameter BITS = 3, parameter IN = 1, parameter OUT = 16, parameter BEATS = 256) (
    input  wire                clk,
    input  wire                rst,
    input  wire [IN*BITS-1:0]  s_data,
    input  wire                s_valid,
    output wire                s_ready,
    output wire [OUT*BITS-1:0] m_data,
    output wire                m_valid,
    input  wire                m_ready
);
  generate
    if (IN == OUT) begin : same
      assign m_data = s_data, m_valid = s_valid, s_ready = m_ready;
    end else if (OUT > IN) begin : up
      localparam RATIO = OUT / IN;
      localparam LAST = BEATS - (BEATS + RATIO - 1) / RATIO * RATIO + RATIO;  // input words of a frame's last word
      localparam CB = $clog2(RATIO + 1);
      localparam FB = $clog2(BEATS + 1);
      reg [OUT*BITS-1:0] word;
      reg [CB-1:0] count;
      reg full;
      wire enter = s_valid && s_ready;
      wire ends;
      assign s_ready = !full || m_ready, m_valid = full, m_data = word;
      if (LAST == RATIO) begin : whole
        assign ends = 1'b0;
      end else begin : partly
        reg [FB-1:0] beat;
        assign ends = (beat == BEATS - 1);
        always @(posedge clk)
          if (rst) beat <= 0;
          else if (enter) beat <= ends ? 0 : beat + 1'b1;
      end
      always @(posedge clk) begin
        if (enter) word <= {s_data, word[OUT*BITS-1:IN*BITS]};
        if (rst) begin
          count <= 0;
          full <= 1'b0;
        end else if (enter) begin
          full <= ends || count == RATIO - 1;
          count <= (ends || count == RATIO - 1) ? {CB{1'b0}} : count + 1'b1;
        end else if (m_ready) full <= 1'b0;
      end
    end else begin : down
      localparam RATIO = IN / OUT;
      localparam CB = $clog2(RATIO + 1);
      reg [IN*BITS-1:0] word;
      reg [CB-1:0] count;
      wire leave = m_valid && m_ready;
      assign s_ready = (count == 0) || (count == 1 && m_ready), m_valid = (count != 0), m_data = word[OUT*BITS-1:0];
      always @(posedge clk) begin
        if (s_valid && s_ready) word <= s_data;
        else if (leave) word <= word >> (OUT * BITS);
        if (rst) count <= 0;
        else if (s_valid && s_ready) count <= RATIO;
        else if (leave) count <= count - 1'b1;
      end
    end
  endgenerate
endmodule
`default_nettype wire
