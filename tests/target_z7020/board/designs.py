# SPDX-License-Identifier: Apache-2.0
"""Designs with the files for their board."""

from __future__ import annotations

import json

import numpy as np
import onnx
from attrs import evolve, frozen

from drawplate_dataflow.hardware import Design, generate
from drawplate_dataflow.host import drawplate_stream, port_of
from drawplate_dataflow.network import Scale, golden
from drawplate_dataflow.specimens.fuzz import random_chain
from drawplate_target_z7020.board import board_files
from drawplate_target_z7020.parts import board_of, find_part
from drawplate_target_z7020.xc7 import XC7


def pack(values, stream):
    """Pack into 64-bit words."""
    return drawplate_stream.pack(values, stream).view("<u8")


def unpack(words, stream):
    return drawplate_stream.unpack(np.ascontiguousarray(words.astype("<u8")).view(np.uint8), stream)


@frozen
class Kit:
    design: Design
    files: dict

    @property
    def stream(self):
        return json.loads(self.files["stream.json"])

    @property
    def golden(self):
        import io

        return np.load(io.BytesIO(self.files["golden.npz"]))

    def frames(self, words):
        """The golden model between bus words: the driver's own packing, turned round by hand."""
        told = self.stream["input"]
        whole = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")[:, : told["beats"] * told["stride"]]
        bits = whole.reshape(len(words), told["beats"], told["stride"])[:, :, : told["lanes"] * told["bits"]]
        codes = (bits.reshape(len(words), -1, told["bits"]).astype(np.int64) << np.arange(told["bits"])).sum(axis=2)
        start, spare = (told["beats"] - 1) * told["lanes"], told["beats"] * told["lanes"] - told["elements"]
        codes = np.concatenate([codes[:, :start], codes[:, start + spare :]], axis=1)
        values = told["low"] + told["step"] * codes
        results = golden.run(self.design.network, values).reshape(len(words), -1)
        out = self.stream["output"]
        # The packing of results is that of inputs whose last word is full.
        return pack(results, out | {"channels_first": False})


def kit(seed=2, layers=2, board="pynq-z2", scaled=True, network=None, bits=64, packed=False):
    network = network or random_chain(seed, layers)
    if scaled:
        network = evolve(network, scale=Scale(scale=np.array([0.25]), bias=np.array([-1.0])))
    design = generate(network, XC7)
    part = find_part(board)
    port = port_of(board_of(part), 100.0, bits, packed=packed)
    return Kit(design, board_files(design, onnx.ModelProto(), part, port))
