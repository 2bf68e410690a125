# SPDX-License-Identifier: Apache-2.0
"""Cutting channels out of a graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from drawplate.prune.groups import JOINING, Analysis, ChannelGroup

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

    Kept = Mapping[str, NDArray[np.int64]]


def keep_channels(proto: ModelProto, kept: Kept) -> ModelProto:
    """Return the model with only some channels of some groups; their weights are what they were.

    Args:
        proto: is left as it is.
        kept: rising indices of the channels that stay, by name of the group.

    Raises:
        KeyError: for a name that is no group of the model.
    """
    import onnx

    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    analysis = Analysis(copy)
    groups = {group.name: group for group in analysis.groups()}
    knife = _Knife(copy, analysis, {name: (groups[name], indices) for name, indices in kept.items()})
    for node in copy.graph.node:
        knife.cut(node)
    knife.finish()
    del copy.graph.value_info[:]
    return copy


class _Knife:
    """Collects which rows of which constants stay, then cuts each constant once per use."""

    def __init__(
        self, proto: ModelProto, analysis: Analysis, kept: Mapping[str, tuple[ChannelGroup, NDArray[np.int64]]]
    ) -> None:
        from onnx import numpy_helper

        self.proto, self.analysis = proto, analysis
        self.by_value = {value: (group, indices) for group, indices in kept.values() for value in group.values}
        self.arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
        self.made: dict[str, NDArray[Any]] = {}

    def cut(self, node: NodeProto) -> None:
        """Cut the constants of one node along the channels that it takes and makes."""
        match node.op_type:
            case "Conv":
                self._layer(node, made=0, taken=1)
            case "Gemm" | "MatMul":
                turned = any(entry.name == "transB" and entry.i for entry in node.attribute)
                self._layer(node, made=0 if turned else 1, taken=1 if turned else 0)
            case "BatchNormalization":
                for position in range(1, 5):
                    self._replace(node, position, 0, self._features(node.output[0]))
            case "PRelu":
                self._per_channel(node, 1)
            case "Reshape":
                self._reshape(node)
            case kind if kind in JOINING:
                for position in range(len(node.input)):
                    self._per_channel(node, position)

    def _layer(self, node: NodeProto, made: int, taken: int) -> None:
        depthwise = node.op_type == "Conv" and any(entry.name == "group" and entry.i > 1 for entry in node.attribute)
        features = self._features(node.output[0])
        if not depthwise:
            self._replace(node, 1, taken, self._features(node.input[0]))
        elif features is not None:
            next(entry for entry in node.attribute if entry.name == "group").i = len(features)
        self._replace(node, 1, made, features)
        if len(node.input) > 2 and node.input[2]:
            self._replace(node, 2, -1, features)

    def _per_channel(self, node: NodeProto, position: int) -> None:
        """Cut a constant that is broadcast against the node's result, where it differs from channel to channel."""
        array = self.arrays.get(node.input[position])
        rank = len(self.analysis.shapes.get(node.output[0], ()))
        if array is None or array.ndim < rank - 1:
            return
        axis = array.ndim - rank + 1
        if array.shape[axis] > 1:
            self._replace(node, position, axis, self._features(node.output[0]))

    def _reshape(self, node: NodeProto) -> None:
        features = self._features(node.output[0])
        if features is not None and node.input[1] in self.arrays:
            shape = self.arrays[node.input[1]].copy()
            if shape[1] > 0:
                shape[1] = len(features)
            node.input[1] = self._keep(f"{node.output[0]}/shape", shape)

    def _features(self, value: str) -> NDArray[np.int64] | None:
        """Return the indices that stay along a value's axis 1; None where all do."""
        if value not in self.by_value:
            return None
        _, indices = self.by_value[value]
        spread = self.analysis.seen[value].spread
        found: NDArray[np.int64] = (indices[:, None] * spread + np.arange(spread)).reshape(-1)
        return found

    def _replace(self, node: NodeProto, position: int, axis: int, indices: NDArray[np.int64] | None) -> None:
        name = node.input[position]
        array = self.made[name] if name in self.made else self.arrays.get(name)
        if indices is None or array is None or array.shape[axis] == 1:
            return
        cut = np.ascontiguousarray(np.take(array, indices, axis=axis))
        self.made.pop(name, None)
        base = name if name in self.arrays and not self._shared(name) else f"{node.output[0]}/{position}"
        node.input[position] = self._keep(base, cut)

    def _shared(self, name: str) -> bool:
        return [taken for node in self.proto.graph.node for taken in node.input].count(name) > 1

    def _keep(self, name: str, array: NDArray[Any]) -> str:
        self.made[name] = array
        return name

    def finish(self) -> None:
        """Write the cut constants, and drop those that nothing reads any more."""
        from onnx import numpy_helper

        used = {name for node in self.proto.graph.node for name in node.input}
        arrays = {**self.arrays, **self.made}
        names = [*self.arrays, *(name for name in self.made if name not in self.arrays)]
        kept = [numpy_helper.from_array(arrays[name], name) for name in names if name in used]
        del self.proto.graph.initializer[:]
        self.proto.graph.initializer.extend(kept)
