# SPDX-License-Identifier: Apache-2.0
"""Items of a batch go through a model side by side: any number of them, and none knows of the others.

A file may say that its batch is free and still hold a size that only one item has, as ``view(1, 64)`` leaves it; it may
make two rows of one item, or take a mean over the batch.  Training, accuracies and exports would each mean another
thing by such a model.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from drawplate.door.check import BATCH, open_whole, too_much
from drawplate.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, ValueInfoProto


def single_items(proto: ModelProto) -> list[str]:
    """Fix a free batch to 1 where ONNX Runtime can run one item, but not two; in place."""
    taken = _free_input(proto)
    if taken is None or too_much(proto):
        return []
    said = _refused(proto, _noise(taken, BATCH))
    if not said or _refused(proto, _noise(taken, 1)):
        return []
    for value in (taken, *proto.graph.output):
        dims = value.type.tensor_type.shape.dim
        if dims and not dims[0].HasField("dim_value"):
            dims[0].dim_value = 1
    del proto.graph.value_info[:]
    named = re.search(r"Name:'([^']+)'", said)
    where = f" ({named.group(1)!r})" if named else ""
    return [f"batch fixed to 1: its layers hold the size of one item{where}"]


def refuse_mixing(proto: ModelProto) -> None:
    """Refuse a model of a free batch whose answer for an item is no row of its own, or depends on other items.

    Raises:
        ModelError: naming the layer where that begins.
    """
    taken = _free_input(proto)
    if taken is None or too_much(proto):
        return
    x = _noise(taken, BATCH)
    try:
        session = open_whole(proto)
        rows = session.run(None, {taken.name: x})[0]
    except Exception:  # noqa: BLE001  (ONNX Runtime's own exceptions share no base; the steps say what they cannot run)
        return
    output = proto.graph.output[0].name
    if rows.ndim and len(rows) != BATCH:
        raise ModelError(
            f"gives {len(rows)} rows for {BATCH} items",
            where=f"output {output!r}",
            hint="a Reshape moves values from one item to another: keep the batch as its first dimension",
        )
    other = x.copy()
    other[1:] = 1 - other[1:]
    if rows.ndim and _same(rows[0], session.run(None, {taken.name: other})[0][0]):
        return
    raise ModelError(
        "gives an item another answer beside other items",
        where=_first_mixing(proto, taken.name, x, other) or f"output {output!r}",
        hint="it computes along the batch, or draws random numbers: export the model in evaluation mode, "
        "or let it work within one item",
    )


def _free_input(proto: ModelProto) -> ValueInfoProto | None:
    """The only input, where it takes floats, any number of items, and all else of it is known."""
    import onnx

    held = {tensor.name for tensor in proto.graph.initializer}
    inputs = [value for value in proto.graph.input if value.name not in held]
    kind = inputs[0].type.tensor_type if len(inputs) == 1 else None
    if kind is None or kind.elem_type != onnx.TensorProto.FLOAT or len(kind.shape.dim) < 2:
        return None
    batch, *rest = kind.shape.dim
    free = not batch.HasField("dim_value") and all(dim.dim_value > 0 for dim in rest)
    return inputs[0] if free else None


def _noise(value: ValueInfoProto, batch: int) -> NDArray[Any]:
    import numpy as np

    shape = [batch, *(dim.dim_value for dim in value.type.tensor_type.shape.dim[1:])]
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def _refused(proto: ModelProto, x: NDArray[Any]) -> str:
    """What ONNX Runtime says where it cannot run a model; nothing where it can."""
    held = {tensor.name for tensor in proto.graph.initializer}
    name = next(value.name for value in proto.graph.input if value.name not in held)
    try:
        open_whole(proto).run(None, {name: x})
    except Exception as error:  # noqa: BLE001  (its own exceptions share no base)
        return str(error) or "?"
    return ""


def _same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether two rows agree; the sums of both were made in the same order."""
    import numpy as np

    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    size = float(np.abs(a[np.isfinite(a)]).max(initial=0))
    return bool(np.allclose(a, b, rtol=0, atol=1e-5 * size, equal_nan=True))


def _first_mixing(proto: ModelProto, name: str, x: NDArray[Any], other: NDArray[Any]) -> str | None:
    import numpy as np
    import onnx

    inner = [out for node in proto.graph.node for out in node.output if out]
    told = onnx.ModelProto()
    told.CopyFrom(proto)
    del told.graph.output[:]
    told.graph.output.extend(onnx.helper.make_empty_tensor_value_info(value) for value in inner)
    try:
        session = open_whole(told)
        first, second = (dict(zip(inner, session.run(None, {name: fed}), strict=True)) for fed in (x, other))
    except Exception:  # noqa: BLE001  (then the output alone is named)
        return None
    for node in proto.graph.node:
        pairs = [(first[out], second[out]) for out in node.output if out]
        values = [(a, b) for a, b in pairs if isinstance(a, np.ndarray) and a.ndim and len(a) == BATCH]
        if any(not _same(a[0], b[0]) for a, b in values):
            return f"layer {node.name or node.output[0]!r} ({node.op_type})"
    return None
