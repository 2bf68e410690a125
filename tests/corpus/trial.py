# SPDX-License-Identifier: Apache-2.0
"""One model file through one flow: passed, refused in plan, refused late, crashed, or off from plain ONNX Runtime."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from attrs import frozen
from tests.corpus.nets import CLASSES
from tests.corpus.sources import Source

from drawplate.errors import DrawplateError, StepFailed
from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.flow.run import run_flow
from drawplate.testing import make_runner

PASSED, REFUSED, LATE, CRASHED, OFF = "passed", "refused", "refused late", "crashed", "off"
FLOWS: Mapping[str, Sequence[str]] = {
    "ort": ['use = "ort"\naccuracy = false\nruns = 1\nwarmup = 0\nbatch = 2'],
    "myriadx": ['use = "myriadx"\naccuracy = false'],
    "quantize, fit": ['use = "quantize"\ncalibration_images = 32', 'use = "fit"\nepochs = 1\nbatch = 16'],
    "fit": ['use = "fit"\nepochs = 1\nbatch = 16', 'use = "ort"\nruns = 1\nwarmup = 0\nbatch = 2'],
    "lower": ['use = "quantize"\ncalibration_images = 32', 'use = "lower"\nfinn = false'],
    "channels": [],
}
"""Steps of each flow; ``channels`` is the search space of that name, half of every group cut."""


@frozen
class Result:
    """What became of one file in one flow."""

    what: str
    why: str = ""
    seconds: float = 0.0


def write_data(path: Path, source: Source) -> None:
    """Write a small data set that fits a file."""
    random = np.random.default_rng(0)
    picture = len(source.data) == 3
    sizes = {"train": 48, "test": 16}
    arrays = {}
    for split, count in sizes.items():
        shape = (count, *source.data)
        x = random.integers(0, 256, shape, np.uint8) if picture else random.random(shape, dtype=np.float32)
        y: Any = np.arange(count) % CLASSES
        if source.task == "binary":
            y = np.arange(count) % 2
        if source.task == "labels":
            y = random.integers(0, 2, (count, 3))
        if source.task == "regression":
            y = x.reshape(count, -1).sum(1).astype(np.float32)
        arrays |= {f"x_{split}": x, f"y_{split}": y}
        if source.task == "reconstruction":
            arrays[f"y_{split}"] = np.arange(count) % 2
    np.savez(path, **arrays)


def attempt(name: str, source: Source, flow: str, folder: Path) -> Result:
    """Take a file that lies in a folder as ``model.onnx`` through a flow."""
    started = time.perf_counter()
    try:
        result = _channels(folder) if flow == "channels" else _flow(source, flow, folder)
    except StepFailed as error:
        result = Result(CRASHED, error.message.splitlines()[0])
    except Exception:  # noqa: BLE001 - what a user would see as a traceback
        result = Result(CRASHED, traceback.format_exc().strip().splitlines()[-1])
    return Result(result.what, result.why, time.perf_counter() - started)


def _flow(source: Source, flow: str, folder: Path) -> Result:
    result = _through(source, flow, FLOWS[flow], folder)
    if flow == "lower" and "takes a float model, but gets a qonnx one" in result.why:
        return _through(source, flow, FLOWS[flow][1:], folder)
    return result


def _through(source: Source, flow: str, steps: Sequence[str], folder: Path) -> Result:
    text = '[model]\nonnx = "model.onnx"\n'
    data = flow not in ("ort", "myriadx")
    if data and not source.task:
        return Result(REFUSED, "no data fit it")
    if data:
        text += f'[data]\nname = "npz"\npath = "{folder / "data.npz"}"\ntask = "{source.task}"\nval = 8\n'
    for step in steps:
        text += f"[[step]]\n{step}\n"
    path = folder / f"{flow.replace(', ', '-')}.toml"
    path.write_text(text)
    try:
        parsed = read_flow(path)
        runner = make_runner(folder, data=parsed.data)
    except DrawplateError as error:
        return Result(REFUSED, _said(error))
    try:
        try:
            make_plan(parsed, runner)
        except DrawplateError as error:
            return Result(REFUSED, _said(error))
        try:
            result = run_flow(parsed, runner)
        except StepFailed:
            raise
        except DrawplateError as error:
            return Result(LATE, _said(error))
        if flow == "ort":
            return (
                Result(PASSED, "the file is in training mode")
                if source.training
                else _compared(folder, result.steps["ort"].outcome.build.path("model.onnx"))
            )
        return Result(PASSED)
    finally:
        runner.close()


def _said(error: DrawplateError) -> str:
    """The message without the flow file's name."""
    return " ".join(error.message.partition(".toml, ")[2].split()) or error.message


def _compared(folder: Path, exported: Path) -> Result:
    """Compare what was exported with plain ONNX Runtime on the file as it was given."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        before = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - ONNX Runtime cannot run every file; then the door's own check has to do
        return Result(PASSED, "the file itself does not run")
    after = onnxruntime.InferenceSession(str(exported), options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(1)
    feed = {}
    for value in before.get_inputs():
        shape = [size if isinstance(size, int) and size > 0 else 2 for size in value.shape]
        kind = value.type[7:-1].replace("float16", "FLOAT16").replace("float", "float32").replace("FLOAT16", "float16")
        kind = kind.replace("double", "float64")
        feed[value.name] = (
            random.integers(0, 200, shape).astype(kind) if "int" in kind else random.random(shape).astype(kind)
        )
    names = {value.name for value in after.get_outputs()} & {value.name for value in before.get_outputs()}
    if not names:
        return Result(OFF, "no output of the file is left")
    taken = {value.name: value.type for value in after.get_inputs()}
    given = {name: x.astype(np.float32) if taken[name] == "tensor(float)" else x for name, x in feed.items()}
    rough = any(x.dtype == np.float16 for x in feed.values())
    quantized = any(
        "Quant" in node.op_type for node in onnx.load(folder / "model.onnx", load_external_data=False).graph.node
    )
    for name in sorted(names):
        old, new = before.run([name], feed)[0], after.run([name], given)[0]
        if isinstance(old, list):  # of a ZipMap: a map per sample
            old = np.asarray([[entry[key] for key in sorted(entry)] for entry in old])
        off = np.abs(old.astype(np.float64) - new.astype(np.float64)) > (2e-2 if rough else 1e-4) * max(
            1e-6, np.abs(old).max()
        )
        if off.mean() > (0.05 if quantized else 0):
            return Result(OFF, f"{name}: {off.mean():.0%} of the outputs differ")
    return Result(PASSED)


def _channels(folder: Path) -> Result:
    from drawplate.door import take_in
    from drawplate.model_file import load_model
    from drawplate.ort.session import open_session
    from drawplate.prune.cut import keep_channels
    from drawplate.prune.groups import find_groups
    from drawplate.prune.importance import most_important

    try:
        proto = take_in(load_model(folder / "model.onnx")).proto
        groups = find_groups(proto)
    except DrawplateError as error:
        return Result(REFUSED, error.message.splitlines()[0])
    if not groups:
        return Result(REFUSED, "no layer's channels can be cut")
    small = keep_channels(
        proto, {group.name: most_important(proto, group, max(1, group.size // 2)) for group in groups}
    )
    session = open_session(small, threads=1, exact=True)
    value = session.get_inputs()[0]
    shape = [size if isinstance(size, int) else 2 for size in value.shape]
    (out, *_) = session.run(None, {value.name: np.ones(shape, np.float32)})
    return Result(PASSED) if np.isfinite(out).all() else Result(OFF, "gives what is no number")
