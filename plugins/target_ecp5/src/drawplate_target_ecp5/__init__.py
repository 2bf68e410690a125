# SPDX-License-Identifier: Apache-2.0
"""drawplate: dataflow networks on Lattice ECP5 boards, placed and routed to a bitstream by packages from PyPI."""
