# SPDX-License-Identifier: Apache-2.0
"""The file that ONNX Runtime is given: standard operators, constants folded, the same on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.graph.nodes import drop_unused_domains
from drawplate.ort.session import open_session
from drawplate.ort.standard import to_standard_onnx
from drawplate.processes import scratch

if TYPE_CHECKING:
    from onnx import ModelProto


def optimise(proto: ModelProto, *, exact: bool) -> ModelProto:
    """Write quantizers out, fold constants, remove what does nothing; names and metadata stay.

    Args:
        proto: a FLOAT or QONNX model.
        exact: fold no BatchNormalization and fuse nothing that changes a value's last bits (quantized models).

    Raises:
        ModelError: when ONNX Runtime cannot run the model.
    """
    import onnx

    standard = to_standard_onnx(proto)
    with scratch() as folder:
        path = folder / "model.onnx"
        open_session(standard, threads=1, exact=exact, write_to=path)
        model = onnx.load(path)
    del model.metadata_props[:]
    model.metadata_props.extend(proto.metadata_props)
    drop_unused_domains(model)  # ONNX Runtime imports all domains that it knows
    return model
