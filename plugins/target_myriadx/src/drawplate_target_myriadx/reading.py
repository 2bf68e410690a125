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

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto

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

    from drawplate.model_file import write_bytes
    from drawplate.ort.session import open_session

    session = open_session(proto, threads=1, exact=False)
    taken = session.get_inputs()[0]
    image = np.random.default_rng(0).standard_normal(taken.shape).astype(np.float32)
    source, given, results = folder / "reading.onnx", folder / "reading-in.npz", folder / "reading-out.npz"
    source.write_bytes(write_bytes(proto))
    np.savez(given, **{taken.name: image})
    tool.call("execute", timeout=SECONDS, source=str(source), inputs=str(given), outputs=str(results))
    names = [value.name for value in session.get_outputs()]
    steps = any(node.op_type in STEPS for node in proto.graph.node)
    with np.load(results) as found:
        for name, expected in zip(names, session.run(names, {taken.name: image}), strict=True):
            if name not in found.files or differ(found[name], expected, steps=steps):
                raise ModelError(
                    "the compiler reads another network than the model is",
                    where=f"output {name!r}",
                    hint="OpenVINO 2021.4 misreads one of its layers; simplify windows and paddings, and try again",
                )


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
