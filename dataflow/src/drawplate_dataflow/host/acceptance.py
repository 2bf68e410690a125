# SPDX-License-Identifier: Apache-2.0
"""Inputs and golden outputs that a design on a board is accepted by."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from onnx import ModelProto

from drawplate_dataflow.frames import random_frames
from drawplate_dataflow.network import Network, golden

GOLDEN: Final = "golden.npz"
FRAMES: Final = 64
MOST: Final = 1 << 20
"""Elements of all frames together: of large images there are fewer."""


def acceptance(network: Network, proto: ModelProto) -> bytes:
    """Make ``golden.npz``: a frame of the lowest codes, one of the highest, random ones, and what has to come out.

    ``inputs`` are [N, ...] as the model takes them; ``outputs`` are [N, outputs], scaled where the network has a scale.
    Equal networks give equal bytes.

    Args:
        network: the network.
        proto: the lowered model that it was read from, which knows the codes of its input.
    """
    frames = max(4, min(FRAMES, MOST // network.input.elements))
    values = random_frames(network, proto, frames).values.reshape(frames, *network.input.shape)
    outputs = golden.run(network, values).reshape(frames, -1)
    if network.scale is not None:
        outputs = outputs * network.scale.scale + network.scale.bias
    file = io.BytesIO()
    inputs = values.transpose(0, 3, 1, 2) if network.channels_first else values
    np.savez_compressed(file, inputs=inputs, outputs=outputs)
    return file.getvalue()
