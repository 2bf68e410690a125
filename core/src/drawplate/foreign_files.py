# SPDX-License-Identifier: Apache-2.0
"""Model files of other kinds than ONNX, told by their first bytes: what each is, and the way from it to ONNX."""

from __future__ import annotations

from attrs import frozen


@frozen
class Kind:
    """A kind of model file that does not enter."""

    name: str
    marks: tuple[tuple[int, bytes], ...]
    """Bytes at a place in the file, any of which tells it."""
    way: str
    """What to do instead."""


KINDS = (
    Kind(
        "an OpenVINO model (IR)",
        ((0, b"<?xml"), (0, b"<net ")),
        "OpenVINO writes no ONNX: give the ONNX file that the IR was made from; of NNCF, quantize that file "
        "(nncf.quantize takes an ONNX model and returns one), which enters with its quantizers",
    ),
    Kind("a TensorFlow Lite model", ((4, b"TFL3"),), "python -m tf2onnx.convert --tflite FILE --output model.onnx"),
    Kind(
        "an HDF5 file, as Keras writes them",
        ((0, b"\x89HDF\r\n\x1a\n"),),
        "python -m tf2onnx.convert --keras FILE --output model.onnx",
    ),
    Kind(
        "an archive, as torch.save and Keras write them",
        ((0, b"PK\x03\x04"),),
        'for a checkpoint of torch, say python = "module:factory" and weights = "FILE"; else export it to ONNX',
    ),
    Kind(
        "a pickle, as old versions of torch.save wrote them",
        ((0, b"\x80\x02"), (0, b"\x80\x04")),
        'say python = "module:factory" and weights = "FILE", or export it to ONNX',
    ),
)


def kind_of(data: bytes) -> Kind | None:
    """Return what a file is where it is of a known other kind."""
    return next((kind for kind in KINDS for place, mark in kind.marks if data[place : place + len(mark)] == mark), None)
