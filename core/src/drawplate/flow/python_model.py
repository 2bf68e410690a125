# SPDX-License-Identifier: Apache-2.0
"""A model of the user's own code: ``[model] python = "module:factory"``, with or without a checkpoint."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from drawplate.errors import DrawplateError, FlowError, ModelError
from drawplate.flow.shape import shape_and_classes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    from drawplate.data import Dataset
    from drawplate.flow.model import Flow, ModelRef
    from drawplate.runner import Runner
    from drawplate.torch.exporter import Exported, ModuleExporter

WEIGHTS: Final = "weights"
"""Key of the checkpoint; every other key beside ``python`` is an argument of the factory."""


def exported_module(flow: Flow, ref: ModelRef, runner: Runner, dataset: Dataset | None) -> Exported:
    """Call the factory, load the checkpoint, and have whoever knows the module's layers export it.

    The factory runs with torch's random numbers seeded by the flow's ``seed``.

    Raises:
        FlowError: when the factory cannot be imported or called.
        ModelError: when the module cannot be exported, or the checkpoint does not fit it.
    """
    from attrs import evolve

    from drawplate.torch.exporter import Given
    from drawplate.torch.weights import load_weights

    arguments = dict(ref.arguments)
    about_data: dict[str, Any] = {key: arguments.pop(key) for key in ("shape", "classes") if key in arguments}
    checkpoint = arguments.pop(WEIGHTS, None)
    if checkpoint is not None and not isinstance(checkpoint, str):
        raise FlowError(f"weights = {checkpoint!r}", allowed='the name of a checkpoint, e.g. weights = "trained.pt"')
    module = _made(ref.what, flow.path.parent, arguments, flow.seed)
    exporter = _exporter_of(module, runner)
    notes: tuple[str, ...] = ()
    if checkpoint is not None:
        path = flow.path.parent / checkpoint
        notes = load_weights(module, path, lambda key: exporter.may_lack(module, key))
    shape, _ = shape_and_classes(about_data, dataset)  # mistakes in the model are told without data too
    given = Given(shape=shape, seed=flow.seed, fed=checkpoint is not None, items=first_items(dataset))
    found = exporter.export(module, given)
    return evolve(found, notes=(*notes, *found.notes))


def _made(what: str, folder: Path, arguments: dict[str, Any], seed: int) -> nn.Module:
    import torch

    factory = _imported(what, folder)
    try:
        with torch.random.fork_rng(devices=[]), _beside(folder):
            torch.manual_seed(seed)
            module = factory(**arguments)
    except DrawplateError:
        raise
    except Exception as error:
        raise FlowError(f"{what} raised {type(error).__name__}: {error}") from error
    if not isinstance(module, torch.nn.Module):
        raise ModelError(f"the factory returned {type(module).__name__}", allowed="a torch.nn.Module")
    return module


def _imported(what: str, folder: Path) -> Any:
    module_name, colon, name = what.partition(":")
    if not colon:
        raise FlowError(f"python = {what!r} is not understood", allowed='"module:factory"')
    try:
        with _beside(folder), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of libraries, about what else they could use
            return getattr(importlib.import_module(module_name), name)
    except (ImportError, AttributeError) as error:
        raise FlowError(f"{what} cannot be imported: {error}", hint="the flow file's folder is searched too") from error


@contextmanager
def _beside(folder: Path) -> Iterator[None]:
    """Let a flow's own folder be searched for modules."""
    place = str(folder.absolute())
    sys.path.insert(0, place)
    try:
        yield
    finally:
        sys.path.remove(place)


def _exporter_of(module: nn.Module, runner: Runner) -> ModuleExporter:
    return exporter_of(module, runner.plugins.contributions("module_exporters"))


def exporter_of(module: nn.Module, offered: Mapping[str, ModuleExporter]) -> ModuleExporter:
    """Return who exports a module: the first of those offered that takes it, else torch's own exporter."""
    from drawplate.torch.exporter import TorchExporter

    return next((exporter for exporter in offered.values() if exporter.takes(module)), TorchExporter())


def first_items(dataset: Dataset | None) -> Any:
    """Return what gives the first so many training items, normalised; None without data."""
    if dataset is None:
        return None

    def first(count: int) -> NDArray[Any]:
        return dataset.normalisation.apply(dataset.split("train").x[:count])

    return first
