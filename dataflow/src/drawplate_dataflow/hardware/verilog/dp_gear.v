// SPDX-License-Identifier: Apache-2.0
// Words of IN bits become words of OUT bits, one behind the other without gaps, the lowest bits first.  A frame is BEATS
// words of OUT bits and begins with a word of IN bits; what its last word of IN bits has beyond it is passed over, so that
// the next frame may follow at once.
//
// All widths are counted in units of UNIT bits, which divides both.  Bits that are not held are zero.
`default_nettype none
module dp_gear #(parameter IN = 64, parameter OUT = 224, parameter UNIT = 32, parameter BEATS = 28) (
    input  wire           clk,
    input  wire           rst,
    input  wire [IN-1:0]  s_data,
    input  wire           s_valid,
    output wire           s_ready,
    output wire [OUT-1:0] m_data,
    output wire           m_valid,
    input  wire           m_ready
);
  localparam WORDS = (BEATS * OUT + IN - 1) / IN;     // of a frame that comes in
  localparam REST = BEATS * OUT - (WORDS - 1) * IN;   // bits of the last one that count
  localparam HELD = IN + OUT;
  localparam LB = $clog2(HELD / UNIT + 1);
  localparam WB = $clog2(WORDS + 1);
  localparam COMES = IN / UNIT;
  localparam ENDS = REST / UNIT;
  localparam GOES = OUT / UNIT;
  reg [HELD-1:0] held;
  reg [LB-1:0] level;
  reg [WB-1:0] at;
  reg full;
  wire last = (at == WORDS - 1);
  wire enter = s_valid && s_ready, leave = full && m_ready;
  wire [LB-1:0] stays = leave ? level - GOES[LB-1:0] : level;
  wire [LB-1:0] next = stays + (!enter ? {LB{1'b0}} : last ? ENDS[LB-1:0] : COMES[LB-1:0]);
  wire [IN-1:0] counts = s_data & (last ? {IN{1'b1}} >> (IN - REST) : {IN{1'b1}});
  wire [HELD-1:0] wide = {{OUT{1'b0}}, counts};
  // Room for a whole word beside what is no whole word of the other side.
  assign s_ready = stays < GOES[LB-1:0], m_valid = full, m_data = held[OUT-1:0];
  always @(posedge clk)
    if (rst) begin
      held <= 0;
      level <= 0;
      at <= 0;
      full <= 1'b0;
    end else begin
      held <= (leave ? held >> OUT : held) | (enter ? wide << (stays * UNIT) : {HELD{1'b0}});
      level <= next;
      full <= next >= GOES[LB-1:0];
      if (enter) at <= last ? {WB{1'b0}} : at + 1'b1;
    end
endmodule
`default_nettype wire
