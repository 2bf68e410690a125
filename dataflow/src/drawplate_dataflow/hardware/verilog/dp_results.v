// SPDX-License-Identifier: Apache-2.0
// Output FIFO in LUT RAM.  Its writer holds credits for every word, so it cannot be full and has no ready.
`default_nettype none
module dp_results #(parameter BITS = 3, parameter DEPTH = 64) (
    input  wire            clk,
    input  wire            rst,
    input  wire            s_valid,
    input  wire [BITS-1:0] s_data,
    output wire [BITS-1:0] m_data,
    output wire            m_valid,
    input  wire            m_ready,
    output wire            popped
);
  localparam AB = $clog2(DEPTH);
  (* ram_style = "distributed" *) reg [BITS-1:0] mem[0:DEPTH-1];
  reg [AB-1:0] wp, rp, rp1;
  reg any;
  assign m_valid = any, m_data = mem[rp], popped = any && m_ready;
  always @(posedge clk) begin
    if (s_valid) mem[wp] <= s_data;
    if (rst) begin
      wp <= 0;
      rp <= 0;
      rp1 <= 1;
      any <= 1'b0;
    end else begin
      wp <= wp + s_valid;
      rp <= rp + popped;
      rp1 <= rp1 + popped;
      any <= s_valid || (popped ? wp != rp1 : any);
    end
  end
endmodule
`default_nettype wire
