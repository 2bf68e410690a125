// SPDX-License-Identifier: Apache-2.0
// Sliding window over an image of H x W pixels of WORDS words each.
//
// A ring keeps ROWS rows: those of the window, and those that arrive meanwhile, of the next frame too, so that neither
// side ever waits for the other at full rate (schedule.py counts them).  Rows that no window needs are not kept.
// For every output pixel the KH * KW * WORDS words of its window are sent, either in the order row, column, word
// (PER_WORD = 0, what a matrix layer multiplies) or all positions of one word after the other (PER_WORD = 1, what a
// pooling layer reduces).  Rows of a window are DH apart, its columns DW.
`default_nettype none
module dp_window #(
    parameter BITS = 8,
    parameter H = 8, parameter W = 8, parameter WORDS = 1,
    parameter KH = 3, parameter KW = 3, parameter SH = 1, parameter SW = 1,
    parameter ROWS = 6, parameter PER_WORD = 0, parameter DH = 1, parameter DW = 1
) (
    input  wire            clk,
    input  wire            rst,
    input  wire [BITS-1:0] s_data,
    input  wire            s_valid,
    output wire            s_ready,
    output wire [BITS-1:0] m_data,
    output wire            m_valid,
    input  wire            m_ready
);
  localparam EH = (KH - 1) * DH + 1, EW = (KW - 1) * DW + 1;   // rows and columns that a window reaches over
  localparam OH = (H - EH) / SH + 1;
  localparam OW = (W - EW) / SW + 1;
  localparam PITCH = W * WORDS;                 // words of a row
  localparam STEP = (SH < EH) ? SH : EH;         // rows that end with an output row; with the last of a frame EH
  localparam NEEDED = (OH - 1) * SH + EH;        // rows up to the last one of a window
  localparam DEPTH = ROWS * PITCH;
  localparam AB = $clog2(DEPTH);
  localparam RB = $clog2(ROWS + 1);
  localparam PB = $clog2(PITCH + 1);
  localparam HB = $clog2(OH + 1);
  localparam XB = $clog2(OW + 1);
  localparam KHB = $clog2(KH + 1);
  localparam KWB = $clog2(KW + 1);
  localparam WB = $clog2(WORDS + 1);

  reg [BITS-1:0] mem[0:DEPTH-1];
  reg [BITS-1:0] q;
  reg q_valid;
  assign m_data = q, m_valid = q_valid;

  // Arriving rows.
  reg [AB-1:0] wp;
  reg [PB-1:0] column;
  reg [RB-1:0] held;                            // complete rows
  wire keep;
  wire enter = s_valid && s_ready, write = enter && keep;
  wire row_end = (column == PITCH - 1);
  wire row_in = write && row_end;
  assign s_ready = (held != ROWS) || !keep;
  generate
    if (NEEDED == H && SH <= EH) begin : all_rows
      assign keep = 1'b1;
    end else if (SH <= EH) begin : first_rows
      localparam YB = $clog2(H + 1);
      reg [YB-1:0] y;
      assign keep = (y < NEEDED);
      always @(posedge clk)
        if (rst) y <= 0;
        else if (enter && row_end) y <= (y == H - 1) ? {YB{1'b0}} : y + 1'b1;
    end else begin : some_rows
      localparam YB = $clog2(H + 1);
      localparam FB = $clog2(SH + 1);
      reg [YB-1:0] y;
      reg [FB-1:0] phase;
      wire last_y = (y == H - 1);
      assign keep = (phase < EH) && (NEEDED + SH - EH >= H || y < NEEDED);
      always @(posedge clk)
        if (rst) begin
          y <= 0;
          phase <= 0;
        end else if (enter && row_end) begin
          y <= last_y ? {YB{1'b0}} : y + 1'b1;
          phase <= (last_y || phase == SH - 1) ? {FB{1'b0}} : phase + 1'b1;
        end
    end
  endgenerate

  // Position in the window being sent: kernel row, kernel column, word; and the output pixel.
  reg [KHB-1:0] kh;
  reg [KWB-1:0] kw;
  reg [WB-1:0] word;
  reg [XB-1:0] ox;
  reg [HB-1:0] oy;
  reg [AB-1:0] base, row;                       // first word of the window's first row, of the current row
  reg [AB-1:0] left, offset;                    // first word of the window in a row, of the current column in it
  wire last_kh = (kh == KH - 1), last_kw = (kw == KW - 1), last_word = (word == WORDS - 1);
  wire last_ox = (ox == OW - 1), last_oy = (oy == OH - 1);
  wire enough = (held >= EH);
  wire take = enough && (!q_valid || m_ready);
  wire step_kw, step_kh, step_word, window_done;
  generate
    if (PER_WORD) begin : per_word
      assign step_kw = take, step_kh = take && last_kw, step_word = step_kh && last_kh;
      assign window_done = step_word && last_word;
    end else begin : per_position
      assign step_word = take, step_kw = take && last_word, step_kh = step_kw && last_kw;
      assign window_done = step_kh && last_kh;
    end
  endgenerate
  wire row_done = window_done && last_ox;
  wire [31:0] freed = row_done ? (last_oy ? EH : STEP) : 0;
  wire [AB-1:0] address = row + left + offset + word;
  wire [AB:0] next_base = base + (last_oy ? EH * PITCH : STEP * PITCH);
  wire [AB:0] less = next_base - DEPTH;
  wire [AB-1:0] wrapped = (next_base >= DEPTH) ? less[AB-1:0] : next_base[AB-1:0];

  always @(posedge clk) begin
    if (write) mem[wp] <= s_data;
    if (take) q <= mem[address];
    if (rst) begin
      wp <= 0;
      column <= 0;
      held <= 0;
      q_valid <= 1'b0;
      kh <= 0;
      kw <= 0;
      word <= 0;
      ox <= 0;
      oy <= 0;
      base <= 0;
      row <= 0;
      left <= 0;
      offset <= 0;
    end else begin
      if (write) wp <= (wp == DEPTH - 1) ? {AB{1'b0}} : wp + 1'b1;
      if (enter) column <= row_end ? {PB{1'b0}} : column + 1'b1;
      held <= held + row_in - freed[RB-1:0];
      if (take) q_valid <= 1'b1;
      else if (m_ready) q_valid <= 1'b0;
      if (step_word) word <= last_word ? {WB{1'b0}} : word + 1'b1;
      if (step_kw) begin
        kw <= last_kw ? {KWB{1'b0}} : kw + 1'b1;
        offset <= last_kw ? {AB{1'b0}} : offset + DW * WORDS;
      end
      if (step_kh) begin
        kh <= last_kh ? {KHB{1'b0}} : kh + 1'b1;
        row <= last_kh ? base : ((DH == 1) ? row == DEPTH - PITCH : row >= DEPTH - DH * PITCH) ? row - (DEPTH - DH * PITCH) : row + DH * PITCH;
      end
      if (window_done) begin
        ox <= last_ox ? {XB{1'b0}} : ox + 1'b1;
        left <= last_ox ? {AB{1'b0}} : left + SW * WORDS;
      end
      if (row_done) begin
        oy <= last_oy ? {HB{1'b0}} : oy + 1'b1;
        base <= wrapped;
        row <= wrapped;
      end
    end
  end
endmodule
`default_nettype wire
