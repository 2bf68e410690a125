# SPDX-License-Identifier: Apache-2.0
"""What lies between quantizers, as float32 computes it.

A QONNX model is cut at its quantizers of activations.  Each piece is then fed the values of the *integers* before it:
one float32 rounding cannot hide another, or be taken for one, and all layers are looked at in one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import field, frozen

from drawplate_quant_finn.graph import Graph, gives_codes
from drawplate_quant_finn.lowering.streams.constants import Constants

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto


@frozen
class Segments:
    """The pieces of a model, as one model without quantizers."""

    proto: ModelProto = field(repr=False)
    fed: tuple[str, ...]
    """Values that come from integers: what quantizers give, and the input where it has none."""
    asked: tuple[str, ...]
    """Values that go into quantizers, and the output."""

    def open(self) -> Callable[[Mapping[str, NDArray[np.float32]]], dict[str, NDArray[np.float32]]]:
        """Return what computes all that goes into quantizers, in float32, nothing fused, from all that is fed."""
        import numpy as np

        from drawplate.ort.session import open_session

        session = open_session(self.proto, threads=1, exact=True, optimise=False)
        names = [entry.name for entry in session.get_inputs()]
        batch = self.proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value

        def run(values: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
            count = len(next(iter(values.values())))
            step = batch or count
            places = np.minimum(np.arange(-(-count // step) * step), count - 1)  # the last one fills its batch up
            parts = [
                session.run(list(self.asked), {name: values[name][places[start : start + step]] for name in names})
                for start in range(0, count, step)
            ]
            joined = [np.concatenate(part)[:count] for part in zip(*parts, strict=True)]
            return dict(zip(self.asked, joined, strict=True))

        return run

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of all values, without the batch."""
        from onnx import shape_inference

        graph = shape_inference.infer_shapes(self.proto).graph
        return {
            value.name: tuple(d.dim_value for d in value.type.tensor_type.shape.dim[1:])
            for value in (*graph.input, *graph.value_info, *graph.output)
        }


def cut(
    graph: Graph,
    constants: Constants,
    shapes: Mapping[str, tuple[int, ...]],
    asked: Sequence[str],
    *,
    batch: int = 0,
) -> Segments:
    """Cut a model at its quantizers of what streams.

    Args:
        graph: of the QONNX model.
        constants: of it.
        shapes: of what is fed: what quantizers give, and the input where it has none; without the batch.
        asked: values that go into quantizers, and the output.
        batch: that the model is fixed to; 0 for any.
    """
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    makers = graph.makers()
    needed, waiting = set(), [name for name in asked if name not in shapes]
    while waiting:
        name = waiting.pop()
        if name and name not in needed and name not in constants:
            needed.add(name)
            waiting.extend(() if name in shapes else makers[name].input)
    kept = [node for node in graph.nodes if needed.intersection(node.output) and not gives_codes(node)]
    kept = [node for node in kept if not all(name in constants for name in node.output if name)]
    fed = [name for name in shapes if name in needed]
    wanted = list(dict.fromkeys(name for name in asked if name in needed and name not in shapes))
    used = sorted({name for node in kept for name in node.input if name in constants})
    size = batch or "N"
    parts = helper.make_graph(
        kept,
        "segments",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [size, *shapes[name]]) for name in fed],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in wanted],
        [numpy_helper.from_array(np.asarray(constants.arrays[name]), name) for name in used],
    )
    standard = [entry for entry in graph.proto.opset_import if entry.domain in {"", "ai.onnx"}]
    proto = helper.make_model(parts, opset_imports=standard, ir_version=min(graph.proto.ir_version, 10))
    return Segments(proto, tuple(fed), tuple(wanted))
