# SPDX-License-Identifier: Apache-2.0
"""Choosing PE and SIMD of every layer, exactly."""
