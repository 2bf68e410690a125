# SPDX-License-Identifier: Apache-2.0
"""The network that is asked, its input and its answer.

All numbers are whole, and no sum of magnitudes reaches 2^24: in float32 every sum is exact in every order, so the
answer is the same on every processor.  Values between the layers have 14 bits: whatever keeps fewer of them (bfloat16
8, TF32 and FP16 11) gives another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto

SHAPE: Final = (1, 2, 6, 6)
CHANNELS: Final = 4
OUTPUTS: Final = 3
LARGEST: Final = 4095
ANSWER: Final = (-17052.0, -96312.0, 368279.0)


def images() -> NDArray[np.float32]:
    """Return the input: odd whole numbers of 12 bits and a sign, float32 (1, 2, 6, 6)."""
    import numpy as np

    drawn = np.arange(int(np.prod(SHAPE)), dtype=np.int64) * 2741 % (2 * LARGEST)
    return (drawn - LARGEST).reshape(SHAPE).astype(np.float32) // 2 * 2 + 1


def parameters() -> dict[str, NDArray[np.float32]]:
    """Return the weights: whole numbers from -2 to 2 (convolution), and from -3 to 3 (dense)."""
    import numpy as np

    def drawn(step: int, modulus: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
        numbers = np.arange(int(np.prod(shape)), dtype=np.int64) ** 2 * step % 97 % modulus
        return (numbers - modulus // 2).reshape(shape).astype(np.float32)

    return {
        "kernel": drawn(13, 5, (CHANNELS, SHAPE[1], 3, 3)),
        "bias": drawn(29, 7, (CHANNELS,)),
        "matrix": drawn(41, 7, (CHANNELS * 9, OUTPUTS)),
    }


def network() -> ModelProto:
    """Return the network: convolution, Relu, MaxPool, dense layer."""
    import onnx
    from onnx import helper, numpy_helper

    nodes = [
        helper.make_node("Conv", ["x", "kernel", "bias"], ["c"], name="conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], name="relu"),
        helper.make_node("MaxPool", ["r"], ["p"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("MatMul", ["f", "matrix"], ["y"], name="dense"),
    ]
    graph = helper.make_graph(
        nodes,
        "known",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, (1, OUTPUTS))],
        [numpy_helper.from_array(array, name) for name, array in parameters().items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    return onnx.shape_inference.infer_shapes(model)  # FINN asks for the shapes of all values
