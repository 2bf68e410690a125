# SPDX-License-Identifier: Apache-2.0
"""drawplate: integer dataflow networks, from the lowered graph to RTL, cost, folding and simulation, for any FPGA."""
