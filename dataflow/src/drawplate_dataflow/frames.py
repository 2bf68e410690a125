# SPDX-License-Identifier: Apache-2.0
"""What is fed to the simulated hardware: test items, or codes drawn at random where there are no data."""

from __future__ import annotations

import numpy as np
from attrs import evolve, field, frozen
from onnx import ModelProto

from drawplate import Job
from drawplate.data import NO_DATA
from drawplate.data.stand_in import spread
from drawplate.input_codes import input_codes
from drawplate.task.strength import of_codes
from drawplate_dataflow.network import Network
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.pixels import encode_images


@frozen(kw_only=True)
class Frames:
    """Values on the input stream."""

    values: Integers = field(eq=False, repr=False)
    """[N, elements]."""
    said: str
    """What they are, for notes."""


def frames_for(network: Network, proto: ModelProto, count: int, job: Job) -> Frames:
    """Return the first test items, or with no data random codes."""
    if not job.has_data:
        drawn = random_frames(network, proto, count, job.seed)
        return evolve(drawn, said=f"{drawn.said}, {NO_DATA}")
    values = network.frames(encode_images(proto, job.data("test").x[:count], job.dataset.normalisation))
    levels = len(_values_of_codes(network, proto))
    said = (f"{len(values):,} test {job.dataset.noun}", of_codes(values, levels))
    return Frames(values=values.astype(np.int64), said=", ".join(filter(None, said)))


def random_frames(network: Network, proto: ModelProto, count: int, seed: int = 0) -> Frames:
    """Draw frames of codes, uniform over all that the input may take.

    The first frame holds the lowest, the second the highest.
    """
    levels = _values_of_codes(network, proto)
    drawn = spread(len(levels), (count, network.input.elements), np.random.default_rng(seed))
    values = levels.start + levels.step * drawn.values.astype(np.int64)
    return Frames(values=values, said=f"{count:,} frames of random codes, {drawn.said} of them")


def _values_of_codes(network: Network, proto: ModelProto) -> range:
    """Return all values that the input may take."""
    codes, kind = input_codes(proto), network.input.type
    if codes is None:
        return range(kind.low, kind.high + 1, kind.step)
    return range(codes.low - codes.offset, codes.high - codes.offset + 1, 2 if codes.sign else 1)
