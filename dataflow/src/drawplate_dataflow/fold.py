# SPDX-License-Identifier: Apache-2.0
"""Step ``fold``: set PE and SIMD of every layer for the budget of the target that the model goes on to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from drawplate import Artifact, Card, Form, Job, Preview, Verb, hookimpl
from drawplate.search import Choice, OptionGenes, SearchSpace
from drawplate_dataflow.folding.options import FoldOptions

if TYPE_CHECKING:
    from drawplate_dataflow.network import LayerFolding


def _board(options: FoldOptions) -> tuple[str, ...] | None:
    return None if options.board is None else (options.board,)


def _target(options: FoldOptions) -> tuple[str, ...] | None:
    return None if options.target is None else (options.target,)


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="choose PE and SIMD of every layer for the budget of the target that follows",
        options={Verb.COMPRESS: FoldOptions},
        accepts={Form.DATAFLOW},
        returns=Form.DATAFLOW,
        consults={"boards": _board, "technologies": _target, "wrappers": _target, "dataflow_layers": None},
    )


@hookimpl
def search_spaces() -> Mapping[str, SearchSpace]:
    """Let searches choose the rate; PE and SIMD of every layer follow from it exactly, at the least price."""
    rates = Choice((3e3, 1e4, 3e4, 1e5, 3e5, 1e6), ordered=True)
    space = OptionGenes(genes={"fold.target_fps": rates}, baseline={"fold.target_fps": 1e4})
    return {"folding": SearchSpace(summary="rate that PE and SIMD are chosen for", open=lambda _model, _job: space)}


def _said(folding: LayerFolding) -> str:
    named = {"PE": folding.pe, "SIMD": folding.simd, "PE in multipliers": folding.dsp_pe}
    return ", ".join(f"{key} = {value}" for key, value in named.items() if value)


def _fold(model: Artifact, options: FoldOptions, job: Job) -> tuple[Artifact, tuple[str, ...]]:
    from drawplate_dataflow.cost import CostModel
    from drawplate_dataflow.folding.available import available
    from drawplate_dataflow.folding.clock import Clock
    from drawplate_dataflow.folding.decide import decide, given
    from drawplate_dataflow.folding.front import record_front
    from drawplate_dataflow.folding.nodes import write_foldings
    from drawplate_dataflow.folding.problem import Problem
    from drawplate_dataflow.reading import read

    network = read(model, job.contributions("dataflow_layers"))
    offered = (job.contributions(hook) for hook in ("boards", "technologies", "wrappers"))
    whole = available(options, network, *offered)
    found = given(network, options)
    if found is None:
        clock = Clock(options.time_limit)
        with job.progress("fold: estimating foldings", len(network.layers)) as bar:
            problem = Problem(
                network,
                CostModel(whole.technology),
                port=whole.port,
                wrapper=whole.wrapper,
                multipliers=int(whole.goal.budget.vector[3]),
                tell=bar.advance,
            )
        with job.progress("fold: searching", 1) as bar:
            found = decide(problem, options, whole, bar.advance, clock)
        if options.front and not job.dry:
            record_front(problem, found, options, whole, job)
    proto = model.proto()
    write_foldings(proto, network.folded(found.foldings))
    folded = job.save(proto, Form.DATAFLOW, parents=[model])
    lines = [f"{network.layer(name).said}: {_said(folding)}" for name, folding in found.foldings.items()]
    return folded, (*found.notes, *lines)


@hookimpl
def preview(model: Artifact, options: FoldOptions, job: Job) -> Preview:
    """Fold the untrained model: training changes thresholds and accumulators a little, but not the shapes."""
    folded, notes = _fold(model, options, job)
    return Preview(model=folded, notes=notes)


@hookimpl
def compress(model: Artifact, options: FoldOptions, job: Job) -> Artifact:
    """Return the model with PE, SIMD and ram_style set."""
    folded, notes = _fold(model, options, job)
    for note in notes:
        job.note(note)
    return folded
