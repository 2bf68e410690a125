# SPDX-License-Identifier: Apache-2.0
"""A Vivado batch script for a Zynq-7000 board, from Xilinx UG835 (Tcl commands), UG585 (Zynq) and PG021 (AXI DMA).

Not yet tried: it needs Vivado, which the tests do not have.
"""

from __future__ import annotations

from collections.abc import Sequence

from drawplate_target_z7020.parts import Part

_SCRIPT = """\
# Build drawplate.bit and drawplate.hwh for the board {name}.  Not yet tried on a board.
#   vivado -mode batch -source build.tcl
set here [file dirname [file normalize [info script]]]
create_project drawplate [file join $here vivado] -part {part} -force
set boards [get_board_parts -quiet -latest_file_version {{{board}}}]
if {{[llength $boards] > 0}} {{
  set_property board_part [lindex $boards end] [current_project]
}} else {{
  puts "WARNING: Vivado has no board files of {name}: memory and pins of the processing system stay at their defaults."
  puts "WARNING: PYNQ sets them up itself; for anything else install the board files (Tools, Vivado Store) first."
}}
add_files [list {sources}]
add_files -quiet [glob -nocomplain -directory $here *.hex]
set_property file_type {{Memory Initialization Files}} [get_files -quiet *.hex]
update_compile_order -fileset sources_1

create_bd_design system
set ps [create_bd_cell -type ip -vlnv xilinx.com:ip:processing_system7 ps7]
apply_bd_automation -rule xilinx.com:bd_rule:processing_system7 \\
  -config {{make_external "FIXED_IO, DDR" apply_board_preset "1" Master "Disable" Slave "Disable"}} $ps
set_property -dict [list CONFIG.PCW_USE_S_AXI_HP0 1 CONFIG.PCW_USE_M_AXI_GP0 1 \\
  CONFIG.PCW_S_AXI_HP0_DATA_WIDTH 64 CONFIG.PCW_FPGA0_PERIPHERAL_FREQMHZ {clock}] $ps

# One DMA engine without scatter-gather: 64-bit streams, transfers of up to 64 MiB.
set dma [create_bd_cell -type ip -vlnv xilinx.com:ip:axi_dma dma]
set_property -dict [list CONFIG.c_include_sg 0 CONFIG.c_sg_length_width 26 \\
  CONFIG.c_m_axi_mm2s_data_width 64 CONFIG.c_m_axis_mm2s_tdata_width 64 CONFIG.c_mm2s_burst_size 64 \\
  CONFIG.c_m_axi_s2mm_data_width 64 CONFIG.c_s_axis_s2mm_tdata_width 64 CONFIG.c_s2mm_burst_size 64] $dma
set net [create_bd_cell -type module -reference drawplate_axis net]
connect_bd_intf_net [get_bd_intf_pins dma/M_AXIS_MM2S] [get_bd_intf_pins net/s_axis]
connect_bd_intf_net [get_bd_intf_pins net/m_axis] [get_bd_intf_pins dma/S_AXIS_S2MM]
set rule xilinx.com:bd_rule:axi4
apply_bd_automation -rule $rule -config {{Master "/ps7/M_AXI_GP0" Clk "Auto"}} [get_bd_intf_pins dma/S_AXI_LITE]
apply_bd_automation -rule $rule -config {{Master "/dma/M_AXI_MM2S" Clk "Auto"}} [get_bd_intf_pins ps7/S_AXI_HP0]
apply_bd_automation -rule $rule -config {{Slave "/ps7/S_AXI_HP0" Clk "Auto"}} [get_bd_intf_pins dma/M_AXI_S2MM]
connect_bd_net -quiet [get_bd_pins ps7/FCLK_CLK0] [get_bd_pins net/aclk]
set reset [get_bd_pins -quiet -of_objects [get_bd_nets -quiet -of_objects [get_bd_pins dma/axi_resetn]] \\
  -filter {{DIR == O}}]
connect_bd_net $reset [get_bd_pins net/aresetn]
validate_bd_design
save_bd_design
make_wrapper -files [get_files system.bd] -top -import
set_property top system_wrapper [current_fileset]

launch_runs impl_1 -to_step write_bitstream -jobs 4
wait_on_run impl_1
open_run impl_1
report_utilization -hierarchical -file [file join $here utilization.rpt]
report_timing_summary -file [file join $here timing.rpt]
file copy -force [glob [file join $here vivado drawplate.runs impl_1 *.bit]] [file join $here drawplate.bit]
file copy -force [lindex [glob -directory [file join $here vivado] -types f \\
  drawplate.gen/sources_1/bd/system/hw_handoff/system.hwh \\
  drawplate.srcs/sources_1/bd/system/hw_handoff/system.hwh] 0] [file join $here drawplate.hwh]
"""

_OWN_SCRIPT = """\
# Build drawplate.bit for the board {name}, with the DMA engine of our own.  Not yet tried.
#   vivado -mode batch -source build.tcl
cd [file dirname [file normalize [info script]]]
read_verilog [list {sources}]
read_xdc open.xdc
synth_design -top drawplate_zynq -part {part}
opt_design
place_design
route_design
report_utilization -hierarchical -file utilization.rpt
report_timing_summary -file timing.rpt
write_bitstream -force drawplate.bit
"""

_CONSTRAINTS = """\
# For synthesis of drawplate_axis out of context; in the block design the processing system's clock is constrained.
create_clock -name aclk -period {period:.3f} [get_ports aclk]
"""


def script(sources: Sequence[str], part: Part, clock_mhz: float) -> str:
    """Write the block design: processing system, DMA engine, design; then the bitstream and its reports.

    Args:
        sources: Verilog files.
        part: a board with a processing system.
        clock_mhz: clock that the processing system gives the design.
    """
    listed = " ".join(f"[file join $here {name}]" for name in sources)
    return _SCRIPT.format(
        name=part.name, part=part.part, board=part.vivado_board, sources=listed, clock=f"{clock_mhz:g}"
    )


def own_script(sources: Sequence[str], part: Part) -> bytes:
    """Write the script that makes the bitstream of the whole logic, without a block design.

    Args:
        sources: Verilog files, the engine's among them.
        part: a board with a processing system.
    """
    return _OWN_SCRIPT.format(name=part.name, part=part.part, sources=" ".join(sources)).encode()


def constraints(clock_mhz: float) -> str:
    """Write the clock constraint."""
    return _CONSTRAINTS.format(period=1000.0 / clock_mhz)
