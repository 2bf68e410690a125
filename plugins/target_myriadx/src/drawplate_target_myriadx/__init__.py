# SPDX-License-Identifier: Apache-2.0
"""drawplate: compile for Intel Myriad X (NCS2, OAK) without a device, estimate or measure its latency."""
