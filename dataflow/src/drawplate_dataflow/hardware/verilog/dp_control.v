// SPDX-License-Identifier: Apache-2.0
// Control of a matrix layer: when a word is taken, which weights meet it, and flags that run beside the data.
//
// A pass starts only if its results have room in the output FIFO (credits); after that nothing can stop it, so the data
// path needs no enables.  Passes send OUTS results, the last pass of a frame LAST_OUTS.  Credits come back a clock late,
// and are compared a clock before a pass starts: `one` where there is room for a pass, `two` where there was room for
// another one beside the pass that has just started.
`default_nettype none
module dp_control #(
    parameter DEPTH = 256,      // weight words: passes * words per pass
    parameter OUTS = 16,
    parameter LAST_OUTS = 16,
    parameter ROOM = 64,        // of the output FIFO, at least OUTS
    parameter LATENCY = 4,      // clocks from operands to the accumulating adder
    parameter AB = 8            // address bits
) (
    input  wire          clk,
    input  wire          rst,
    input  wire          available,
    input  wire          first,
    input  wire          last,
    input  wire          last_pass,
    input  wire          popped,       // one result has left the output FIFO
    output wire          take,
    output reg  [AB-1:0] address,
    output wire          add_valid,    // beside the operands of the accumulating adder
    output wire          add_first,
    output reg           done          // the accumulators hold the results of a pass
);
  localparam CB = $clog2(ROOM + 1);
  reg [CB-1:0] credits;
  reg one, two, started, returned;
  wire [CB-1:0] price = (first && take) ? (last_pass ? LAST_OUTS : OUTS) : 0;
  reg [LATENCY:0] valid_at, first_at, last_at;
  integer n;
  assign take = available && (!first || (started ? two : one));
  assign add_valid = valid_at[LATENCY], add_first = first_at[LATENCY];
  always @(posedge clk) begin
    // A shift register in a LUT, but for its last bit: that one is reset, so that it stays a register, which is a
    // nanosecond earlier at all accumulators than the LUT.
    first_at[0] <= first;
    for (n = 1; n < LATENCY; n = n + 1) first_at[n] <= first_at[n-1];
    one <= (credits >= OUTS);
    two <= (credits >= 2 * OUTS);
    if (rst) begin
      credits <= ROOM;
      started <= 1'b0;
      returned <= 1'b0;
      address <= 0;
      valid_at <= 0;
      first_at[LATENCY] <= 1'b0;
      last_at <= 0;
      done <= 1'b0;
    end else begin
      credits <= credits - price + returned;
      started <= take && first;
      returned <= popped;
      if (take) address <= (address == DEPTH - 1) ? {AB{1'b0}} : address + 1'b1;
      valid_at <= {valid_at[LATENCY-1:0], take};
      first_at[LATENCY] <= first_at[LATENCY-1];
      last_at <= {last_at[LATENCY-1:0], take && last};
      done <= last_at[LATENCY];
    end
  end
endmodule
`default_nettype wire
