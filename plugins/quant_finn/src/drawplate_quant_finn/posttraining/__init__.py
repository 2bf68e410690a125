# SPDX-License-Identifier: Apache-2.0
"""Post-training quantization with Brevitas' algorithms, layer by layer on the graph; out comes plain QONNX."""
