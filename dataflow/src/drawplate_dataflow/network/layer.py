# SPDX-License-Identifier: Apache-2.0
"""What every kind of layer answers, whoever wrote it: the rest of the library asks nothing else.

A kind is a class.  It holds a layer's integers and folding, and it knows how it is read from a DATAFLOW graph, what it
computes, how it may be folded, how many clocks it takes, and which hardware that is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from attrs import asdict, field, frozen

from drawplate_dataflow.network.folding import LayerFolding
from drawplate_dataflow.network.stream import INPUT, Stream
from drawplate_dataflow.network.types import Integers

if TYPE_CHECKING:
    from drawplate_dataflow.cost.span import Span
    from drawplate_dataflow.hardware.port import Port
    from drawplate_dataflow.hardware.structure import Structure
    from drawplate_dataflow.network.context import Context
    from drawplate_dataflow.network.delay import Delay
    from drawplate_dataflow.network.nodes import Node
    from drawplate_dataflow.technology import Technology

Fact = str | int
NAMES = frozenset({"name", "inputs", "origin"})
"""What of a layer decides nothing of its hardware."""


@frozen(kw_only=True)
class Layer(ABC):
    """What all layers have: a name, the names of the layers (or ``input``) that they read, and what they send."""

    operators: ClassVar[tuple[str, ...]] = ()
    """Operators of a DATAFLOW graph that :meth:`read` takes, without FINN's ``_hls`` and ``_rtl``."""
    index: ClassVar[bool] = False
    """Whether what it sends is the index of a class, not a score."""

    commutes: ClassVar[bool] = False
    """Whether its inputs may be exchanged."""

    folds: ClassVar[str] = "none"
    """How it may be folded, for the table of what is supported."""
    needs: ClassVar[str] = "registers, tables"
    """What of a device family's fabric it is made of, for the same table."""

    name: str
    inputs: tuple[str, ...]
    output: Stream
    origin: str = field(default="", eq=False)
    """The layer of the model that was lowered, by whose name people know it; empty where that is not known."""

    @classmethod
    @abstractmethod
    def read(cls, node: Node, context: Context) -> Layer | None:
        """Read a node of a DATAFLOW graph; None where another node behind it takes it in.

        Raises:
            ModelError: by the node's name, when hardware cannot do what it says.
        """

    @abstractmethod
    def evaluate(self, *sources: Integers) -> Integers:
        """Compute the output in exact integers; values are [N, height, width, channels] (golden model)."""

    # folding ----------------------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def folding(self) -> LayerFolding:
        """How it is folded."""

    @abstractmethod
    def folded(self, folding: LayerFolding) -> Self:
        """Return it folded otherwise."""

    @abstractmethod
    def foldings(self, sources: Sequence[Stream], technology: Technology, multipliers: int) -> Iterator[LayerFolding]:
        """Yield every folding that a search considers, but those of ``near_foldings``.

        Args:
            sources: its input streams.
            technology: device family that it is for.
            multipliers: multiplier blocks that it may have at most.
        """

    def near_foldings(
        self, sources: Sequence[Stream], technology: Technology, interval: int, multipliers: int
    ) -> Iterator[LayerFolding]:
        """Yield more foldings, worth considering for an interval in cycles: those that leave gaps, above all."""
        del sources, technology, interval, multipliers
        return iter(())

    def finn_attributes(self) -> Mapping[str, Any]:
        """Return how it is folded as attributes of a node, in FINN's words."""
        named = {"PE": self.folding.pe, "SIMD": self.folding.simd}
        return {key: value for key, value in named.items() if value}

    def own_attributes(self) -> Mapping[str, Any]:
        """Return what of its folding FINN has no word for, as attributes of a node."""
        return {}

    def folding_of(self, attributes: Mapping[str, Any]) -> LayerFolding:
        """Return the folding that attributes of a node say; what they leave out stays as it is."""
        now = self.folding
        return LayerFolding(pe=int(attributes.get("PE", now.pe)), simd=int(attributes.get("SIMD", now.simd)))

    # hardware ---------------------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def takes(self) -> int:
        """Elements of an input that are taken at once."""

    @property
    @abstractmethod
    def sends(self) -> int:
        """Elements of the output that are sent at once.

        Raises:
            ModelError: when the folding cannot be built.
        """

    def input_beats(self, source: Stream) -> int:
        """Return the words of ``takes`` elements that a frame comes in."""
        return source.elements // self.takes

    @abstractmethod
    def check(self, sources: Sequence[Stream]) -> None:
        """Refuse a folding that cannot be built.

        Raises:
            ModelError: by the layer's name, with what is allowed.
        """

    @abstractmethod
    def cycles(self, sources: Sequence[Stream], beats: Sequence[int]) -> int:
        """Return the clocks per frame when the neighbours keep up; ``beats`` elements of each source come at once."""

    def least_cycles(self, sources: Sequence[Stream]) -> int:
        """Return clocks per frame that no folding goes below: no more than a pixel comes or goes at once."""
        return max(self.output.pixels, *(source.pixels for source in sources))

    @abstractmethod
    def delay(self, source: Stream) -> Delay:
        """Return how much later than its input it sends its output, however it is folded."""

    def hold(self, source: Stream) -> Fraction:
        """Return the largest part of a frame that waits before it at the network's input, where nothing buffers."""
        del source
        return Fraction(0)

    @abstractmethod
    def span(self, sources: Sequence[Stream], came: Span, cycles: int, technology: Technology) -> Span:
        """Return when the first and the last word of a frame leave, from when those of its inputs came.

        Raises:
            ModelError: when the folding cannot be built.
        """

    @abstractmethod
    def structure(self, sources: Sequence[Stream], s_ports: Sequence[Port], technology: Technology) -> Structure:
        """Put it together: what its Verilog, resources and cycles come from.

        Args:
            sources: its input streams.
            s_ports: its input ports.
            technology: device family that it is for.

        Raises:
            ModelError: when the folding cannot be built.
        """

    def alike(self, sources: Sequence[Stream]) -> Hashable | None:
        """Return what decides what it takes, folded as it is: equal layers take the same, whatever their names.

        None where it holds arrays of which nobody says what of them decides.
        """
        values = asdict(self, recurse=False, filter=lambda attribute, _: attribute.name not in NAMES)
        if any(isinstance(value, np.ndarray) for value in values.values()):
            return None
        return (type(self), tuple(sources), tuple(name == INPUT for name in self.inputs), *values.items())

    # reports ----------------------------------------------------------------------------------------------------------

    @property
    def said(self) -> str:
        """The layer, as messages name it."""
        return f"{self.origin} ({self.name})" if self.origin else self.name

    @property
    def kind(self) -> str:
        """Name of the kind, in files and reports."""
        return type(self).__name__

    def facts(self) -> Mapping[str, Fact]:
        """Return what a report says of it beside types and folding."""
        return {}
