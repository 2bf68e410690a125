# SPDX-License-Identifier: Apache-2.0
"""Index of the largest element."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from attrs import frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.items import Instance, Item
from drawplate_dataflow.hardware.library import ARGMAX
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.layers.streaming import Streaming
from drawplate_dataflow.network import LayerFolding, Stream, unsigned
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class ArgMax(Streaming):
    """Index of the largest element of a vector, the first one of equals: FINN's LabelSelect with k = 1."""

    operators: ClassVar[tuple[str, ...]] = ("LabelSelect",)
    index: ClassVar[bool] = True

    @property
    def lanes(self) -> int:
        """One element at a time."""
        return 1

    @property
    def folding(self) -> LayerFolding:
        """None."""
        return LayerFolding()

    def folded(self, folding: LayerFolding) -> Self:
        """Return it as it is."""
        del folding
        return self

    def foldings(self, sources: Sequence[Stream], technology: Technology, multipliers: int) -> Iterator[LayerFolding]:
        """Yield the only one."""
        del sources, technology, multipliers
        yield LayerFolding()

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's LabelSelect of the best label."""
        if node.integer("K", 1) != 1:
            raise ModelError("only the best label can be selected", where=node.where, allowed="K = 1")
        stream = context.stream(node)
        kind = unsigned(max(1, (stream.elements - 1).bit_length()))
        return cls(name=node.name, inputs=(context.source(node),), output=Stream(shape=(1, 1, 1), type=kind))

    def evaluate(self, *sources: Integers) -> Integers:
        """Return the index of the largest, the first one of equals."""
        best: Integers = sources[0].reshape(len(sources[0]), -1).argmax(axis=1)
        return best

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield the comparison with the best so far."""
        del technology
        cell = ARGMAX(BITS=sources[0].type.bits, COUNT=sources[0].elements, OB=self.output.type.bits)
        yield Instance(cell, "argmax", CLOCK | stream("x") | stream("m", "m"))
