# SPDX-License-Identifier: Apache-2.0
"""Synthesised library modules and placed designs, and the constants that are fitted to the former."""
