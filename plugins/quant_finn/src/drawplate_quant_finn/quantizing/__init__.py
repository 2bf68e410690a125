# SPDX-License-Identifier: Apache-2.0
"""From a float model to a quantized one: where, with which ranges, and the nodes that are written."""
