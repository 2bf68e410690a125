# SPDX-License-Identifier: Apache-2.0
"""QONNX's quantizers in the training loop: straight-through gradients, equal to Brevitas' and faster."""
