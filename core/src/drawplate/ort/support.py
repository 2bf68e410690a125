# SPDX-License-Identifier: Apache-2.0
"""Whether ONNX Runtime can run a model, told by layer name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from drawplate.count import infer_shapes
from drawplate.errors import ModelError
from drawplate.model_file import MAX_ELEMENTS
from drawplate.ort.session import open_session

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

TRIED = 2
SHOWN = 8  # layers named in one message


def check_supported(proto: ModelProto) -> None:
    """Refuse a standard ONNX model that cannot be run here.

    Raises:
        ModelError: naming the layers, or what ONNX Runtime said.
    """
    unknown = _unknown(proto)
    if unknown:
        names = [f"{node.name or node.output[0]!r} ({_operator(node)})" for node in unknown]
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        raise ModelError(
            f"ONNX Runtime has no operator for {', '.join(names[:SHOWN])}{more}",
            hint="replace these layers by standard ONNX operators, or lower the model for its own target",
        )
    _check_sizes(proto)
    _try(open_session(proto, threads=1, exact=True))


def _try(session: Any) -> None:
    """Run two items of zeros, or as many as the model is written for: shapes may disagree only then.

    Raises:
        ModelError: with what ONNX Runtime said, which names the node.
    """
    import numpy as np

    feeds = {}
    for value in session.get_inputs():
        if value.type != "tensor(float)" or any(not isinstance(size, int) for size in value.shape[1:]):
            return  # refused elsewhere, with a better reason
        batch = [size if isinstance(size, int) else TRIED for size in value.shape[:1]]
        feeds[value.name] = np.zeros((*batch, *value.shape[1:]), np.float32)
    try:
        session.run(None, feeds)
    except Exception as error:  # ONNX Runtime's own exceptions share no base
        said = (str(error).partition(" : ")[2] or str(error)).splitlines()[0]
        raise ModelError(
            f"ONNX Runtime cannot run it on {TRIED} items: {said}",
            hint="export it with a free batch, and with shapes that hold for any batch",
        ) from error


def _unknown(proto: ModelProto) -> list[NodeProto]:
    from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

    known = {(schema.domain, schema.name) for schema in get_all_operator_schema()}
    functions = {(function.domain, function.name) for function in proto.functions}
    return [
        node
        for node in proto.graph.node
        if ("" if node.domain == "ai.onnx" else node.domain, node.op_type) not in known | functions
    ]


def _operator(node: NodeProto) -> str:
    return f"{node.domain}.{node.op_type}" if node.domain else str(node.op_type)


def _check_sizes(proto: ModelProto) -> None:
    """Refuse values that would not fit into memory, before constants are folded."""
    for name, shape in infer_shapes(proto).items():
        if math.prod(shape) > MAX_ELEMENTS:
            raise ModelError(
                f"has shape {list(shape)}", where=f"value {name!r}", allowed=f"at most {MAX_ELEMENTS} elements"
            )
