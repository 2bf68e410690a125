# SPDX-License-Identifier: Apache-2.0
"""What a plan finds out about a network and a board, without a tool."""

from __future__ import annotations

from drawplate import Artifact, Job, Preview
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.reading import read
from drawplate_target_ecp5.board import wrap
from drawplate_target_ecp5.boards import find_board
from drawplate_target_ecp5.ecp5_options import ExportOptions
from drawplate_target_ecp5.evidence import estimated
from drawplate_target_ecp5.technology import ECP5


def planned(model: Artifact, options: ExportOptions, job: Job) -> Preview:
    """Read the network, estimate it, and put the wrapper around it.

    Raises:
        FlowError: when the board has no such clock, or the clock no such line.
        ModelError: when a layer cannot be built; names it.
    """
    board = find_board(options.board)
    network = read(model, job.contributions("dataflow_layers"))
    metrics = estimated(network, options, board)
    wrapped = wrap(generate(network, ECP5), board, options.clock_mhz, options.baud)
    value = {metric.name: metric.value for metric in metrics if metric.layer is None}
    told = {metric.name: metric.note for metric in metrics if metric.layer is None}
    verdict = "fits" if value["fits"] else "does not fit"
    within = "" if options.embedded else ", the wrapper's among them"
    taken = f"{value['lut4']:,.0f} LUT4{within}, {value['dp16kd']:,.0f} DP16KD, {value['cycles']:,.0f} cycles"
    notes = [f"estimated {taken}: {verdict} {board.device}"]
    if options.embedded:
        carried = f"the line at {wrapped.link.baud:,} baud carries {value['link_fps']:,.0f} FPS"
        notes.append(f"{carried}, the design computes {value['fps']:,.0f}")
    elif " port, " in told["cycles"]:
        notes.append(f"{value['fps']:,.0f} FPS: {told['cycles']}")
    return Preview(model=model, metrics=metrics, notes=tuple(notes))
