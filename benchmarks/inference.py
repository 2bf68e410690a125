# SPDX-License-Identifier: Apache-2.0
"""Running models with the step ort: against a plain ONNX Runtime session, and against QONNX's own executor.

Run: python benchmarks/inference.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import onnx

from drawplate.data import Normalisation
from drawplate.ort import optimise
from drawplate.ort.accuracy import predict
from drawplate.ort.session import open_session
from drawplate.zoo import build_model

IMAGES = 2000
UNIT = Normalisation((0.0,), (1.0,))


def best(*calls: Callable[[], object], times: int = 7) -> list[float]:
    """Return the seconds of the fastest turn of each call; they take turns, so that a busy host slows all."""
    taken = []
    for _ in range(times):
        for call in calls:
            started = time.perf_counter()
            call()
            taken.append(time.perf_counter() - started)
    return [min(taken[i :: len(calls)]) for i in range(len(calls))]


def quantized(model: onnx.ModelProto, bits: int = 3) -> onnx.ModelProto:
    """Put a quantizer before every weight and behind every activation."""
    from onnx import helper, numpy_helper

    numbers = {"q.step": 0.125, "q.zero": 0.0, "q.bits": float(bits)}
    model.graph.initializer.extend(numpy_helper.from_array(np.float32(v), k) for k, v in numbers.items())
    model.opset_import.append(helper.make_opsetid("qonnx.custom_op.general", 1))
    nodes = []
    for node in list(model.graph.node):
        if node.op_type in ("MatMul", "Conv", "Gemm"):
            nodes.append(_quantizer(node.input[1], f"{node.input[1]}.q", signed=1))
            node.input[1] = f"{node.input[1]}.q"
        if node.op_type == "Relu":
            name, node.output[0] = node.output[0], f"{node.output[0]}.plain"
            nodes += [node, _quantizer(node.output[0], name, signed=0)]
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def _quantizer(taken: str, given: str, signed: int) -> onnx.NodeProto:
    return onnx.helper.make_node(
        "Quant",
        [taken, "q.step", "q.zero", "q.bits"],
        [given],
        domain="qonnx.custom_op.general",
        signed=signed,
        narrow=signed,
        rounding_mode="ROUND",
    )


def against_plain_session(name: str, shape: tuple[int, int, int]) -> None:
    """Top-1's forward passes, normalisation included, against the same passes of a plain session."""
    import onnxruntime

    model = build_model(name, {}, shape=shape, classes=10, seed=0)
    x = np.random.default_rng(0).integers(0, 256, (IMAGES, *shape), np.uint8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    plain = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    ours = open_session(optimise(model, exact=False), threads=1, exact=False)
    parts = [UNIT.apply(x[i : i + 500]) for i in range(0, IMAGES, 500)]
    base, found = best(
        lambda: [plain.run(None, {"input": part}) for part in parts], lambda: predict(ours, x, UNIT.apply)
    )
    print(f"{name}, {IMAGES} images: plain session {base:.3f} s, ort with pixels {found:.3f} s, {found / base:.2f} x")


def against_executor() -> None:
    """A 3-bit perceptron of the paper's size through ONNX Runtime and through QONNX's executor, in batches of 500."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    model = quantized(build_model("mlp", {}, shape=(1, 28, 28), classes=10, seed=0))
    x = np.random.default_rng(0).integers(0, 256, (IMAGES, 1, 28, 28), np.uint8)
    session = open_session(optimise(model, exact=True), threads=1, exact=True)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 500
    model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = 500
    wrapped = ModelWrapper(model).transform(InferShapes())
    parts = [UNIT.apply(x[i : i + 500]) for i in range(0, IMAGES, 500)]

    def executor() -> np.ndarray:
        return np.concatenate([execute_onnx(wrapped, {"input": part})["logits"] for part in parts])

    base, found = best(executor, lambda: predict(session, x, UNIT.apply), times=3)
    agree = float((executor().argmax(1) == predict(session, x, UNIT.apply).argmax(1)).mean())
    print(f"3-bit mlp, {IMAGES} images: QONNX's executor {base:.3f} s, ort {found:.3f} s, {found / base:.3f} x")
    print(f"equal predictions: {100 * agree:.2f} %")


if __name__ == "__main__":
    against_plain_session("mlp", (1, 28, 28))
    against_plain_session("flexstudent", (3, 32, 32))
    against_executor()
