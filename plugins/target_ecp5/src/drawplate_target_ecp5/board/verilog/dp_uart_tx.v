// SPDX-License-Identifier: Apache-2.0
// Sender of an asynchronous line: 8 bits, no parity, one stop bit; DIVIDE clocks per bit.
`default_nettype none
module dp_uart_tx #(parameter DIVIDE = 33) (
    input  wire       clk,
    input  wire       rst,
    input  wire [7:0] s_data,
    input  wire       s_valid,
    output wire       s_ready,
    output reg        line
);
  localparam DB = $clog2(DIVIDE + 1);
  reg [8:0] left;
  reg [3:0] bits;                               // still to be sent, the stop bit included
  reg [DB-1:0] wait_for;
  assign s_ready = (bits == 0);
  initial line = 1'b1;
  always @(posedge clk)
    if (rst) begin
      line <= 1'b1;
      bits <= 4'd0;
      wait_for <= 0;
    end else if (bits == 0) begin
      line <= !s_valid;                         // the start bit
      left <= {1'b1, s_data};
      if (s_valid) begin
        bits <= 4'd10;
        wait_for <= DIVIDE - 1;
      end
    end else if (wait_for != 0) wait_for <= wait_for - 1'b1;
    else begin
      line <= left[0];
      left <= {1'b1, left[8:1]};
      bits <= bits - 1'b1;
      wait_for <= DIVIDE - 1;
    end
endmodule
`default_nettype wire
