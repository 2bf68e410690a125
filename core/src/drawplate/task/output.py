# SPDX-License-Identifier: Apache-2.0
"""What the output of a model is: read off the end of its graph."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

LAYOUT = frozenset({"Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"})
"""Operators that may stand behind the one that tells."""
SQUASHING = frozenset({"LogSoftmax", "Sigmoid", "Softmax"})
INDEX = frozenset({"ArgMax", "ArgMin", "LabelSelect", "TopK"})


class Output(StrEnum):
    """What the numbers are that a model gives."""

    SCORES = "scores"
    """Logits, or what is wanted itself: a yes is above 0."""
    PROBABILITIES = "probabilities"
    """From 0 to 1: a yes is above a half."""
    INDEX = "index"
    """The number of the class."""

    @property
    def threshold(self) -> float:
        """The output above which a single output, or a label, is a yes."""
        return 0.5 if self is not Output.SCORES else 0.0


def output_of(proto: ModelProto) -> Output:
    """Return what the first output of a model is."""
    last, value = _last(proto)
    if last is None:
        return Output.SCORES
    kind = last.op_type.partition("_")[0]  # FINN writes LabelSelect_hls
    if kind in INDEX and (kind != "TopK" or value == last.output[1]):
        return Output.INDEX
    return Output.PROBABILITIES if kind in {"Softmax", "Sigmoid", "HardSigmoid"} else Output.SCORES


def scores_value(proto: ModelProto) -> str:
    """Return the name of the value that a loss of classes works on.

    What a Softmax, LogSoftmax or Sigmoid at the end of a graph reads, so that a network is trained alike with and
    without it; the first output where there is none.
    """
    last, _ = _last(proto)
    return str(last.input[0] if last is not None and last.op_type in SQUASHING else proto.graph.output[0].name)


def _last(proto: ModelProto) -> tuple[NodeProto | None, str]:
    """Return the operator that makes the first output, and which of its values; layout operators are passed over."""
    makers = {name: node for node in proto.graph.node for name in node.output}
    value = proto.graph.output[0].name
    while (node := makers.get(value)) is not None and node.op_type in LAYOUT:
        value = node.input[0]
    return node, value
