# SPDX-License-Identifier: Apache-2.0
"""Options of the step ``myriadx``."""

from __future__ import annotations

from attrs import frozen

from drawplate.options import option


@frozen(kw_only=True)
class ExportOptions:
    """What the blob is compiled for."""

    device: str = option("Device that the blob is for.", default="ncs2", choices=("ncs2", "oak"))
    input: str | None = option(
        "What the network takes: normalised floats, or bytes with the normalisation folded in; bytes on an OAK.",
        default=None,
        choices=("float", "bytes"),
    )
    shaves: int | None = option(
        "SHAVE cores of one network: 8 on an OAK, else the compiler's choice for its streams.",
        default=None,
        at_least=1,
        at_most=16,
    )
    cmx_slices: int | None = option(
        "Slices of 128 KB of the chip's memory for one network; as many as SHAVE cores where left out.",
        default=None,
        at_least=1,
        at_most=19,
    )
    streams: int | None = option(
        "Networks that run side by side, sharing SHAVE cores and memory: 2 on an NCS2, 1 on an OAK.",
        default=None,
        at_least=1,
        at_most=3,
    )
    activations: str = option(
        "Quantizers of activations in a QONNX model: written out value for value, or only their saturation kept.",
        default="round",
        choices=("round", "clip"),
    )


@frozen(kw_only=True)
class MeasureOptions:
    """What is found out."""

    accuracy: bool = option("Whether the task's metrics are measured in FP16 on the test split, here.", default=True)
    limit: int | None = option("Measure them on the first so many test images.", default=None, at_least=1)
    threads: int = option("Threads of this host for them.", default=1, at_least=1, at_most=1024)
    run: str = option(
        "Latency: measured where a device answers (auto), always estimated, or measured and nothing else (device).",
        default="auto",
        choices=("auto", "estimate", "device"),
    )
    runs: int = option("Timed inferences on a device.", default=200, at_least=10)
