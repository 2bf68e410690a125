# SPDX-License-Identifier: Apache-2.0
"""Search space ``channels``: how many channels each group keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.artifact import Artifact, Form
from drawplate.errors import ModelError
from drawplate.search import Expression, Gene, Genome, Integer

if TYPE_CHECKING:
    from drawplate.job import Job
    from drawplate.prune.groups import ChannelGroup

STEPS = 8
"""Into how many parts a group's channels are divided: an eighth is the least that stays."""


@frozen(kw_only=True)
class ChannelSpace:
    """A :class:`~drawplate.search.Space` of widths; the channels that stay are the most important ones."""

    groups: tuple[ChannelGroup, ...]

    @property
    def genes(self) -> Mapping[str, Gene]:
        """Channels that stay, by group."""
        return {group.name: _widths(group.size) for group in self.groups}

    @property
    def baseline(self) -> Genome:
        """All stay."""
        return {group.name: group.size for group in self.groups}

    def repair(self, genome: Genome) -> Genome:
        """Every combination is legal."""
        return genome

    def express(self, genome: Genome, model: Artifact, job: Job) -> Expression:
        """Cut the least important channels out; the weights of the others are inherited."""
        from drawplate.prune.cut import keep_channels
        from drawplate.prune.importance import most_important

        proto = model.proto()
        cut = [group for group in self.groups if genome[group.name] < group.size]
        if not cut:
            return Expression(model=model)
        kept = {group.name: most_important(proto, group, genome[group.name]) for group in cut}
        return Expression(model=job.save(keep_channels(proto, kept), parents=[model]))


def _widths(size: int) -> Integer:
    step = max(1, size // STEPS)
    return Integer(size % step or step, size, step)


def open_channels(model: Artifact, _job: Job) -> ChannelSpace:
    """Find the groups of a model.

    Raises:
        ModelError: when no channels can be cut.
    """
    from drawplate.prune.groups import find_groups

    if model.form is not Form.FLOAT:
        raise ModelError(f"is a {model.form} model", where="space 'channels'", allowed="float")
    groups = tuple(group for group in find_groups(model.proto()) if group.size > 1)
    if not groups:
        raise ModelError("has no channels that can be cut", where="space 'channels'")
    return ChannelSpace(groups=groups)
