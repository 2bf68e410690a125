# SPDX-License-Identifier: Apache-2.0
"""The tidied model against the original, on random inputs, by ONNX Runtime."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from drawplate.door.ends import put_back
from drawplate.door.walk import bodies
from drawplate.errors import ModelError
from drawplate.graph.facts import QUANT_OPS, STANDARD
from drawplate.graph.shapes import infer

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto

    Arrays = list[NDArray[Any]]

ENDLESS = frozenset({"Loop", "Scan"})
MOST = 2**28
"""Elements of one value that are computed for a check."""
BATCH = 2
ROUGH = 2e-2
"""Of an output's greatest magnitude: FP16's and BF16's own error through some layers."""
FINE = 1e-4
FLIPPED = 0.02
"""Part of a quantized model's outputs that may differ by more: float32 sums in another order flip codes at ties."""


def check(
    original: ModelProto, given: ModelProto, *, rough: bool, ties: bool = False, double: bool = False
) -> list[str]:
    """Compare what two models compute.

    Args:
        original: as it was read.
        given: as it leaves the door, its ends put back.
        rough: whether the original computes in half precision.
        ties: whether quantizers have odd zero points: their ties fall to the other side.
        double: whether the original computes in double precision.

    Returns:
        What has to be said where they could not be compared.

    Raises:
        ModelError: when they differ.
    """
    reason = too_much(original)
    if reason:
        return [f"not checked against the original: {reason}"]
    try:
        session = open_whole(original)
    except ModelError as error:
        return [f"not checked against the original: {error.what}"]
    feeds = _feeds(session)
    wanted = [value.name for value in session.get_outputs()]
    try:
        before = session.run(wanted, feeds)
    except Exception as error:  # noqa: BLE001  (ONNX Runtime's own exceptions share no base)
        return [f"not checked against the original: {str(error).splitlines()[0]}"]
    quantized = any(node.op_type in QUANT_OPS or "Linear" in node.op_type for body in bodies(original) for node in body)
    try:
        after = _run(put_back(given), feeds)
    except Exception as error:
        said = (str(error).strip().splitlines() or ["?"])[0]
        raise ModelError(f"was tidied into something that cannot be run: {said}", hint=REPORT) from error
    for name, old, new in zip(wanted, before, after, strict=False):
        _compare(name, old, new, rough=rough, quantized=quantized, hint=TIES if ties else DOUBLE if double else REPORT)
    return []


TIES = (
    "many of its values lie midway between two codes, and an odd zero point rounds those to the other side: "
    "quantize again with even zero points (symmetric: 0 or 128), or with scales that are no powers of two"
)
DOUBLE = (
    "the file computes in double precision, and some of its values need it: all steps compute in float32; "
    "export it in float32, with numbers that do not cancel each other"
)
REPORT = "this is a fault of drawplate's door: please report the file"


def too_much(proto: ModelProto) -> str | None:
    """Say why a model cannot be run to try it; None where it can."""
    kinds = {node.op_type for body in bodies(proto) for node in body if node.domain in STANDARD}
    if kinds & ENDLESS:
        return f"it holds a {min(kinds & ENDLESS)}"
    for name, shape in infer(proto, batch=BATCH).shapes.items():
        sizes = [size for size in shape if isinstance(size, int)]
        if math.prod(sizes) > MOST:
            return f"{name!r} has shape {list(shape)}"
    return None


def open_whole(proto: ModelProto) -> Any:
    """Open a session for what a model stands for, every value as the file gives it."""
    from drawplate.ort.session import open_session
    from drawplate.ort.standard import to_standard_onnx

    return open_session(to_standard_onnx(proto), threads=1, exact=True)


def _run(proto: ModelProto, feeds: dict[str, NDArray[Any]]) -> Arrays:
    import numpy as np

    session = open_whole(proto)
    taken = {}
    for value in session.get_inputs():
        fed = feeds[value.name]
        taken[value.name] = fed.astype(np.float32) if value.type == "tensor(float)" else fed
    found: Arrays = session.run(None, taken)
    return found


def _feeds(session: Any) -> dict[str, NDArray[Any]]:
    import numpy as np

    random = np.random.default_rng(0)
    feeds = {}
    for value in session.get_inputs():
        shape = [size if isinstance(size, int) else BATCH for size in value.shape]
        kind = value.type.removeprefix("tensor(").removesuffix(")")
        if kind in ("float", "double", "float16"):
            dtype = {"float": np.float32, "double": np.float64, "float16": np.float16}[kind]
            feeds[value.name] = random.standard_normal(shape).astype(dtype)
        elif kind == "bool":
            feeds[value.name] = random.integers(0, 2, shape).astype(bool)
        else:
            feeds[value.name] = random.integers(0, 128 if kind == "uint8" else 2, shape).astype(kind)
    return feeds


def _compare(name: str, old: Any, new: Any, *, rough: bool, quantized: bool, hint: str) -> None:
    import numpy as np

    if not isinstance(old, np.ndarray) or old.dtype.kind not in "fiub":
        return
    if old.shape != new.shape:
        raise ModelError(f"output {name!r} had shape {list(old.shape)}, and has {list(new.shape)}", hint=hint)
    a, b = (np.atleast_1d(values).astype(np.float64) for values in (old, new))
    off = np.abs(a - b)
    off[np.isnan(a) & np.isnan(b)] = 0
    off[(a == b)] = 0
    size = float(np.abs(a[np.isfinite(a)]).max(initial=0)) or 1.0
    wrong = ~(off <= (ROUGH if rough else FINE) * size)
    allowed = 0.5 if rough and old.dtype.kind != "f" else FLIPPED if quantized else 0.0
    if wrong.mean() > allowed:
        raise ModelError(
            f"output {name!r} differs from the original by {float(np.nan_to_num(off).max()):g} of {size:g}", hint=hint
        )
