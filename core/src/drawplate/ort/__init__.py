# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime on this host: what it can run, and how fast."""

from drawplate.ort.portable import optimise
from drawplate.ort.standard import to_standard_onnx
from drawplate.ort.support import check_supported

__all__ = ["check_supported", "optimise", "to_standard_onnx"]
