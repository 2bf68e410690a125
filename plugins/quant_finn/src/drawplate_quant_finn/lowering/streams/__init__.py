# SPDX-License-Identifier: Apache-2.0
"""A QONNX model as streams of integers: what is read, how it is turned into hardware layers."""
