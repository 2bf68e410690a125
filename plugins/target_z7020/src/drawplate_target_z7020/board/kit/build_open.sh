#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# drawplate.bit without Vivado: yosys, then openXC7's nextpnr-xilinx and prjxray's tools.  Not yet tried on a board.
#   CHIPDB=.../$device.bin PRJXRAY_DB=.../prjxray-db ./build_open.sh
# The database has no skew, jitter or hold times, and LUT6_2 may be routed with wrong contents (nextpnr issue 1757):
# what selftest.py says on the board is what counts.
set -e
: "$${CHIPDB:?the chip database of $device for nextpnr-xilinx}" "$${PRJXRAY_DB:?the folder of prjxray-db}"
yosys -q -p "read_verilog $sources; synth_xilinx -flatten -abc9 -arch xc7 -top drawplate_zynq; write_json drawplate.json"
nextpnr-xilinx --chipdb "$$CHIPDB" --xdc open.xdc --json drawplate.json --fasm drawplate.fasm --freq $clock
fasm2frames --part $part --db-root "$$PRJXRAY_DB/zynq7" drawplate.fasm > drawplate.frames
xc7frames2bit --part_file "$$PRJXRAY_DB/zynq7/$part/part.yaml" --part_name $part \
  --frm_file drawplate.frames --output_file drawplate.bit
echo "made drawplate.bit; on the board: sudo -E python3 selftest.py --own-engine"
