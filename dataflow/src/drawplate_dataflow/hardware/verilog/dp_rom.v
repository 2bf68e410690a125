// SPDX-License-Identifier: Apache-2.0
// ROM in block RAM with a registered output; contents from a hexadecimal file, one word per line.
`default_nettype none
module dp_rom #(parameter BITS = 768, parameter DEPTH = 256, parameter AB = 8, parameter FILE = "") (
    input  wire            clk,
    input  wire [AB-1:0]   a,
    output reg  [BITS-1:0] q
);
  (* rom_style = "block", ram_style = "block" *) reg [BITS-1:0] mem[0:DEPTH-1];
  initial $readmemh(FILE, mem);
  always @(posedge clk) q <= mem[a];
endmodule
`default_nettype wire
