# SPDX-License-Identifier: Apache-2.0
"""What foldings cost.

The cost of a layer falls apart: what the layer takes by itself, and a width converter for each of its inputs, which
depends only on how many elements arrive at once and how many are taken.  So each folding is estimated once, and each
pair of widths once.  Costs are rounded to 1/1024 of a LUT, so that sums are exact in whatever order they are formed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import inf
from typing import Any, Final

import numpy as np
from attrs import asdict, define, field, frozen
from numpy.typing import NDArray

from drawplate.errors import ModelError
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.cost.model import LayerCost
from drawplate_dataflow.folding.clock import Tell, quiet
from drawplate_dataflow.folding.room import per_chain
from drawplate_dataflow.hardware.entering import entering
from drawplate_dataflow.hardware.fork import forked
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.host import PortLimit, Wrapper
from drawplate_dataflow.network import INPUT, Layer, LayerFolding, Network, Stream, takes_words
from drawplate_dataflow.network.layer import NAMES as SAID
from drawplate_dataflow.resources import NAMES, Resources, total

GRID: Final = 1024.0
COUNT: Final = len(NAMES) + 1
"""Numbers of a cost: the resources, and the positions of LUTs."""
Columns = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
FREE: Final = Estimate(resources=Resources(), cycles=0)


@frozen(kw_only=True)
class Option:
    """One way to fold one layer."""

    folding: LayerFolding
    layer: Layer = field(eq=False, repr=False)
    takes: int
    """Elements of a word of its inputs."""
    sends: int
    """Elements of a word of its output."""
    own: Estimate
    """Of the layer, the fork behind it and the side of the wrapper at it, if words of ``takes`` elements arrive."""
    around: Resources
    """Of that side of the wrapper; none for layers inside."""
    bare: Resources
    """Of the layer alone, before rounding."""


@define(eq=False)
class Problem:
    """A network, a cost model, and what was already asked of it."""

    network: Network
    costs: LayerCost
    port: PortLimit | None = field(default=None, kw_only=True)
    """What frames come in and go out through; None for as wide a one as the layers ask for."""
    wrapper: Wrapper | None = field(default=None, kw_only=True)
    """What surrounds the network; None where nothing is counted beside it."""
    multipliers: int = field(default=0, kw_only=True)
    """Multiplier blocks that a layer may have at most."""
    widest: int | None = field(default=None, kw_only=True)
    """Products of PE and SIMD up to which foldings are considered; None for all."""
    tell: Tell = field(default=quiet, kw_only=True)
    options: dict[str, tuple[Option, ...]] = field(init=False, factory=dict)
    """Every layer's foldings that can be built, in the order of the network."""
    sources: Mapping[str, tuple[Stream, ...]] = field(init=False)
    memo: dict[Hashable, Any] = field(init=False, factory=dict)
    """What was already worked out of equal options, by what decides it."""
    _shapes: Mapping[str, Hashable] = field(init=False)
    """Of every layer what decides its converters and, where it holds no numbers, all that it takes."""
    _converters: dict[tuple[Hashable, int, int, int], Resources | None] = field(init=False, factory=dict)
    _arrivals: dict[tuple[str, int, int, LayerFolding], int] = field(init=False, factory=dict)
    _priced: dict[Hashable, Estimate] = field(init=False, factory=dict)
    _forks: dict[tuple[str, int], Resources] = field(init=False, factory=dict)
    _forked: frozenset[str] = field(init=False)
    _columns: dict[str, Columns] = field(init=False, factory=dict)
    _quickest: dict[tuple[str, int], Option] = field(init=False, factory=dict)
    _per_chain: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._per_chain = per_chain(self.costs.technology)
        streams = self.network.streams
        self.sources = {layer.name: tuple(streams[name] for name in layer.inputs) for layer in self.network.layers}
        self._shapes = {layer.name: shape_of(layer, self.sources[layer.name]) for layer in self.network.layers}
        self._forked = frozenset(forked(self.network))
        for layer in self.network.layers:
            self.tell(1, layer.name)
            self.options[layer.name] = ()
            self.add(layer, self._even(layer))

    def _even(self, layer: Layer) -> Iterable[LayerFolding]:
        foldings = layer.foldings(self.sources[layer.name], self.costs.technology, self.multipliers)
        most = inf if self.widest is None else self.widest
        return (folding for folding in foldings if max(1, folding.pe) * max(1, folding.simd) <= most)

    def widen(self, interval: int) -> bool:
        """Consider foldings that are worth it for so many cycles only; say whether there are any.

        They leave gaps and take near so many cycles, or are whole matrices in one clock.
        """
        if self.widest is not None:
            return False
        before = sum(map(len, self.options.values()))
        for layer in self.network.layers:
            found = layer.near_foldings(self.sources[layer.name], self.costs.technology, interval, self.multipliers)
            self.add(layer, found)
        return sum(map(len, self.options.values())) > before

    def shape(self, name: str) -> Hashable:
        """Return what decides a layer's converters and when words arrive through them."""
        return (self._shapes[name], name == self.network.layers[-1].name)

    def columns(self, name: str) -> Columns:
        """Return a layer's options as arrays: widths taken and sent, cycles, and costs (:meth:`cost`)."""
        options = self.options[name]
        if name not in self._columns or len(self._columns[name][1]) != len(options):
            widths = np.array([(option.takes, option.sends) for option in options], np.int64).reshape(-1, 2)
            cycles = np.array([option.own.cycles for option in options], np.int64)
            costs = np.array([self.cost(option.own.resources) for option in options], float).reshape(-1, COUNT)
            self._columns[name] = (widths, cycles, costs)
        return self._columns[name]

    def cost(self, resources: Resources) -> tuple[float, ...]:
        """Return the resources, and the positions of LUTs that a placer gives them."""
        return (*resources.vector, resources.lut + round(self._per_chain * resources.chains * GRID) / GRID)

    def add(self, layer: Layer, foldings: Iterable[LayerFolding]) -> None:
        """Consider more foldings of a layer."""
        known = {option.folding for option in self.options[layer.name]}
        new = [option for folding in foldings if folding not in known and (option := self._option(layer, folding))]
        self.options[layer.name] += tuple(new)
        for option in new:
            key = (layer.name, option.takes)
            if key not in self._quickest or option.own.cycles < self._quickest[key].own.cycles:
                self._quickest[key] = option

    def _option(self, layer: Layer, folding: LayerFolding) -> Option | None:
        folded = layer.folded(folding)
        takes = folded.takes
        try:
            sends = folded.sends
            found = self._alone(folded)
        except ModelError:
            return None
        widths = {layer.name: sends} | ({INPUT: takes} if layer is self.network.layers[0] else {})
        forks = (self._fork(name, width) for name, width in widths.items() if name in self._forked)
        cycles = max(found.cycles, *self._crossing(layer, takes, sends))
        around = self._around(folded)
        own = Estimate(resources=_rounded(total((found.resources, *forks))) + around, cycles=cycles)
        return Option(
            folding=folding, layer=folded, takes=takes, sends=sends, own=own, around=around, bare=found.resources
        )

    def _around(self, layer: Layer) -> Resources:
        """Return what the wrapper takes at the layers that frames come to and results leave."""
        if self.wrapper is None:
            return Resources()
        sides = []
        if layer.name == self.network.layers[0].name:
            sides.append(self.wrapper.comes(entering(self.network.input, layer)))
        if layer.name == self.network.layers[-1].name:
            sides.append(self.wrapper.goes(Port.of(layer.output, layer.sends)))
        return _rounded(total(sides))

    def _alone(self, layer: Layer) -> Estimate:
        """Estimate a layer that gets words as wide as it takes, once for all that are like it."""
        sources = self.sources[layer.name]
        key = layer.alike(sources)
        if key not in self._priced or key is None:
            found = self.costs.estimate(layer, sources, (layer.takes,) * len(sources))
            if key is None:
                return found
            self._priced[key] = found
        return self._priced[key]

    def _crossing(self, layer: Layer, takes: int, sends: int) -> tuple[int, int]:
        """Return the cycles that the network's input and output take through the port, at the layers that do so."""
        if self.port is None:
            return (0, 0)
        first, last = self.network.layers[0], self.network.layers[-1]
        comes = self.port.comes(self.network.input, takes) if layer is first else 0
        goes = self.port.goes(layer.output, sends) if layer is last else 0
        return (comes, goes)

    def _fork(self, name: str, sends: int) -> Resources:
        key = (name, sends)
        if key not in self._forks:
            self._forks[key] = self.costs.fork(self.network, name, sends)
        return self._forks[key]

    def converter(self, layer: str, side: int, beat: int, takes: int) -> Estimate | None:
        """Return what joins a stream to an input of a layer, its cycles those that the frame takes to arrive.

        None where the two widths cannot be joined.

        Args:
            layer: name of the layer.
            side: which of its inputs.
            beat: elements of a word that arrives.
            takes: elements of a word that the layer takes.
        """
        if not self._fed(layer, side, beat, takes):
            return None
        if beat == takes:
            return FREE
        key = (self._shapes[layer], side, beat, takes)
        if key not in self._converters:
            self._converters[key] = self._joined(self._quickest[layer, takes], side, beat)
        found = self._converters[key]
        return None if found is None else Estimate(resources=found, cycles=self.arrival(layer, side, beat, takes))

    def _fed(self, name: str, side: int, beat: int, takes: int) -> bool:
        """Whether a layer can take words that come; those of the network's input may have gaps."""
        layer, first = self._quickest[name, takes].layer, self.network.layers[0].name
        if layer.inputs[side] != INPUT or name == first:
            return True
        return takes_words(layer, self._quickest[first, beat].layer, self.network.input)

    def _joined(self, option: Option, side: int, beat: int) -> Resources | None:
        """Compare an option with and without."""
        sources = self.sources[option.layer.name]
        beats = [option.takes] * len(sources)
        beats[side] = beat
        try:
            found = self.costs.estimate(option.layer, sources, tuple(beats)).resources
        except ModelError:
            return None
        more = (mine - alone for mine, alone in zip(found.vector, option.bare.vector, strict=True))
        return _rounded(Resources(**dict(zip(NAMES, more, strict=True))))

    def arrival(self, layer: str, side: int, beat: int, takes: int) -> int:
        """Return the cycles that a frame takes to arrive in words of another width; 0 where no option is as quick."""
        option = self._quickest[layer, takes]
        key = (layer, side, beat, option.folding)
        if key not in self._arrivals:
            beats = [takes] * len(self.sources[layer])
            beats[side] = beat
            found = option.layer.cycles(self.sources[layer], beats)
            self._arrivals[key] = found if found > option.own.cycles else 0
        return self._arrivals[key]

    def arrivals(self) -> set[int]:
        """Return the numbers of cycles that frames take to arrive where widths have to be converted."""
        sends = {name: {option.sends for option in some} for name, some in self.options.items()}
        sends[INPUT] = {option.takes for option in self.options[self.network.layers[0].name]}
        found = set()
        for layer in self.network.layers[1:]:
            takes = {option.takes for option in self.options[layer.name]}
            for side, name in enumerate(layer.inputs):
                found |= {self.arrival(layer.name, side, beat, wide) for beat in sends[name] for wide in takes}
        return found - {0}

    def estimate(self, option: Option, beats: Sequence[int]) -> Estimate | None:
        """Return the cost of an option whose input words have so many elements; None where it cannot be built."""
        found = option.own
        for side, beat in enumerate(beats):
            joined = self.converter(option.layer.name, side, beat, option.takes)
            if joined is None:
                return None
            found = Estimate(resources=found.resources + joined.resources, cycles=max(found.cycles, joined.cycles))
        return found


def shape_of(layer: Layer, sources: Sequence[Stream]) -> Hashable:
    """Return what a layer is but for its name, its inputs' names and the numbers in its arrays."""
    values = asdict(layer, recurse=False, filter=lambda attribute, _: attribute.name not in SAID)
    told = ((key, value.shape if isinstance(value, np.ndarray) else value) for key, value in values.items())
    return (type(layer), tuple(sources), tuple(name == INPUT for name in layer.inputs), tuple(told))


def _rounded(resources: Resources) -> Resources:
    exact = (round(value * GRID) / GRID for value in resources.vector)
    return Resources(**dict(zip(NAMES, exact, strict=True)), chains=resources.chains)
