# SPDX-License-Identifier: Apache-2.0
"""Networks with random integers, for calibration, tests and measurements of hardware."""
