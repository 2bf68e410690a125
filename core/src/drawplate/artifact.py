# SPDX-License-Identifier: Apache-2.0
"""What plugins exchange: an ONNX file and its record, or a front of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from drawplate.metric import Metric

if TYPE_CHECKING:
    from onnx import ModelProto


class Form(StrEnum):
    """What kind of graph an artifact holds."""

    FLOAT = "float"
    """Plain ONNX."""
    QONNX = "qonnx"
    """Float weights behind ``Quant`` or ``BipolarQuant`` nodes."""
    DATAFLOW = "dataflow"
    """FINN's integer dialect: ``MVAU``, ``Thresholding``, ... with PE and SIMD attributes."""


@frozen(kw_only=True)
class TensorSpec:
    """Name, shape and element type of a graph input or output."""

    name: str
    shape: tuple[int | str, ...]
    """One entry per dimension; a string names a dimension that is free, e.g. the batch."""
    dtype: str
    """NumPy's name of the element type, e.g. ``float32``."""


@frozen(kw_only=True)
class Artifact:
    """One ONNX file in the store and its record.  Immutable: a step returns a new one."""

    path: Path = field(eq=False)
    digest: str
    """SHA-256 of the file's bytes, in hexadecimal.  The file is self-contained."""
    form: Form
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    opsets: Mapping[str, int]
    """Version by operator domain; the standard domain is ``""``."""
    parents: tuple[str, ...] = ()
    """Digests of what it was made from: the model first, then teachers."""

    def proto(self) -> ModelProto:
        """Read the model.  Every call returns a fresh copy that may be changed."""
        import onnx

        return onnx.load(self.path)


@frozen(kw_only=True)
class Candidate:
    """One member of a front: a model, what was found out about it, and the genome it came from."""

    artifact: Artifact
    metrics: tuple[Metric, ...] = ()
    genome: Mapping[str, object] = field(factory=dict)


@frozen(kw_only=True)
class Front:
    """What a search returns: mutually non-dominated candidates, one of them chosen."""

    candidates: tuple[Candidate, ...]
    chosen: int = 0

    @property
    def best(self) -> Artifact:
        """The chosen artifact, which later steps go on with."""
        return self.candidates[self.chosen].artifact
