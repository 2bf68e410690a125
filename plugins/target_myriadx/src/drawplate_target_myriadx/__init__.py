# SPDX-License-Identifier: Apache-2.0
"""drawplate: compile for Intel Myriad X, estimate its latency, measure a device."""
