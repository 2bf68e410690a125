# SPDX-License-Identifier: Apache-2.0
"""ONNX models as trainable torch modules, and the one training loop."""

from drawplate.torch.handlers import Handler, Handlers, Node, Op
from drawplate.torch.module import OnnxModule

__all__ = ["Handler", "Handlers", "Node", "OnnxModule", "Op"]
