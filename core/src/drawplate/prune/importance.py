# SPDX-License-Identifier: Apache-2.0
"""Which channels matter most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drawplate.prune.groups import ChannelGroup

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto


def channel_scores(proto: ModelProto, group: ChannelGroup) -> NDArray[np.float64]:
    """Return one score per channel: the mean over the layers that make it of its weights' L1 norm.

    Li et al., "Pruning Filters for Efficient ConvNets", ICLR 2017, section 3.1; each layer's norms are divided by their
    mean, so that layers of a residual group count alike.
    """
    from onnx import numpy_helper

    tensors = {tensor.name: tensor for tensor in proto.graph.initializer}
    scores = np.zeros(group.size)
    for producer in group.producers:
        weight = np.abs(numpy_helper.to_array(tensors[producer.weight]).astype(np.float64))
        norms = np.moveaxis(weight, producer.axis, 0).reshape(group.size, -1).sum(axis=1)
        scores += norms / (norms.mean() or 1.0)
    return scores


def most_important(proto: ModelProto, group: ChannelGroup, count: int) -> NDArray[np.int64]:
    """Return the indices of the ``count`` channels with the greatest scores, rising; of equal ones the first."""
    order = np.argsort(-channel_scores(proto, group), kind="stable")[:count]
    return np.sort(order).astype(np.int64)
