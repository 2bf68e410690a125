# SPDX-License-Identifier: GPL-3.0-or-later
"""A step that measures at once, so that searches of hundreds of candidates take seconds."""

from __future__ import annotations

import textwrap

import pytest

from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.flow.run import run_flow
from drawplate.testing import make_runner

METER = """
    import math
    from attrs import frozen
    from drawplate import Artifact, Card, DrawplateError, Form, Metric, Preview, Source, hookimpl, option

    @frozen(kw_only=True)
    class Options:
        gain: float = option("Divides the loss.", default=1.0, above=0)
        noise: bool = option("Whether the seed matters.", default=False)
        kind: str = option("A choice.", default="a", choices=("a", "b", "c"))

    @hookimpl
    def card():
        return Card(
            summary="measures at once", options={"measure": Options}, accepts={Form.FLOAT}, metrics={"loss", "size"}
        )

    def widths(model):
        shapes = {t.name: tuple(t.dims) for t in model.proto().graph.initializer}
        return [shapes[node.input[1]][0] for node in model.proto().graph.node if node.op_type in ("Conv", "Gemm")]

    def metric(name, value):
        return Metric(name=name, value=value, unit="", source=Source.ESTIMATED)

    @hookimpl
    def preview(model):
        return Preview(model=model, metrics=(metric("size", sum(widths(model))),))

    @hookimpl
    def measure(subject, options, job):
        with (job.host.session.store.root / "calls.txt").open("a") as file:
            file.write(subject.digest + "\\n")
        found = widths(subject)
        if found[0] == 13:
            raise DrawplateError("has thirteen channels", where="conv1")
        if found[0] == 12:
            raise KeyError("twelve")
        loss = math.nan if found[0] == 11 else 100 / sum(found) / options.gain + {"a": 0, "b": 1, "c": 2}[options.kind]
        if options.noise:
            loss += job.seed % 3
        return (metric("loss", loss), metric("size", sum(found)))
"""

COACH = """
    import numpy as np
    from attrs import frozen
    from onnx import numpy_helper
    from drawplate import Artifact, Card, Form, Job, hookimpl, option

    @frozen(kw_only=True)
    class Options:
        epochs: int = option("How often one is added to every bias.", default=4, at_least=1)

    @hookimpl
    def card():
        return Card(summary="counts epochs in a bias", options={"train": Options}, accepts={Form.FLOAT})

    @hookimpl
    def train(model, options, job):
        with (job.host.session.store.root / "epochs.txt").open("a") as file:
            file.write(f"{options.epochs}\\n")
        proto = model.proto()
        for tensor in proto.graph.initializer:
            if tensor.name == "head.bias":
                values = np.round(numpy_helper.to_array(tensor)) + np.float32(options.epochs)
                tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float32), tensor.name))
        job.track("train_loss", 1, 9.0)
        return job.save(proto, parents=[model])
"""
FLOW = """
[model]
zoo = "flexstudent"
shape = [1, 8, 8]
classes = 10
channels = [8]
neurons = 16
conv_layers = 2
[[step]]
use = "evolve"
space = "flexstudent"
population = 8
generations = 4
[[step.candidate]]
use = "meter"
[step.objectives]
meter.loss = "min"
params = "min"
"""


@pytest.fixture
def meter(tmp_path):
    path = tmp_path / "meter.py"
    path.write_text(textwrap.dedent(METER), encoding="utf-8")
    return path


@pytest.fixture
def coach(tmp_path):
    path = tmp_path / "coach.py"
    path.write_text(textwrap.dedent(COACH), encoding="utf-8")
    return path


@pytest.fixture
def runner(tmp_path, meter):
    return make_runner(tmp_path, plugin_files=[meter])


@pytest.fixture
def write_flow(tmp_path):
    """Write a flow: the one above with texts replaced, and more at its end."""

    def write(*changes, more="", text=FLOW):
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "f.toml"
        path.write_text(text + more)
        return read_flow(path)

    return write


@pytest.fixture
def evolve(runner, write_flow):
    """Run a flow and return the outcome of its search."""

    def run(*changes, more="", text=FLOW, step="evolve"):
        return run_flow(write_flow(*changes, more=more, text=text), runner).steps[step].outcome

    return run


@pytest.fixture
def plan(runner, write_flow):
    """Plan a flow."""

    def run(*changes, more="", text=FLOW):
        return make_plan(write_flow(*changes, more=more, text=text), runner)

    return run
