# SPDX-License-Identifier: Apache-2.0
"""ONNX graphs: who makes a value, who reads it, and what QONNX's quantizers mean."""
