// SPDX-License-Identifier: Apache-2.0
// Drain: PE results that are ready at once leave UNITS at a time, in channel order, with their channel number.
//
// A pass takes at least PE / UNITS clocks, so one set of holding registers is enough.  The last pass of a frame sends
// LAST_OUTS words only, where the channels do not fill it.  The results of the last LATE elements are ready with `late`,
// some clocks after `done`, but before their turn.  Channel c of unit u is output channel c * UNITS + u.
`default_nettype none
module dp_drain #(
    parameter BITS = 12,
    parameter PE = 16,
    parameter UNITS = 1,
    parameter CHANNELS = 256,   // words per frame: output channels / UNITS
    parameter CB = 8,           // bits of the channel number
    parameter LATE = 0
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  done,
    input  wire                  late,
    input  wire [PE*BITS-1:0]    sums,
    output wire [UNITS*BITS-1:0] q,
    output wire                  valid,
    output reg  [CB-1:0]         channel
);
  localparam OUTS = PE / UNITS;
  generate
    if (OUTS == 1) begin : direct
      assign q = sums, valid = done;
      always @(posedge clk)
        if (rst) channel <= 0;
        else if (done) channel <= (channel == CHANNELS - 1) ? {CB{1'b0}} : channel + 1'b1;
    end else begin : serial
      localparam NB = $clog2(OUTS);
      reg [PE*BITS-1:0] held;
      reg [UNITS*BITS-1:0] word;
      reg [NB-1:0] at;
      reg busy, sent;
      reg [CB-1:0] next;
      if (LATE > 0) begin : later
        always @(posedge clk) if (late) held[PE*BITS-1:(PE-LATE)*BITS] <= sums[PE*BITS-1:(PE-LATE)*BITS];
      end
      wire ends = (next == CHANNELS - 1);
      assign valid = sent, q = word;
      always @(posedge clk) begin
        if (done) held[(PE-LATE)*BITS-1:0] <= sums[(PE-LATE)*BITS-1:0];
        word <= held[at*UNITS*BITS +: UNITS*BITS];
        channel <= next;
        if (rst) begin
          at <= 0;
          next <= 0;
          busy <= 1'b0;
          sent <= 1'b0;
        end else begin
          sent <= busy;
          if (busy) next <= ends ? {CB{1'b0}} : next + 1'b1;
          if (done) busy <= 1'b1;
          else if (ends || at == OUTS - 1) busy <= 1'b0;
          at <= (busy && !ends && at != OUTS - 1) ? at + 1'b1 : {NB{1'b0}};
        end
      end
    end
  endgenerate
endmodule
`default_nettype wire
