# SPDX-License-Identifier: Apache-2.0
"""What is fed to the simulated hardware: test items, or codes drawn at random where there are no data."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
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
    """Return the first test items, or with no data random codes.

    The codes are uniform over all that the input may take; the first frame holds the lowest, the second the highest.
    """
    codes = input_codes(proto)
    low, high, step = network.input.type.low, network.input.type.high, network.input.type.step
    if codes is not None:
        low, high, step = codes.low - codes.offset, codes.high - codes.offset, 2 if codes.sign else 1
    levels = (high - low) // step + 1
    if job.has_data:
        values = network.frames(encode_images(proto, job.data("test").x[:count], job.dataset.normalisation))
        said = (f"{len(values):,} test {job.dataset.noun}", of_codes(values, levels))
    else:
        drawn = spread(levels, (count, network.input.elements), np.random.default_rng(job.seed))
        values = drawn.values * step + low
        said = (f"{count:,} frames of random codes, {drawn.said} of them", NO_DATA)
    return Frames(values=values.astype(np.int64), said=", ".join(filter(None, said)))
