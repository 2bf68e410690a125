# SPDX-License-Identifier: Apache-2.0
"""Search space of the bit widths of a model, float or quantized."""
