# SPDX-License-Identifier: Apache-2.0
"""Opening ONNX Runtime sessions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.errors import ModelError

if TYPE_CHECKING:
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


def open_session(model: ModelProto | Path, *, threads: int, exact: bool, write_to: Path | None = None) -> Any:
    """Open a session on the CPU.

    Args:
        model: the model, or its file.
        threads: of one operator; operators run one after the other.
        exact: keep every value as the unoptimised graph gives it, for quantized models.
        write_to: write the graph there after constant folding and fusions that hold on every machine.

    Raises:
        ModelError: when ONNX Runtime refuses the model.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_BASIC if exact or write_to else level.ORT_ENABLE_ALL
    if write_to is not None:
        options.optimized_model_filepath = str(write_to)
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    disabled = list(ROUNDING_FUSIONS) if exact else []
    try:
        return onnxruntime.InferenceSession(
            source, options, providers=["CPUExecutionProvider"], disabled_optimizers=disabled
        )
    except Exception as error:  # ONNX Runtime's own exceptions share no base
        said = str(error).partition(" : ")[2] or str(error)
        raise ModelError(f"ONNX Runtime cannot run it: {said.splitlines()[0]}") from error
