# SPDX-License-Identifier: Apache-2.0
"""The outputs of a QONNX model in float32, as the training loop computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto


def reference_outputs(proto: ModelProto, items: NDArray[np.float32], ops: Any) -> NDArray[np.float32]:
    """Return the outputs of a QONNX model, shape (n, ...).

    Args:
        proto: the model.
        items: what it is fed, shape (n, ...).
        ops: handlers of QONNX's operators, as ``job.contributions("torch_ops")`` gives them.
    """
    import numpy as np
    import torch

    from drawplate.torch import OnnxModule

    module = OnnxModule(proto, ops).eval()
    step = proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value or 1000  # 0 where the batch is free
    with torch.no_grad():
        parts = [module(torch.from_numpy(items[start : start + step])).numpy() for start in range(0, len(items), step)]
    return np.concatenate(parts)
