// SPDX-License-Identifier: Apache-2.0
// Entry of a free-running pipeline: a word enters only with a credit for its place in the output FIFO, and gets its
// channel number.
`default_nettype none
module dp_gate #(parameter ROOM = 32, parameter CHANNELS = 16, parameter CB = 4) (
    input  wire          clk,
    input  wire          rst,
    input  wire          s_valid,
    output wire          s_ready,
    output wire          enter,
    output reg  [CB-1:0] channel,
    input  wire          popped
);
  localparam RB = $clog2(ROOM + 1);
  reg [RB-1:0] credits;
  reg open;                                     // there are credits
  assign s_ready = open, enter = s_valid && open;
  always @(posedge clk)
    if (rst) begin
      credits <= ROOM;
      open <= 1'b1;
      channel <= 0;
    end else begin
      credits <= credits - enter + popped;
      open <= popped || (enter ? credits != 1 : open);
      if (enter) channel <= (channel == CHANNELS - 1) ? {CB{1'b0}} : channel + 1'b1;
    end
endmodule
`default_nettype wire
