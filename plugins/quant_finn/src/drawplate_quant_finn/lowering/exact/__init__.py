# SPDX-License-Identifier: Apache-2.0
"""Exact real arithmetic: fractions, roots and logarithms to any precision, and where a quantizer's codes begin."""
