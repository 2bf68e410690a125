# SPDX-License-Identifier: Apache-2.0
"""Measuring on a Luxonis OAK through DepthAI 3, in a process of its own.  Not tried on a device yet.

Latency is a round trip from this host: one frame sent, its result received.  For the rate, a second frame is sent
before the first result is taken.
"""

from __future__ import annotations

import time
from typing import Any

from drawplate_worker import UserError  # type: ignore[import-not-found]

WARMUP = 20


def measure(blob: str, runs: int) -> dict[str, Any]:
    """Run a blob on the first OAK that answers."""
    import depthai as dai

    network = dai.OpenVINO.Blob(blob)
    try:
        device = dai.Device()
    except RuntimeError as error:
        raise UserError(f"no OAK answers: {error}", hint="see drawplate doctor") from error
    with dai.Pipeline(device) as pipeline:
        node = pipeline.create(dai.node.NeuralNetwork)
        node.setBlob(network)
        node.setNumInferenceThreads(2)
        send, receive = node.input.createInputQueue(), node.out.createOutputQueue()
        pipeline.start()
        frame = _frame(dai, network)
        for _ in range(WARMUP):
            _round_trip(send, receive, frame)
        latencies = [_round_trip(send, receive, frame) for _ in range(runs)]
        return {"latencies_ms": latencies, "fps": _rate(send, receive, frame, runs), "device": device.getDeviceName()}


def _frame(dai: Any, network: Any) -> Any:
    """Zeros for every input; what they are does not change how long the network takes."""
    import numpy as np

    kinds = {"FP16": np.float16, "U8F": np.uint8, "FP32": np.float32, "INT": np.int32, "I8": np.int8}
    frame = dai.NNData()
    for name, info in network.networkInputs.items():
        frame.addTensor(name, np.zeros(info.dims[::-1], kinds[info.dataType.name]))
    return frame


def _round_trip(send: Any, receive: Any, frame: Any) -> float:
    started = time.perf_counter()
    send.send(frame)
    receive.get()
    return (time.perf_counter() - started) * 1e3


def _rate(send: Any, receive: Any, frame: Any, runs: int) -> float:
    send.send(frame)
    started = time.perf_counter()
    for _ in range(runs):
        send.send(frame)
        receive.get()
    seconds = time.perf_counter() - started
    receive.get()
    return runs / seconds
