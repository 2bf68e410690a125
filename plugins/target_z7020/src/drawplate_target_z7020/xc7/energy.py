# SPDX-License-Identifier: Apache-2.0
"""What switching costs in 28 nm 7-series logic, in pJ, from what others have published.

Power reports of Vivado for designs on an XC7Z020 (``fitting/power.csv``, by repository) tell the watts of the clock
network, of LUTs, nets, block RAM and DSP48E1, and how many there are.  They do not tell how often nets change: of the
one whose logic computes in every clock, a pipelined cipher, it is taken to be in a quarter of the clocks, between
Vivado's default of an eighth and a half, the most that random data can.  Energies of a read and of a product are also
in D. J. Greaves' lecture notes (University of Cambridge, "Spreadsheet-based Energy Accounting"), from Xilinx' Power
Estimator for Zynq: 8.5 pJ per read of 36 Kibit, 23 pJ per product.
"""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.technology import EnergyPrices, Spread

ENERGIES: Final = EnergyPrices(
    lut=Spread.within(0.30, 2.0),
    net=Spread.within(0.24, 2.0),
    clock=Spread.within(0.034, 1.4),
    ram=Spread(4.7, 2.4, 16.0),
    multiplier=Spread.within(15.0, 1.6),
    source="published power reports of Vivado, no board measured",
)
"""Compared with the reports in ``tests/target_z7020/xc7/test_energy.py``."""
