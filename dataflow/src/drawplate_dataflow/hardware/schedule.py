# SPDX-License-Identifier: Apache-2.0
"""When words move if nothing ever waits, and the memory that this takes.

With enough memory between its layers a network takes as many clocks per frame as its slowest layer, its interval.
"Enough" is what one admissible schedule needs, because hardware that may move earlier is never later for it.  The
schedule used here is even: every stream moves its words in equal steps over an interval, and a layer starts as late
behind its input as its windows make it.  All times are fractions of the interval, so that none of this depends on
how fast the layers are; where hardware takes clocks of its own, these are bounded for any folding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil

from attrs import frozen

from drawplate_dataflow.network import INPUT, Layer, MatMul, Network, Pad, Pool, Stream, Threshold, Window

MARGIN = 4
"""Words of a FIFO beyond those of the schedule: its output register, and times that are rounded to clocks."""
PIPELINE = 48
"""Clocks of a matrix layer from the last word of a vector to its first result, chains of blocks excepted."""
LONGEST_CHAIN = 64
"""Clocks that the longest chain of DSP48E1 blocks takes."""


@frozen
class Delay:
    """How much later something happens."""

    part: Fraction
    """Of the interval."""
    clocks: int

    def __add__(self, other: Delay) -> Delay:
        return Delay(self.part + other.part, self.clocks + other.clocks)

    def __sub__(self, other: Delay) -> Delay:
        return Delay(self.part - other.part, self.clocks - other.clocks)

    def words(self, beats: int) -> int:
        """Return how many words of a stream come meanwhile; at most one comes per clock."""
        return ceil(self.part * beats) + self.clocks


# windows ------------------------------------------------------------------------------------------------------------


def kept_rows(layer: Window | Pool) -> Iterator[int]:
    """Return the rows of an image that some window covers, ascending."""
    kernel, stride = layer.kernel[0], layer.stride[0]
    high = layer.output.shape[0]
    return (row for row in range((high - 1) * stride + kernel) if row % stride < kernel)


def window_delay(layer: Window | Pool, source: Stream) -> Fraction:
    """Return how long after its input a window sends: the last row of every window is there when its row begins."""
    height, high = source.shape[0], layer.output.shape[0]
    kernel, stride = layer.kernel[0], layer.stride[0]
    return max(Fraction(y * stride + kernel, height) - Fraction(y, high) for y in range(high))


def ring_rows(layer: Window | Pool, source: Stream) -> int:
    """Return the most rows that a window has to keep: those that it still needs, and those that arrived meanwhile."""
    height, high = source.shape[0], layer.output.shape[0]
    kernel, step = layer.kernel[0], min(layer.kernel[0], layer.stride[0])
    kept, delay = list(kept_rows(layer)), window_delay(layer, source)

    def arrived(time: Fraction) -> int:
        """Rows to be kept of which words have come before a time."""
        frames, rows = divmod(ceil(time * height), height)
        return frames * len(kept) + sum(row < rows for row in kept)

    return max(kernel, *(arrived(delay + Fraction(y + 1, high)) - y * step for y in range(high)))


# padding ------------------------------------------------------------------------------------------------------------


def _edges(layer: Pad, source: Stream) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield of the first and the last pixel of every row the part of the input and of the output that is before it."""
    (height, width, _), (_, wide, _) = source.shape, layer.output.shape
    for row in range(height):
        for column in {0, width - 1}:
            at = (row + layer.top) * wide + column + layer.left
            yield Fraction(row * width + column, source.pixels), Fraction(at, layer.output.pixels)


def pad_delay(layer: Pad, source: Stream) -> Fraction:
    """Return how long after its input padding sends: every pixel is there when it is its turn."""
    pixel = Fraction(1, source.pixels)
    return max(came + pixel - sent for came, sent in _edges(layer, source))


def pad_waiting(layer: Pad, source: Stream) -> Fraction:
    """Return the largest part of an image that waits while zeros are sent."""
    delay, pixel = pad_delay(layer, source), Fraction(1, layer.output.pixels)
    return max(delay + sent + pixel - came for came, sent in _edges(layer, source))


def pad_fifo(layer: Pad, source: Stream) -> int:
    """Return the depth of the FIFO before padding; 0 at the network's input, which comes as fast as it is taken."""
    if layer.inputs == (INPUT,):
        return 0
    return fifo_depth(ceil(pad_waiting(layer, source) * source.elements / layer.simd))


# branches -----------------------------------------------------------------------------------------------------------


def latency(layer: Layer, source: Stream) -> Delay:
    """Return how much later than its input a layer sends its output, however it is folded."""
    pixel = Fraction(1, source.pixels)
    match layer:
        case MatMul():
            stages = 2 * layer.output.type.bits
            return Delay(Fraction(1, layer.output.pixels), PIPELINE + stages + min(layer.mw, LONGEST_CHAIN))
        case Threshold():
            return Delay(pixel, 2 * layer.output.type.bits + 8)
        case Window() | Pool():
            return Delay(window_delay(layer, source), 8)
        case Pad():
            return Delay(pad_delay(layer, source) + pixel, 8)
        case _:
            return Delay(pixel, 8)


def starts(network: Network) -> Mapping[str, Delay]:
    """Return how long before the end of the network each layer has to begin, at the latest."""
    found: dict[str, Delay] = {}
    for layer in reversed(network.layers):
        behind = [found[reader.name] for reader in network.readers(layer.name)]
        own = latency(layer, network.sources(layer)[0])
        found[layer.name] = own + _longest(behind) if behind else own
    return found


def frames_inside(network: Network, interval: int) -> int:
    """Return how many frames a network holds at most, from the first word in to the last word out."""
    before = starts(network)
    whole = _longest([before[layer.name] for layer in network.readers(INPUT)])
    return ceil(whole.part + Fraction(whole.clocks, interval))


def _longest(delays: Sequence[Delay]) -> Delay:
    """Return a delay that is no shorter than any of these."""
    return Delay(max(delay.part for delay in delays), max(delay.clocks for delay in delays))


def branch_fifos(network: Network, name: str, beats: int) -> Sequence[int]:
    """Return the depth of the FIFO on every way out of a stream, in the order of its readers; 0 where none is needed.

    Where ways meet again, words on the shorter one wait for those on the longer one; and padding at the input keeps
    the others waiting while it sends zeros.
    """
    before, source = starts(network), network.streams[name]
    ways = [layer for layer in network.readers(name) for wanted in layer.inputs if wanted == name]
    longest = _longest([before[layer.name] for layer in ways])
    found = []
    for layer in ways:
        words = (longest - before[layer.name]).words(beats)
        if isinstance(layer, Pad) and name == INPUT:
            words += ceil(pad_waiting(layer, source) * beats)
        found.append(fifo_depth(words) if words else 0)
    return found


def fifo_depth(words: int) -> int:
    """Return the depth of a FIFO that holds so many words: a power of two."""
    return 1 << (words + MARGIN - 1).bit_length()
