// SPDX-License-Identifier: Apache-2.0
// Nearest-neighbour upsampling: every pixel of WORDS words is sent FW times, every row FH times.
//
// Two rows are kept: one is sent while the next arrives.
`default_nettype none
module dp_upsample #(parameter BITS = 4, parameter W = 8, parameter WORDS = 1, parameter FH = 2, parameter FW = 2) (
    input  wire            clk,
    input  wire            rst,
    input  wire [BITS-1:0] s_data,
    input  wire            s_valid,
    output wire            s_ready,
    output wire [BITS-1:0] m_data,
    output wire            m_valid,
    input  wire            m_ready
);
  localparam PITCH = W * WORDS;
  localparam DEPTH = 2 * PITCH;
  localparam AB = $clog2(DEPTH);
  localparam PB = $clog2(PITCH + 1);
  localparam WB = $clog2(WORDS + 1);
  localparam XB = $clog2(W + 1);
  localparam CB = $clog2(FW + 1);
  localparam RB = $clog2(FH + 1);

  reg [BITS-1:0] mem[0:DEPTH-1];
  reg [BITS-1:0] q;
  reg q_valid;
  assign m_data = q, m_valid = q_valid;

  reg [AB-1:0] wp;
  reg [PB-1:0] column;
  reg [1:0] held;                               // complete rows
  wire write = s_valid && s_ready, row_end = (column == PITCH - 1), row_in = write && row_end;
  assign s_ready = (held != 2);

  reg [WB-1:0] word;
  reg [CB-1:0] copy;
  reg [XB-1:0] x;
  reg [RB-1:0] again;
  reg second;                                   // whether the second row of the memory is sent
  reg [AB-1:0] left;                            // first word of the pixel in its row
  wire last_word = (word == WORDS - 1), last_copy = (copy == FW - 1), last_x = (x == W - 1), last_again = (again == FH - 1);
  wire take = (held != 0) && (!q_valid || m_ready);
  wire step_copy = take && last_word, step_x = step_copy && last_copy, step_row = step_x && last_x;
  wire row_out = step_row && last_again;
  wire [AB-1:0] address = (second ? PITCH : 0) + left + word;

  always @(posedge clk) begin
    if (write) mem[wp] <= s_data;
    if (take) q <= mem[address];
    if (rst) begin
      wp <= 0;
      column <= 0;
      held <= 0;
      q_valid <= 1'b0;
      word <= 0;
      copy <= 0;
      x <= 0;
      again <= 0;
      second <= 1'b0;
      left <= 0;
    end else begin
      if (write) wp <= (wp == DEPTH - 1) ? {AB{1'b0}} : wp + 1'b1;
      if (write) column <= row_end ? {PB{1'b0}} : column + 1'b1;
      held <= held + row_in - row_out;
      if (take) q_valid <= 1'b1;
      else if (m_ready) q_valid <= 1'b0;
      if (take) word <= last_word ? {WB{1'b0}} : word + 1'b1;
      if (step_copy) copy <= last_copy ? {CB{1'b0}} : copy + 1'b1;
      if (step_x) begin
        x <= last_x ? {XB{1'b0}} : x + 1'b1;
        left <= last_x ? {AB{1'b0}} : left + WORDS;
      end
      if (step_row) again <= last_again ? {RB{1'b0}} : again + 1'b1;
      if (row_out) second <= !second;
    end
  end
endmodule
`default_nettype wire
