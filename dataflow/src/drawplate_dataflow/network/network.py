# SPDX-License-Identifier: Apache-2.0
"""A lowered network in plain integers: what the generator, the golden model and the simulation all read.

A network is a directed acyclic graph of layers, which exchange streams.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import NDArray

from drawplate.errors import ModelError
from drawplate_dataflow.network.delay import Delay, longest
from drawplate_dataflow.network.folding import LayerFolding
from drawplate_dataflow.network.layer import Layer
from drawplate_dataflow.network.stream import INPUT, Stream
from drawplate_dataflow.network.types import Integers

same_array = cmp_using(eq=np.array_equal)
"""Equality of fields that hold arrays."""


@frozen(kw_only=True)
class Scale:
    """What turns the integers that leave the hardware into the model's logits: ``scale * y + bias``."""

    scale: np.ndarray = field(eq=same_array)
    """Float, one or ``channels`` values."""
    bias: np.ndarray = field(eq=same_array)


@frozen(kw_only=True)
class Network:
    """A lowered network, its layers in an order in which every layer follows what it reads."""

    name: str
    input: Stream
    layers: tuple[Layer, ...]
    scale: Scale | None = None
    source: str = ""
    """Digest of the artifact that it was read from; empty for one made directly."""
    channels_first: bool = False
    """Whether the model takes [N, C, H, W] where the input stream is channels last."""

    def frames(self, images: Integers) -> Integers:
        """Arrange what the model takes, [N, ...], as frames of the input stream, [N, elements]."""
        if self.channels_first:
            height, width, channels = self.input.shape
            images = images.reshape(len(images), channels, height, width).transpose(0, 2, 3, 1)
        return np.asarray(images).reshape(len(images), -1).astype(np.int64)

    def scaled(self, integers: Integers) -> NDArray[np.float64]:
        """Turn integers that leave the hardware, [N, ...], into the model's outputs, [N, outputs]."""
        flat = integers.reshape(len(integers), -1).astype(np.float64)
        return flat if self.scale is None else flat * self.scale.scale + self.scale.bias

    @property
    def output(self) -> Stream:
        """The stream that leaves the network: that of the last layer."""
        return self.layers[-1].output

    @cached_property
    def streams(self) -> Mapping[str, Stream]:
        """Every stream by the name of the layer that sends it, and ``input``."""
        return {INPUT: self.input} | {layer.name: layer.output for layer in self.layers}

    def folded(self, foldings: Mapping[str, LayerFolding]) -> Network:
        """Return it folded otherwise, by name of layer.

        Raises:
            ModelError: when a layer is not named.
        """
        for layer in self.layers:
            if layer.name not in foldings:
                raise ModelError("has no folding", where=f"layer {layer.said}")
        return evolve(self, layers=tuple(layer.folded(foldings[layer.name]) for layer in self.layers))

    def layer(self, name: str) -> Layer:
        """Return a layer by its name."""
        return next(layer for layer in self.layers if layer.name == name)

    def sources(self, layer: Layer) -> tuple[Stream, ...]:
        """Return the streams that a layer reads."""
        streams = self.streams
        return tuple(streams[name] for name in layer.inputs)

    def readers(self, name: str) -> tuple[Layer, ...]:
        """Return the layers that read a stream."""
        return self._readers.get(name, ())

    def check_words(self) -> None:
        """Refuse foldings of the network's input whose words not all of its readers can take.

        The first reader shapes the words.  Where the last one of a frame or of a vector is partly filled, others can
        take them only as they are.

        Raises:
            ModelError: by the layer's name.
        """
        first, *others = self.readers(INPUT)
        for layer in others:
            if not takes_words(layer, first, self.input):
                raise ModelError(
                    f"takes {layer.takes} elements of the network's input at once, and {first.said}, whose words of "
                    f"{first.takes} come in, leaves gaps in them",
                    where=f"layer {layer.said}",
                    hint=f"fold {first.said} so that its SIMD divides its inputs, or both alike",
                )

    @cached_property
    def _readers(self) -> Mapping[str, tuple[Layer, ...]]:
        found: dict[str, list[Layer]] = {}
        for layer in self.layers:
            for name in dict.fromkeys(layer.inputs):
                found.setdefault(name, []).append(layer)
        return {name: tuple(layers) for name, layers in found.items()}

    @cached_property
    def least_cycles(self) -> int:
        """Clocks per frame that its slowest layer takes at least, however it is folded."""
        return max(layer.least_cycles(self.sources(layer)) for layer in self.layers)

    @cached_property
    def starts(self) -> Mapping[str, Delay]:
        """How long before the end of the network each layer has to begin, at the latest, however it is folded."""
        found: dict[str, Delay] = {}
        for layer in reversed(self.layers):
            behind = [found[reader.name] for reader in self.readers(layer.name)]
            own = layer.delay(self.sources(layer)[0])
            found[layer.name] = own + longest(behind) if behind else own
        return found


def takes_words(layer: Layer, first: Layer, source: Stream) -> bool:
    """Whether a reader of the network's input can take words that the first reader's folding shapes."""
    words = first.input_beats(source)
    if layer.takes == first.takes:
        return layer.input_beats(source) == words
    return words * first.takes == source.elements
