# SPDX-License-Identifier: Apache-2.0
"""The outputs of a QONNX model in float32, as the training loop computes them."""

from drawplate.torch import OnnxModule


def reference_outputs(proto, items, ops):
    """Outputs, shape (n, ...), for items of shape (n, ...); ``ops`` handle QONNX's operators."""
    import torch

    module = OnnxModule(proto, ops).eval()
    with torch.no_grad():
        return module(torch.from_numpy(items)).numpy()
