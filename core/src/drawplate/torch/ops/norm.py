# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Normalisations."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from drawplate.torch.handlers import Handler, Node, Op


class BatchNormalization(nn.Module):
    """Batch statistics while training, running ones otherwise.

    ONNX keeps ``momentum`` of the old statistics, torch takes that much of the new.
    """

    def __init__(self, momentum: float, epsilon: float) -> None:
        super().__init__()
        self.update, self.epsilon = 1 - momentum, epsilon

    def forward(self, x: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        """Normalise over all but the channel dimension (1)."""
        return F.batch_norm(x, mean, variance, scale, bias, self.training, self.update, self.epsilon)


def batch_normalization(node: Node) -> Op:
    """BatchNormalization: its statistics are state."""
    if node.attribute("spatial", 1) == 0:
        raise node.error("spatial = 0 is not handled")
    return Op(BatchNormalization(node.attribute("momentum", 0.9), node.attribute("epsilon", 1e-5)), buffers=(3, 4))


def instance_normalization(node: Node) -> Op:
    """InstanceNormalization."""
    epsilon = node.attribute("epsilon", 1e-5)
    # One group per channel: torch's own refuses images of one pixel, for which ONNX gives the bias.
    return Op(lambda x, scale, bias: F.group_norm(x, x.shape[1], scale, bias, epsilon))


def group_normalization(node: Node) -> Op:
    """GroupNormalization, its scale one number per channel, as since opset 21."""
    groups, epsilon = node.attributes["num_groups"], node.attribute("epsilon", 1e-5)
    return Op(lambda x, scale, bias: F.group_norm(x, groups, scale, bias, epsilon))


def layer_normalization(node: Node) -> Op:
    """LayerNormalization from an axis to the last."""
    axis, epsilon = node.attribute("axis", -1), node.attribute("epsilon", 1e-5)
    if len([name for name in node.outputs if name]) > 1:
        raise node.error("its statistics are used as outputs")

    def call(x: Tensor, scale: Tensor, bias: Tensor | None = None) -> Tensor:
        over = x.shape[axis:]
        if scale.shape == over and (bias is None or bias.shape == over):
            return F.layer_norm(x, over, scale, bias, epsilon)
        normalised = F.layer_norm(x, over, eps=epsilon) * scale  # broadcast, as ONNX allows and torch does not
        return normalised if bias is None else normalised + bias

    return Op(call)


OPS: dict[str, Handler] = {
    "BatchNormalization": batch_normalization,
    "GroupNormalization": group_normalization,
    "InstanceNormalization": instance_normalization,
    "LayerNormalization": layer_normalization,
}
