# SPDX-License-Identifier: Apache-2.0
"""What the OpenVINO 2021.4.2 tool environment answers: JSON in, JSON out, models, blobs and images as files.

Runs under Python 3.9.  The Myriad plugin compiles without a device: with a cache folder set, ``load_network`` writes
the blob there before it fails for want of a device.  Whether a blob lies in the folder is the test of success, not the
exception.
"""

from __future__ import annotations

import ctypes
import functools
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from drawplate_worker import UserError  # type: ignore[import-not-found]

WARMUP = 20  # inferences that are not timed
MAGIC = b"\x7felf"  # of the blob proper, behind the one line that OpenVINO's cache writes before it
OFFLINE = {
    "VPU_MYRIAD_PLATFORM": "VPU_MYRIAD_2480",
    # A negative timeout is taken for a failed boot, and compilation goes on without waiting five seconds for a device.
    "MYRIAD_DEVICE_CONNECT_TIMEOUT": "-1",
}

FULL_PRECISION = {"ENFORCE_BF16": "NO"}  # else the CPU plugin computes in bfloat16 wherever the processor has it


def probe() -> dict[str, str]:
    """Load the Myriad plugin and say which versions answer."""
    versions = _core().get_versions("MYRIAD")["MYRIAD"]
    return {"openvino": versions.build_number}


