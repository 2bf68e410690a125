# SPDX-License-Identifier: Apache-2.0
"""Step ``fold``: set PE and SIMD of every layer for a part's budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from drawplate import Artifact, Card, Form, Job, Preview, Verb, hookimpl
from drawplate.search import Choice, OptionGenes, SearchSpace
from drawplate_target_z7020.fold_options import FoldOptions

if TYPE_CHECKING:
    from drawplate_dataflow.network import LayerFolding


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="choose PE and SIMD of every layer for a part's budget",
        options={Verb.COMPRESS: FoldOptions},
        accepts={Form.DATAFLOW},
        returns=Form.DATAFLOW,
    )


@hookimpl
def search_spaces() -> Mapping[str, SearchSpace]:
    """Let searches choose the rate; PE and SIMD of every layer follow from it exactly, with the least area."""
    rates = Choice((3e3, 1e4, 3e4, 1e5, 3e5, 1e6), ordered=True)
    space = OptionGenes(genes={"fold.target_fps": rates}, baseline={"fold.target_fps": 1e4})
    return {"folding": SearchSpace(summary="rate that PE and SIMD are chosen for", open=lambda _model, _job: space)}


def _said(folding: LayerFolding) -> str:
    named = {"PE": folding.pe, "SIMD": folding.simd, "PE in DSP48E1": folding.dsp_pe}
    return ", ".join(f"{key} = {value}" for key, value in named.items() if value)


def _fold(model: Artifact, options: FoldOptions, job: Job) -> tuple[Artifact, tuple[str, ...]]:
    from drawplate_dataflow.cost import load_model
    from drawplate_dataflow.folding import Problem
    from drawplate_dataflow.folding.nodes import write_foldings
    from drawplate_dataflow.reading import read
    from drawplate_target_z7020.decide import decide

    network = read(model)
    decision = decide(Problem(network, load_model()), options)
    proto = model.proto()
    write_foldings(proto, network.folded(decision.foldings))
    folded = job.save(proto, Form.DATAFLOW, parents=[model])
    lines = [f"{name}: {_said(folding)}" for name, folding in decision.foldings.items()]
    return folded, (*decision.notes, *lines)


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
