// SPDX-License-Identifier: Apache-2.0
// Replay buffer: a frame of SF words is presented NF times, once per group of outputs.
//
// Two frames are kept, so that the next one arrives while the last pass of this one runs; the first pass reads every
// word as soon as it has arrived.  A word is freed in the last pass.  With NF = 1 nothing needs to be kept.  Whether
// there is room, and whether a word that has not been read yet is there, are found out a clock before they are asked.
`default_nettype none
module dp_replay #(parameter BITS = 48, parameter SF = 16, parameter NF = 16) (
    input  wire            clk,
    input  wire            rst,
    input  wire [BITS-1:0] s_data,
    input  wire            s_valid,
    output wire            s_ready,
    output wire [BITS-1:0] q,
    output wire            available,
    input  wire            take,
    output wire            first,      // first word of a pass
    output wire            last,       // last word of a pass
    output wire            last_pass
);
  localparam SB = (SF > 1) ? $clog2(SF) : 1;
  reg [SB-1:0] at;
  assign first = (at == 0), last = (at == SF - 1);
  always @(posedge clk)
    if (rst) at <= 0;
    else if (take) at <= last ? {SB{1'b0}} : at + 1'b1;
  generate
    if (NF == 1) begin : once
      assign q = s_data, available = s_valid, s_ready = take, last_pass = 1'b1;
    end else begin : many
      localparam DEPTH = 2 * SF;
      localparam AB = $clog2(DEPTH);
      localparam OB = $clog2(DEPTH + 1);
      localparam NB = $clog2(NF);
      (* ram_style = "distributed" *) reg [BITS-1:0] mem[0:DEPTH-1];
      reg [AB-1:0] wp, rp;
      reg [OB-1:0] held, fresh;                 // words kept, words not read yet
      reg room, any, again;
      reg [NB-1:0] pass;
      reg half;
      wire write = s_valid && room;
      wire free = take && last_pass;
      wire read = take && !again;
      assign s_ready = room, last_pass = (pass == NF - 1), q = mem[rp];
      assign available = any || again;
      always @(posedge clk) begin
        if (write) mem[wp] <= s_data;
        if (rst) begin
          wp <= 0;
          rp <= 0;
          held <= 0;
          fresh <= 0;
          room <= 1'b1;
          any <= 1'b0;
          again <= 1'b0;
          pass <= 0;
          half <= 1'b0;
        end else begin
          if (write) wp <= (wp == DEPTH - 1) ? {AB{1'b0}} : wp + 1'b1;
          held <= held + write - free;
          fresh <= fresh + write - read;
          room <= free || (write ? held != DEPTH - 1 : room);
          any <= write || (read ? fresh != 1 : any);
          if (take && !last) rp <= rp + 1'b1;
          if (take && last) begin
            pass <= last_pass ? {NB{1'b0}} : pass + 1'b1;
            again <= !last_pass;
            half <= last_pass ? !half : half;
            rp <= (half ^ last_pass) ? SF : 0;
          end
        end
      end
    end
  endgenerate
endmodule
`default_nettype wire
