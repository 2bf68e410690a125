# SPDX-License-Identifier: Apache-2.0
"""What the FINN+ tool environment answers: JSON in, JSON out, models as files.

FINN+ imports torch for one layer that is never used here (LayerNorm), so an empty stand-in takes its place: the
environment is then 150 MB instead of 2 GB.
"""

from __future__ import annotations

import contextlib
import functools
import io
import sys
import types
import warnings
from pathlib import Path
from typing import Any


def probe() -> dict[str, str]:
    """Import FINN+ and say which versions answer."""
    _start()
    from importlib.metadata import version

    import flow  # type: ignore[import-not-found]  # noqa: F401 - the import is the probe

    return {name: version(name) for name in ("finn-plus", "qonnx", "onnx")}


def lower(source: str, target: str, input_datatype: str) -> dict[str, Any]:
    """Lower a QONNX file to hardware layers; answer with the operators that are left, in order."""
    _start()
    import onnx
    from flow import lowered

    with contextlib.redirect_stdout(io.StringIO()):
        model = lowered(onnx.load(source), input_datatype)
    Path(target).write_bytes(model.model.SerializeToString(deterministic=True))
    return {"nodes": [{"name": n.name, "op_type": n.op_type, "domain": n.domain} for n in model.graph.node]}


def execute(model: str, inputs: str, outputs: str) -> dict[str, int]:
    """Run FINN's executor over the images in an .npy file, one by one, and write the outputs as .npy."""
    _start()
    import numpy as np
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx

    wrapper = ModelWrapper(model)
    for node in wrapper.graph.node:
        _multiply_signs(node)
    name, result = wrapper.graph.input[0].name, wrapper.graph.output[0].name
    images = np.load(inputs).astype(np.float32)
    answers = [execute_onnx(wrapper, {name: image[None]})[result] for image in images]
    np.save(outputs, np.concatenate(answers))
    return {"images": len(images)}


def _multiply_signs(node: Any) -> None:
    """Let FINN's executor sum products of signs; for two BIPOLAR types it would count equal bits instead."""
    from qonnx.custom_op.registry import getCustomOp

    if node.op_type == "MVAU" and getCustomOp(node).get_nodeattr("weightDataType") == "BIPOLAR":
        getCustomOp(node).set_nodeattr("weightDataType", "INT2")


def estimate(model: str, folding: dict[str, dict[str, int]], part: str) -> list[dict[str, Any]]:
    """FINN+'s analytic cycles and resources of every hardware layer.

    Args:
        model: file of lowered layers.
        folding: attributes (PE, SIMD, ...) to set first, by layer name.
        part: e.g. ``xc7z020clg400-1``.
    """
    _start()
    from estimates import layer_estimates  # type: ignore[import-not-found]

    return list(layer_estimates(model, folding, part))


def set_folding(model: str, target: str, target_cycles: int) -> dict[str, dict[str, int]]:
    """Fold with FINN's own SetFolding for a number of cycles per frame; answer with PE, SIMD and parallel_window."""
    _start()
    from estimates import folded

    return dict(folded(model, target, target_cycles))


@functools.cache
def _start() -> None:
    warnings.filterwarnings("ignore")
    torch, nn, functional = (types.ModuleType(name) for name in ("torch", "torch.nn", "torch.nn.functional"))
    torch.nn, nn.functional = nn, functional  # type: ignore[attr-defined]
    sys.modules.update({"torch": torch, "torch.nn": nn, "torch.nn.functional": functional})
    from finn.util.settings import initialize_dummy_settings

    initialize_dummy_settings()
