# SPDX-License-Identifier: Apache-2.0
"""drawplate: fold a dataflow network for the Zynq Z7020, generate its RTL, simulate and synthesise it."""
