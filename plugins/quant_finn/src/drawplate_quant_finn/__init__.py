# SPDX-License-Identifier: Apache-2.0
"""drawplate: quantize with Brevitas, lower to integer dataflow with FINN."""
