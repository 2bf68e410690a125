# SPDX-License-Identifier: Apache-2.0
"""Opening ONNX Runtime sessions."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.errors import ModelError
from drawplate.known import ask

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto

ROUNDING_FUSIONS = (
    "ConvBNFusion",
    "ConvMulFusion",
    "ConvAddFusion",
    "MatMul_BatchNormalization_Fusion",
    "MatMulAddFusion",
    "MatMulScaleFusion",
    "GemmSumFusion",
    "DivMulFusion",
)
"""Optimisations that change the last bits of what a layer gives.  In a quantized model such a bit can move a value
over a rounding edge, to another code."""

QUANTIZER_FUSIONS = ("DoubleQDQPairsRemover", "ClipQuantFusion", "ReluQuantFusion", "QDQPropagationTransformer")
"""Optimisations that leave out one of two quantizers, or move them."""

EXACT = {"session.disable_quant_qdq": "1"}
"""Quantizers stay where they are: moving pairs of QuantizeLinear and DequantizeLinear, or leaving some out, changes
what is rounded; past a Clip between the two (Brevitas' QCDQ) even whole codes."""

FULL_PRECISION = {
    "mlas.enable_gemm_fastmath_arm64_bfloat16": "0",
    "session.set_denormal_as_zero": "0",
}
"""float32 is computed in float32, to its smallest numbers (onnxruntime_session_options_config_keys.h)."""


def open_session(
    model: ModelProto | Path, *, threads: int, exact: bool, write_to: Path | None = None, optimise: bool = True
) -> Any:
    """Open a session on the CPU.

    Args:
        model: the model, or its file.
        threads: of one operator; operators run one after the other.
        exact: keep every value as the unoptimised graph gives it, for quantized models.
        write_to: write the graph there after constant folding and fusions that hold on every machine.
        optimise: fold constants and fuse at all.

    Raises:
        ModelError: when ONNX Runtime refuses the model.
        ToolWrong: when it computes wrongly on this processor.
    """
    _known(exact)
    return _open(model, threads, exact=exact, write_to=write_to, optimise=optimise)


@cache
def _known(exact: bool) -> None:
    """Ask ONNX Runtime what is known, once for each way of optimising graphs.

    Raises:
        ToolWrong: when it computes wrongly here.
    """
    import onnxruntime

    def answer(model: ModelProto, images: NDArray[np.float32]) -> Any:
        return _open(model, 1, exact=exact).run(None, {"x": images})[0].ravel()

    ask(answer, f"ONNX Runtime {onnxruntime.__version__}")


def check() -> None:
    """Ask ONNX Runtime what is known.

    Raises:
        ToolWrong: when it computes wrongly here.
    """
    for exact in (False, True):
        _known(exact)


def _open(
    model: ModelProto | Path, threads: int, *, exact: bool, write_to: Path | None = None, optimise: bool = True
) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    for name, value in (FULL_PRECISION | (EXACT if exact else {})).items():
        options.add_session_config_entry(name, value)
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_BASIC if exact or write_to else level.ORT_ENABLE_ALL
    if not optimise:
        options.graph_optimization_level = level.ORT_DISABLE_ALL
    if write_to is not None:
        options.optimized_model_filepath = str(write_to)
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    disabled = [*ROUNDING_FUSIONS, *QUANTIZER_FUSIONS] if exact else []
    try:
        return onnxruntime.InferenceSession(
            source, options, providers=["CPUExecutionProvider"], disabled_optimizers=disabled
        )
    except Exception as error:  # ONNX Runtime's own exceptions share no base
        said = str(error).partition(" : ")[2] or str(error)
        raise ModelError(f"ONNX Runtime cannot run it: {said.splitlines()[0]}") from error
