# SPDX-License-Identifier: Apache-2.0
"""Structured pruning of ONNX graphs: which channels belong together, which matter, and cutting the others out."""

from drawplate.prune.cut import keep_channels
from drawplate.prune.groups import ChannelGroup, find_groups
from drawplate.prune.importance import most_important
from drawplate.prune.inherit import inherited

__all__ = ["ChannelGroup", "find_groups", "inherited", "keep_channels", "most_important"]
