# SPDX-License-Identifier: Apache-2.0
"""Synthesised library modules and layers, and the constants that are fitted to them."""
