# SPDX-License-Identifier: Apache-2.0
"""The contract: what a plugin may implement.  Every hook is optional; a step has a card and at least one verb.

One entry point in the group ``drawplate`` is one step: its name is the step's name, its value a module that
implements ``card`` and one hook per verb on the card.  Implementations may take fewer arguments than are
listed here.  A user's mistake is reported by raising :class:`drawplate.DrawplateError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from drawplate.artifact import Artifact, Front
    from drawplate.board import Board
    from drawplate.build import Build
    from drawplate.card import Card, Preview
    from drawplate.data.model import DatasetReader
    from drawplate.job import Job
    from drawplate.metric import Metric
    from drawplate.search.space import SearchSpace
    from drawplate.toolenv import ToolSpec
    from drawplate.zoo.architecture import Architecture

hookspec = pluggy.HookspecMarker("drawplate")
hookimpl = pluggy.HookimplMarker("drawplate")


@hookspec(firstresult=True)
def card() -> Card | None:
    """Describe the step.  Called often: imports nothing heavy."""


@hookspec(firstresult=True)
def preview(model: Artifact, teachers: tuple[Artifact, ...], options: Any, job: Job) -> Preview | None:
    """Check a model before any work is done, and say what the step would do.  Takes seconds.

    ``model`` has the graph that the step will get, but untrained weights; so have those ``teachers`` whose graphs
    are known by then.  Raise :class:`DrawplateError`,
    naming the layer, for a model that the step or target cannot handle.  Without this hook, a plan assumes that
    ``train`` keeps the graph and that nothing is known after ``compress``.
    """


@hookspec(firstresult=True)
def compress(model: Artifact, teachers: tuple[Artifact, ...], options: Any, job: Job) -> Artifact | Front | None:
    """Return a smaller model of the same task, or a front of them; a search passes ``teachers`` on."""


@hookspec(firstresult=True)
def train(model: Artifact, teachers: tuple[Artifact, ...], options: Any, job: Job) -> Artifact | None:
    """Return the same graph with new initializers."""


@hookspec(firstresult=True)
def export(model: Artifact, options: Any, job: Job) -> Build | None:
    """Make the files that a target runs."""


@hookspec(firstresult=True)
def measure(subject: Artifact | Build, options: Any, job: Job) -> tuple[Metric, ...] | None:
    """Find out figures, each with its source.  A step that also exports measures its build."""


@hookspec
def tools() -> tuple[ToolSpec, ...]:
    """Programs and tool environments that the plugin's steps need; ``drawplate doctor`` lists them."""


@hookspec
def datasets() -> Mapping[str, DatasetReader]:
    """Data sets by the name that ``[data]`` uses."""


@hookspec
def architectures() -> Mapping[str, Architecture]:
    """Model builders by the name that ``[model] zoo`` uses."""


@hookspec
def torch_ops() -> Mapping[tuple[str, str], Any]:
    """Operators for the ONNX-to-torch bridge: ``(domain, op_type)`` to handler (see ``drawplate.torch``)."""


@hookspec
def dataflow_layers() -> Mapping[str, Any]:
    """Kinds of layers of integer networks, by operator of a DATAFLOW graph (see ``drawplate_dataflow``)."""


@hookspec
def module_exporters() -> Mapping[str, Any]:
    """Exporters of torch modules with layers of their own, by name (see ``drawplate.torch.exporter``)."""


@hookspec
def distillation_methods() -> Mapping[str, Any]:
    """Distillation methods by the name that ``distill`` uses."""


@hookspec
def search_spaces() -> Mapping[str, SearchSpace]:
    """Search spaces by the name that ``evolve`` uses."""


@hookspec
def boards() -> Mapping[str, Board]:
    """Boards by the name that options use: rows of data, with what a design may use of each."""


@hookspec
def technologies() -> Mapping[str, Any]:
    """Device families by the step that builds for them (``drawplate_dataflow.technology.Technology``)."""


@hookspec
def wrappers() -> Mapping[str, Any]:
    """What surrounds a network on the boards of a step, by the step (``drawplate_dataflow.host.MakeWrapper``)."""