def compile_blob(source: str, target: str, config: dict[str, str], u8_input: bool, fp16_output: bool) -> dict[str, Any]:
    """Compile an ONNX file for a Myriad X and write the raw blob.

    Answers with the stages in the order in which they run (see ``stage_names``) and the memory used, or with what the
    compiler said against the network: ``{"refused": text}``.
    """
    folder = Path(tempfile.mkdtemp(prefix="compile-", dir=Path(target).parent))
    try:
        network = _read(source)
        _set_precisions(network, u8_input, fp16_output)
        graph = folder / "graph.dot"
        settings = {**OFFLINE, **config, "MYRIAD_DUMP_ALL_PASSES": "NO"}
        settings["MYRIAD_DUMP_INTERNAL_GRAPH_FILE_NAME"] = str(graph)
        core = _core()
        core.set_config({"CACHE_DIR": str(folder)}, "")
        said = ""
        try:
            core.load_network(network, "MYRIAD", settings)
        except Exception as error:  # noqa: BLE001 - it always fails without a device; OpenVINO's errors share no base
            said = str(error)
        blobs = sorted(folder.glob("*.blob"))
        if not blobs:
            return {"refused": said}
        data = blobs[0].read_bytes()
        Path(target).write_bytes(data[data.index(MAGIC) :])
        dump = graph.read_text(errors="replace") if graph.exists() else ""
        return {"stages": stage_names(dump), "memory": used_memory(dump)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def query(source: str) -> list[dict[str, str]]:
    """Return name and nGraph type of the layers that the Myriad plugin doubts; not all of them rightly."""
    from _pyngraph import Function  # type: ignore[import-not-found]  # the package around it needs setuptools

    network = _read(source)
    supported = _core().query_network(network, "MYRIAD", OFFLINE)
    operations = Function.from_capsule(network._get_function_capsule()).get_ordered_ops()  # noqa: SLF001 - ngraph's own way
    layers = [(op.get_friendly_name(), op.get_type_name()) for op in operations]
    return [{"name": name, "type": kind} for name, kind in layers if name not in supported and kind not in _ENDS]


def execute(source: str, inputs: str, outputs: str) -> dict[str, list[int]]:
    """Run a network, as this OpenVINO reads it, on the CPU in FP32: images as .npz by input name, results the same."""
    import numpy as np

    network = _read(source)
    runnable = _core().load_network(network, "CPU", FULL_PRECISION)
    with np.load(inputs) as given:
        results = runnable.infer({name: given[name] for name in given.files})
    np.savez(outputs, **results)
    return {name: list(value.shape) for name, value in results.items()}


def measure(blob: str, runs: int) -> dict[str, Any]:
    """Run a blob on an attached NCS2: single inferences, the rate of two in flight, layers as the device times them."""
    core = _core()
    if not any(name.startswith("MYRIAD") for name in core.available_devices):
        raise UserError("no NCS2 answers", hint="see drawplate doctor")
    single = core.import_network(blob, "MYRIAD", {"PERF_COUNT": "YES"}, 1)
    feed = _feed(single)
    for _ in range(WARMUP):
        single.infer(feed)
    latencies = []
    for _ in range(runs):
        started = time.perf_counter()
        single.infer(feed)
        latencies.append((time.perf_counter() - started) * 1e3)
    counters = single.requests[0].get_perf_counts()
    celsius = float(single.get_metric("DEVICE_THERMAL"))
    del single
    layers = [
        {"layer": name, "type": entry["layer_type"], "ms": entry["real_time"] / 1e3}
        for name, entry in counters.items()
        if entry["status"] == "EXECUTED"
    ]
    rate = _rate(core.import_network(blob, "MYRIAD", {}, 2), feed, runs)
    return {"latencies_ms": latencies, "fps": rate, "layers": layers, "celsius": celsius, "device": "NCS2"}


def _feed(network: Any) -> dict[str, Any]:
    import numpy as np

    kinds = {"FP32": np.float32, "FP16": np.float16, "U8": np.uint8}
    inputs = network.input_info.items()
    return {name: np.zeros(info.input_data.shape, kinds[info.input_data.precision]) for name, info in inputs}


def _rate(network: Any, feed: dict[str, Any], runs: int) -> float:
    """Inferences per second with two requests in flight."""
    requests = network.requests
    for request in requests:
        request.async_infer(feed)
    started = time.perf_counter()
    for index in range(runs):
        request = requests[index % len(requests)]
        request.wait()
        request.async_infer(feed)
    seconds = time.perf_counter() - started
    for request in requests:
        request.wait()
    return runs / seconds


def stage_names(graph: str) -> list[dict[str, str]]:
    """Read the compiler's dump of its final graph: the layer and type of every stage that runs, in order."""
    stages = {}
    for label in re.findall(r'label="\[(-?\d+) / -?\d+\] Stage (.*)"', graph):
        index, lines = int(label[0]), label[1].split("\\l")
        # what the compiler adds at the ends is called after the input or output that it serves, e.g. "input@FP16"
        own = lines[0].partition("@")[0]
        kind = next((line[len("type = ") :] for line in lines if line.startswith("type = ")), "")
        layer = re.search(r"origLayer = \[\\l    name = (.*?)\\l", label[1])
        if index >= 0:
            stages[index] = {"layer": layer.group(1) if layer else own, "type": kind}
    return [stages[index] for index in sorted(stages)]


def used_memory(graph: str) -> dict[str, int]:
    """Read from the same dump how many bytes of each kind of memory the network uses."""
    found = re.search(r"usedMemory = \[\\l(.*?)\]", graph)
    pairs = re.findall(r"(\w+) = (\d+)", found.group(1)) if found else []
    return {name: int(size) for name, size in pairs}


_ENDS = frozenset({"Parameter", "Result", "Constant"})


def _read(source: str) -> Any:
    try:
        return _core().read_network(source)
    except Exception as error:
        raise UserError(f"OpenVINO 2021.4.2 cannot read it: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _set_precisions(network: Any, u8_input: bool, fp16_output: bool) -> None:
    if u8_input:
        for value in network.input_info.values():
            value.precision = "U8"
    if fp16_output:
        for value in network.outputs.values():
            value.precision = "FP16"


@functools.cache
def _core() -> Any:
    """Make OpenVINO's core once.  Its Myriad plugin links to a libusb that the system may lack: load the wheel's."""
    import libusb_package  # type: ignore[import-not-found]

    ctypes.CDLL(str(libusb_package.get_library_path()), mode=ctypes.RTLD_GLOBAL)
    from openvino.inference_engine import IECore

    return IECore()
