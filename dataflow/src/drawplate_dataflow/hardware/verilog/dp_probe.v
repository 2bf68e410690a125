// SPDX-License-Identifier: Apache-2.0
// Writes every word that moves on a stream to a file, one hexadecimal number per line.  For simulation only.
`default_nettype none
`ifdef DRAWPLATE_PROBE
module dp_probe #(parameter BITS = 3, parameter FILE = "") (
    input wire            clk,
    input wire [BITS-1:0] data,
    input wire            moved
);
  integer file;
  initial file = $fopen(FILE, "w");
  always @(posedge clk) if (moved) $fdisplay(file, "%h", data);
endmodule
`endif
`default_nettype wire
