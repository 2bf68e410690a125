# SPDX-License-Identifier: Apache-2.0
"""A lowered network in plain integers: what the generator, the golden model and the simulation all read.

A network is a directed acyclic graph of layers.  Layers exchange streams: a frame is a tensor of shape
(height, width, channels), sent pixel by pixel with the channels innermost.  A vector is a 1 x 1 image.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import numpy as np
from attrs import cmp_using, field, frozen

from drawplate_dataflow.network.types import Integers, IntType

INPUT: Final = "input"
"""The name that layers use for the stream that enters the network."""

_same = cmp_using(eq=np.array_equal)


class Memory(StrEnum):
    """Where weights are kept."""

    AUTO = "auto"
    """Block RAM above 64 words, LUTs up to 64."""
    BLOCK = "block"
    LUT = "lut"


class PoolKind(StrEnum):
    """How a window becomes one value."""

    MAX = "max"
    SUM = "sum"


@frozen(kw_only=True)
class Stream:
    """Shape and element type of what a layer sends."""

    shape: tuple[int, int, int]
    """(height, width, channels)."""
    type: IntType

    @property
    def channels(self) -> int:
        """Elements of one pixel."""
        return self.shape[2]

    @property
    def pixels(self) -> int:
        """Pixels of one frame."""
        return self.shape[0] * self.shape[1]

    @property
    def elements(self) -> int:
        """Elements of one frame."""
        return self.pixels * self.channels


@frozen(kw_only=True)
class Layer:
    """What all layers have: a name, and the names of the layers (or ``input``) that they read."""

    name: str
    inputs: tuple[str, ...]
    output: Stream


@frozen(kw_only=True)
class MatMul(Layer):
    """Matrix times vector per pixel, with thresholds: FINN's MVAU.

    Output channel ``h`` of a pixel with values ``x``: ``sum(weights[:, h] * x)``; with thresholds, the code of
    the result is the number of thresholds of ``h`` that are less than or equal to that sum.
    """

    weights: Integers = field(eq=_same)
    """[MW, MH]: inputs by outputs."""
    weight_type: IntType
    thresholds: Integers | None = field(eq=_same, default=None)
    """[MH, N], ascending along N; None sends the sums."""
    pe: int
    """Output channels computed at once."""
    simd: int
    """Inputs multiplied at once by each processing element."""
    memory: Memory = Memory.AUTO
    dsp_pe: int = 0
    """Processing elements, the last of ``pe``, that multiply in DSP48E1 blocks; the others in LUTs."""

    @property
    def mw(self) -> int:
        """Inputs of the matrix."""
        return int(self.weights.shape[0])

    @property
    def mh(self) -> int:
        """Outputs of the matrix."""
        return int(self.weights.shape[1])

    @property
    def sf(self) -> int:
        """Synapse fold: cycles for one group of outputs.  The last may be partly filled."""
        return -(-self.mw // self.simd)

    @property
    def nf(self) -> int:
        """Neuron fold: groups of outputs.  The last may be partly filled."""
        return -(-self.mh // self.pe)

    @property
    def cycles(self) -> int:
        """Cycles per frame when neither neighbour makes it wait."""
        return self.sf * self.nf * self.output.pixels


@frozen(kw_only=True)
class Threshold(Layer):
    """Multi-threshold activation on its own: FINN's Thresholding."""

    thresholds: Integers = field(eq=_same)
    """[channels, N], ascending along N."""
    pe: int


@frozen(kw_only=True)
class Window(Layer):
    """Sliding window (im2col): FINN's ConvolutionInputGenerator.

    One output pixel holds the window row by row, channels innermost.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int]
    simd: int


@frozen(kw_only=True)
class Pad(Layer):
    """Zeros around an image: FINN's FMPadding."""

    top: int
    left: int
    bottom: int
    right: int
    simd: int


@frozen(kw_only=True)
class Pool(Layer):
    """Maximum or sum over windows of each channel."""

    kind: PoolKind
    kernel: tuple[int, int]
    stride: tuple[int, int]
    pe: int


@frozen(kw_only=True)
class Add(Layer):
    """Sum of two streams, element by element: FINN's AddStreams."""

    pe: int


@frozen(kw_only=True)
class ArgMax(Layer):
    """Index of the largest element of a vector, the first one of equals: FINN's LabelSelect with k = 1."""


@frozen(kw_only=True)
class Scale:
    """What turns the integers that leave the hardware into the model's logits: ``scale * y + bias``."""

    scale: np.ndarray = field(eq=_same)
    """Float, one or ``channels`` values."""
    bias: np.ndarray = field(eq=_same)


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
        arranged = images.transpose(0, 2, 3, 1) if self.channels_first else images
        return np.asarray(arranged).reshape(len(images), -1).astype(np.int64)

    @property
    def output(self) -> Stream:
        """The stream that leaves the network: that of the last layer."""
        return self.layers[-1].output

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Every stream by the name of the layer that sends it, and ``input``."""
        return {INPUT: self.input} | {layer.name: layer.output for layer in self.layers}

    def layer(self, name: str) -> Layer:
        """Return a layer by its name."""
        return next(layer for layer in self.layers if layer.name == name)

    def sources(self, layer: Layer) -> tuple[Stream, ...]:
        """Return the streams that a layer reads."""
        streams = self.streams
        return tuple(streams[name] for name in layer.inputs)

    def readers(self, name: str) -> tuple[Layer, ...]:
        """Return the layers that read a stream."""
        return tuple(layer for layer in self.layers if name in layer.inputs)
