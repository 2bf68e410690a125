# SPDX-License-Identifier: Apache-2.0
"""A graph of FINN's layers that grows: nodes, constants, types, and streams that are split for several readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import define, field

from drawplate_quant_finn.lowering.streams.operators import Input, Linear, Operator

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import NodeProto, TensorProto, ValueInfoProto

FINN = "finn.custom_op.fpgadataflow"
LAYER = "layer"
"""Attribute of a node: the name of the layer, in the model that was lowered, that it was written for."""


@define
class Writer:
    """Nodes, constants and types of a graph that grows."""

    input: str
    nodes: list[NodeProto] = field(factory=list)
    constants: list[TensorProto] = field(factory=list)
    infos: dict[str, ValueInfoProto] = field(factory=dict)
    types: dict[str, str] = field(factory=dict)
    streams: dict[int, list[str]] = field(factory=dict)
    """Tensors of an operator, one per reader that has yet to come."""
    kinds: dict[int, str] = field(factory=dict)
    """Data type of an operator's stream."""
    counts: Counter[str] = field(factory=Counter)
    layer: str = ""
    """The node of the QONNX model that hardware is written for: every node of it says so."""
    given: dict[str, Operator] = field(factory=dict)
    """Operators by the tensor that their integers are in."""

    # pieces -------------------------------------------------------------------------------------------------------

    def add(  # noqa: PLR0913 - what a node is
        self,
        kind: str,
        inputs: Sequence[str],
        shape: Sequence[int],
        type_: str,
        *,
        constants: Sequence[tuple[NDArray[Any], str]] = (),
        outputs: int = 1,
        hardware: bool = True,
        **attributes: Any,
    ) -> list[str]:
        """Add a node; return its outputs."""
        from onnx import helper

        name = f"{kind}_{self.counts[kind]}"
        self.counts[kind] += 1
        given = [self.constant(f"{name}_param{i}", array, t) for i, (array, t) in enumerate(constants)]
        made = [f"{name}_out{i}" for i in range(outputs)]
        said = {LAYER: self.layer} if self.layer else {}
        settings = {"backend": "fpgadataflow", **said, **attributes} if hardware else attributes
        node = helper.make_node(kind, [*inputs, *given], made, name=name, domain=FINN if hardware else "", **settings)
        node.attribute.sort(key=lambda entry: entry.name)
        self.nodes.append(node)
        for output in made:
            self.describe(output, shape, type_)
        return made

    def constant(self, name: str, array: NDArray[Any], type_: str) -> str:
        """Add an initializer."""
        import numpy as np
        from onnx import numpy_helper

        kept = array if array.dtype == np.int64 and type_ == "INT64" else np.asarray(array, dtype=np.float32)
        self.constants.append(numpy_helper.from_array(np.asarray(kept, order="C"), name))
        if type_ != "INT64":
            self.describe(name, array.shape, type_)
        return name

    def describe(self, name: str, shape: Sequence[int], type_: str) -> None:
        """Say shape and type of a tensor."""
        from onnx import TensorProto, helper

        self.infos[name] = helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
        self.types[name] = type_

    def take(self, operator: Operator) -> str:
        """Return the tensor that the next reader of an operator reads."""
        names = self.streams[id(operator)]
        return names.pop(0) if len(names) > 1 else names[0]

    def give(self, operator: Operator, name: str, readers: int) -> None:
        """Note an operator's tensor; split it for several readers."""
        self.streams[id(operator)] = [name]
        self.given[name] = operator
        if readers > 1:
            shape = shape_of(operator)
            type_ = self.kinds[id(operator)]
            self.streams[id(operator)] = self.add(
                "DuplicateStreams",
                [name],
                shape,
                type_,
                outputs=readers,
                NumChannels=operator.channels,
                NumOutputStreams=readers,
                PE=1,
                inputDataType=type_,
                numInputVectors=shape[:-1],
                outFIFODepths=[2] * readers,
                cpp_interface="hls_vector",
                hls_style="freerunning",
            )


def flat(operator: Operator) -> bool:
    """Whether a stream is [1, n], and not [1, height, width, channels]."""
    if isinstance(operator, Input):
        return not operator.image
    if isinstance(operator, Linear):
        return operator.vector
    return flat(operator.source)


def shape_of(operator: Operator) -> list[int]:
    """Return the shape of an operator's tensor."""
    return [1, operator.channels] if flat(operator) else [1, *operator.frame]
