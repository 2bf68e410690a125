# SPDX-License-Identifier: Apache-2.0
"""Proof that a lowered model is its QONNX model: every code of every layer, and every output."""
