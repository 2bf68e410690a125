// SPDX-License-Identifier: Apache-2.0
// Receiver of an asynchronous line: 8 bits, no parity, one stop bit; DIVIDE clocks per bit.  `calm` falls while the
// line is held low for much longer than a byte takes (a break), and rises when it is released.
`default_nettype none
module dp_uart_rx #(parameter DIVIDE = 33) (
    input  wire       clk,
    input  wire       line,
    output reg  [7:0] data,
    output reg        valid,     // for one clock
    output reg        calm
);
  localparam BREAK = 32 * DIVIDE;
  localparam DB = $clog2(DIVIDE + DIVIDE / 2 + 1);
  localparam BB = $clog2(BREAK + 1);
  reg [2:0] seen = 3'b111;                      // two registers against metastability
  wire level = seen[2];
  reg [DB-1:0] wait_for = 0;
  reg [3:0] at = 4'd0;                          // 0: no byte; 9: stop bit
  reg [BB-1:0] low = 0;
  initial valid = 1'b0;
  initial calm = 1'b1;
  always @(posedge clk) begin
    seen <= {seen[1:0], line};
    valid <= 1'b0;
    if (level) begin
      low <= 0;
      calm <= 1'b1;
    end else if (low == BREAK) calm <= 1'b0;
    else low <= low + 1'b1;
    if (at == 0) begin
      if (!level && seen[1] == 1'b0) begin
        at <= 4'd1;
        wait_for <= DIVIDE + DIVIDE / 2 - 2;    // to the middle of the first bit
      end
    end else if (wait_for != 0) wait_for <= wait_for - 1'b1;
    else begin
      wait_for <= DIVIDE - 1;
      if (at == 4'd9) begin
        // A stop bit that is low is no byte, but a break.
        valid <= level;
        if (level) at <= 4'd0;
      end else begin
        data <= {level, data[7:1]};
        at <= at + 1'b1;
      end
    end
  end
endmodule
`default_nettype wire
