# SPDX-License-Identifier: Apache-2.0
"""Plugins and models that are small enough to read."""

from __future__ import annotations

import textwrap
from pathlib import Path

import onnx
import pytest

WEIGHTS = ", ".join(f"{(i * 7 % 13) / 13 - 0.5:.3f}" for i in range(640))
TINY = f"""
<ir_version: 8, opset_import: ["" : 13]>
tiny (float[N,1,8,8] input) => (float[N,10] logits)
<float[64,10] weight = {{{WEIGHTS}}}>
{{
    flat = Flatten<axis = 1>(input)
    logits = MatMul(flat, weight)
}}
"""


@pytest.fixture
def tiny() -> onnx.ModelProto:
    """One matrix product: an image of the digits in, ten logits out."""
    return onnx.parser.parse_model(TINY)


@pytest.fixture
def tiny_file(tiny, tmp_path) -> Path:
    path = tmp_path / "tiny.onnx"
    onnx.save(tiny, path)
    return path


@pytest.fixture
def write_plugin(tmp_path):
    """Write a plugin file: the header that all share, and what is given."""

    def write(name: str, body: str) -> Path:
        path = tmp_path / f"{name}.py"
        header = """
            import numpy as np
            from attrs import frozen
            from onnx import numpy_helper
            from drawplate import *
            from drawplate import option

            @frozen(kw_only=True)
            class Options:
                factor: float = option("What weights are multiplied with.", default=2.0, above=0)

        """
        path.write_text(textwrap.dedent(header) + textwrap.dedent(body), encoding="utf-8")
        return path

    return write


SCALE = """
    @hookimpl
    def card():
        return Card(summary="scales weights", options={"compress": Options}, accepts={Form.FLOAT})

    @hookimpl
    def compress(model, options, job):
        proto = model.proto()
        for tensor in proto.graph.initializer:
            scaled = numpy_helper.to_array(tensor) * np.float32(options.factor)
            tensor.CopyFrom(numpy_helper.from_array(scaled, tensor.name))
        with (job.host.session.store.root / "calls.txt").open("a") as file:
            file.write(job.step + "\\n")
        return job.save(proto, parents=[model])
"""

COUNT = """
    @hookimpl
    def card():
        return Card(summary="counts weights", options={"measure": Options}, accepts={Form.FLOAT})

    @hookimpl
    def measure(subject, options, job):
        total = sum(float(abs(numpy_helper.to_array(t)).sum()) for t in subject.proto().graph.initializer)
        return (Metric(name="weight", value=total * options.factor, unit="", source="measured"),)
"""


@pytest.fixture
def scale(write_plugin) -> Path:
    """A technique that multiplies all weights, and writes down each call."""
    return write_plugin("scale", SCALE)


@pytest.fixture
def count(write_plugin) -> Path:
    """A target that sums absolute weights."""
    return write_plugin("count", COUNT)
