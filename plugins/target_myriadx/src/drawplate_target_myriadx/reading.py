# SPDX-License-Identifier: Apache-2.0
"""Whether the compiler's reader takes a model as it is meant.

OpenVINO 2021.4 reads some operators silently as something else (see ``prepare.opset``).  Those known are lowered or
refused; against the others, its CPU plugin runs one random input through the same reader, and the result is compared
with ONNX Runtime's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from drawplate.errors import ModelError
from drawplate.graph.nodes import name_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

    from drawplate.toolenv import Tool

TOLERANCE: Final = 1e-3
"""Of the greatest output; both compute in FP32."""
STEPS: Final = frozenset({"Round", "Floor", "Ceil"})
SECONDS: Final = 600.0


def check_reading(proto: ModelProto, tool: Tool, folder: Path) -> None:
    """Compare one inference through the compiler's reader with ONNX Runtime's.

    Args:
        proto: the prepared model.
        tool: the compiler's worker.
        folder: for the files that are exchanged with it.

    Raises:
        ModelError: when they differ.
    """
    import numpy as np

    from drawplate.ort.session import open_session

    taken = open_session(proto, threads=1, exact=False).get_inputs()[0]
    image = np.random.default_rng(0).standard_normal(taken.shape).astype(np.float32)
    steps = any(node.op_type in STEPS for node in proto.graph.node)
    wrong = _wrong(proto, {taken.name: image}, tool, folder, steps=steps)
    if not wrong:
        return
    inner = _first_wrong(proto, {taken.name: image}, tool, folder, steps=steps)
    raise ModelError(
        "the compiler reads another network than the model is",
        where=f"layer {name_of(inner)!r} ({inner.op_type})" if inner is not None else f"output {wrong[0]!r}",
        hint="OpenVINO 2021.4 misreads it; write it in other operators, and try again",
    )


def _wrong(
    proto: ModelProto, feed: dict[str, NDArray[np.float32]], tool: Tool, folder: Path, *, steps: bool
) -> list[str]:
    """Names of the outputs that both compute differently."""
    import numpy as np

    from drawplate.model_file import write_bytes
    from drawplate.ort.session import open_session

    session = open_session(proto, threads=1, exact=False)
    source, given, results = folder / "reading.onnx", folder / "reading-in.npz", folder / "reading-out.npz"
    source.write_bytes(write_bytes(proto))
    np.savez(given, **feed)  # type: ignore[arg-type]  # a value's name is no other argument's
    tool.call("execute", timeout=SECONDS, source=str(source), inputs=str(given), outputs=str(results))
    names = [value.name for value in session.get_outputs()]
    with np.load(results) as found:
        return [
            name
            for name, expected in zip(names, session.run(names, feed), strict=True)
            if name not in found.files or differ(found[name], expected, steps=steps)
        ]


def _first_wrong(
    proto: ModelProto, feed: dict[str, NDArray[np.float32]], tool: Tool, folder: Path, *, steps: bool
) -> NodeProto | None:
    """Return the first layer whose result is another one; None where that cannot be told."""
    import onnx

    from drawplate.errors import DrawplateError

    shown = onnx.shape_inference.infer_shapes(proto)
    outputs = {value.name for value in shown.graph.output}
    inner = [value for value in shown.graph.value_info if value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT]
    shown.graph.output.extend(value for value in inner if value.name not in outputs)
    try:
        wrong = set(_wrong(shown, feed, tool, folder, steps=steps))
    except DrawplateError:
        return None
    return next((node for node in proto.graph.node if not wrong.isdisjoint(node.output)), None)


def differ(found: NDArray[np.float32], expected: NDArray[np.float32], *, steps: bool) -> bool:
    """Whether results differ by more than arithmetic; where a model rounds, some values fall to the other side."""
    import numpy as np

    if found.size != expected.size:
        return True
    finite = np.abs(expected[np.isfinite(expected)])
    limit = TOLERANCE * max(float(finite.max(initial=0.0)), 1e-6)
    # the logarithm of a random number may be none: then it has to be none for both
    off = ~np.isclose(found.reshape(expected.shape), expected, rtol=0, atol=limit, equal_nan=True)
    return bool(off.mean() > 0.5 if steps else off.any())
