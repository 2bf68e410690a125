# SPDX-License-Identifier: Apache-2.0
"""When words move if nothing ever waits, and the memory that this takes.

With enough memory between its layers a network takes as many clocks per frame as its slowest layer, its interval.
"Enough" is what one admissible schedule needs, because hardware that may move earlier is never later for it.  The
schedule used here is even: every stream moves its words in equal steps over an interval, and a layer starts as late
behind its input as its windows make it.  All times are fractions of the interval, so that none of this depends on
how fast the layers are; where hardware takes clocks of its own, these are bounded for any folding.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from drawplate_dataflow.network import INPUT, Network
from drawplate_dataflow.network.delay import longest

MARGIN = 4
"""Words of a FIFO beyond those of the schedule: its output register, and times that are rounded to clocks."""


def frames_inside(network: Network, interval: int) -> int:
    """Return how many frames a network holds at most, from the first word in to the last word out."""
    before = network.starts
    whole = longest([before[layer.name] for layer in network.readers(INPUT)])
    return ceil(whole.part + Fraction(whole.clocks, interval))


def pace(network: Network, beats: int) -> Fraction:
    """Return how many words of a stream come per clock, at most, in the even schedule of any folding.

    Args:
        network: its slowest layer decides how long a frame takes; windows are slow, however they are folded.
        beats: words of a frame.
    """
    return Fraction(beats, max(beats, network.least_cycles))


def branch_fifos(network: Network, name: str, beats: int) -> Sequence[int]:
    """Return the depth of the FIFO on every way out of a stream, in the order of its readers; 0 where none is needed.

    Where ways meet again, words on the shorter one wait for those on the longer one; and padding at the input keeps
    the others waiting while it sends zeros.
    """
    before, source = network.starts, network.streams[name]
    ways = [layer for layer in network.readers(name) for wanted in layer.inputs if wanted == name]
    most = longest([before[layer.name] for layer in ways])
    found = []
    for layer in ways:
        words = (most - before[layer.name]).words(beats, pace(network, beats))
        if name == INPUT:
            words += ceil(layer.hold(source) * beats)
        found.append(fifo_depth(words) if words else 0)
    return found


def fifo_depth(words: int) -> int:
    """Return the depth of a FIFO that holds so many words: a power of two."""
    return 1 << (words + MARGIN - 1).bit_length()
