# SPDX-License-Identifier: Apache-2.0
"""QONNX in exact arithmetic: what a quantized model means, with nothing rounded but by its quantizers.

A judge for whoever lowers quantized models to integers.  It shares no code with the steps that it judges, and is
written from the specifications of ONNX and QONNX; slow, and meant for small models.
"""

from drawplate.testing.exact.number import Exact, of_array, of_fractions, whole
from drawplate.testing.exact.quantizers import Quantized
from drawplate.testing.exact.run import Watch, run_exact

__all__ = ["Exact", "Quantized", "Watch", "of_array", "of_fractions", "run_exact", "whole"]
