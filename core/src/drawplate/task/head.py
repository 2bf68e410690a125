# SPDX-License-Identifier: Apache-2.0
"""What the outputs of a model are: read off the end of its graph."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

LAYOUT = frozenset({"Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"})
"""Operators that may stand behind the one that tells."""
INDEX = frozenset({"ArgMax", "LabelSelect", "TopK"})


class Head(StrEnum):
    """What the outputs are."""

    SCORES = "scores"
    """Logits, or numbers: a yes is above 0."""
    PROBABILITIES = "probabilities"
    """From 0 to 1: a yes is above a half."""
    INDEX = "index"
    """The number of the class."""

    @property
    def threshold(self) -> float:
        """The output above which a single output, or a label, is a yes."""
        return 0.5 if self is not Head.SCORES else 0.0


def head_of(proto: ModelProto) -> Head:
    """Return what the first output of a model is."""
    last = last_operator(proto)
    if last is None:
        return Head.SCORES
    kind = last.op_type.partition("_")[0]  # FINN writes LabelSelect_hls
    if kind in INDEX:
        return Head.INDEX
    return Head.PROBABILITIES if kind in {"Softmax", "Sigmoid", "HardSigmoid"} else Head.SCORES


def last_operator(proto: ModelProto) -> NodeProto | None:
    """Return the operator that makes the first output, layout operators behind it left out; None for no operator."""
    makers = {name: node for node in proto.graph.node for name in node.output}
    node = makers.get(proto.graph.output[0].name)
    while node is not None and node.op_type in LAYOUT:
        node = makers.get(node.input[0])
    return node
