# SPDX-License-Identifier: Apache-2.0
"""Making the models that a flow starts from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.artifact import Artifact, Form, TensorSpec
from drawplate.errors import DrawplateError, FlowError, ModelError, nearest
from drawplate.flow.model import Flow, ModelRef
from drawplate.flow.shape import shape_and_classes
from drawplate.runner import Runner
from drawplate.task import task_of

if TYPE_CHECKING:
    from drawplate.data import Dataset
    from drawplate.door import Entered, Wish


@frozen
class Given:
    """A model that a flow starts from."""

    artifact: Artifact
    changes: tuple[str, ...]
    """What was changed at the door."""


def make_model(flow: Flow, ref: ModelRef, runner: Runner) -> Given:
    """Read or build a model, tidy it, note how its input is normalised, check it against the data, and keep it.

    Raises:
        FlowError, ModelError: when that cannot be done.
    """
    where = f"{flow.path.name}, [{ref.name if ref.name == 'model' else 'models.' + ref.name}]"
    dataset = runner.dataset() if flow.data is not None else None
    try:
        entered = _MAKERS[ref.kind](flow, ref, runner, dataset)
    except DrawplateError as error:
        raise error.at(where) from error
    return _kept(entered, dataset, runner, where)


def read_file(path: Path, dataset: Dataset | None, runner: Runner, where: str) -> Given:
    """Take an ONNX file from outside into the store.

    Raises:
        ModelError: when it cannot be read, or does not fit the data.
    """
    try:
        entered = _taken_in(path, _wish(dataset))
    except DrawplateError as error:
        raise error.at(where) from error
    return _kept(entered, dataset, runner, f"{where} {str(path)!r}")


def _kept(entered: Entered, dataset: Dataset | None, runner: Runner, where: str) -> Given:
    proto = entered.proto
    if dataset is not None:
        from drawplate.data import record_normalisation
        from drawplate.door import normalisation_behind

        record_normalisation(proto, normalisation_behind(proto, dataset.normalisation))
    artifact = runner.session.store.put_model(proto)
    if dataset is not None:
        check_fits(artifact, dataset, where)
        _check_items(artifact, where)
    return Given(artifact, entered.changes)


def _check_items(model: Artifact, where: str) -> None:
    from drawplate.door import refuse_mixing

    if model.form is Form.DATAFLOW:
        return
    try:
        refuse_mixing(model.proto())
    except ModelError as error:
        raise error.at(where) from error


def _wish(dataset: Dataset | None, **more: Any) -> Wish:
    from drawplate.door import Wish

    if dataset is None:
        return Wish(**more)
    return Wish(data=tuple(dataset.shape), task=dataset.task.kind.value, **more)


def _read_onnx(flow: Flow, ref: ModelRef, _runner: Runner, dataset: Dataset | None) -> Entered:
    return _taken_in(flow.path.parent / ref.what, _wish(dataset, **_file_keys(ref)))


def _taken_in(path: Path, wish: Wish) -> Entered:
    from drawplate.door import take_in
    from drawplate.model_file import load_model

    proto = load_model(path)
    try:
        return take_in(proto, wish)
    except DrawplateError as error:
        raise error.at(path.name) from error


TASK_KEYS = ("shape", "classes")
"""What the data tell, and a flow without data says of a model that is built."""
FILE_KEYS = ("shape", "outputs", "keep_dropout")
"""What a flow may say of a model file beside its name."""


def _file_keys(ref: ModelRef) -> dict[str, Any]:
    unknown = [key for key in ref.arguments if key not in FILE_KEYS]
    if unknown:
        raise FlowError(
            f"unknown key {unknown[0]!r}", allowed=("onnx", *FILE_KEYS), meant=nearest(unknown[0], FILE_KEYS)
        )
    found: dict[str, Any] = {}
    if "shape" in ref.arguments:
        shape = ref.arguments["shape"]
        whole = isinstance(shape, list) and shape and all(type(n) is int and n > 0 for n in shape)
        if not whole:
            raise FlowError(f"shape = {shape!r}", allowed="the sizes of one sample, e.g. shape = [3, 32, 32]")
        found["shape"] = tuple(shape)
    if "outputs" in ref.arguments:
        names = ref.arguments["outputs"]
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise FlowError(f"outputs = {names!r}", allowed='names of outputs, e.g. outputs = ["logits"]')
        found["outputs"] = tuple(names)
    if "keep_dropout" in ref.arguments:
        found["keep_dropout"] = _whether(ref.arguments["keep_dropout"])
    return found


def _whether(value: Any) -> bool:
    if not isinstance(value, bool):
        raise FlowError(f"keep_dropout = {value!r}", allowed="true or false")
    return value


def _build_zoo(flow: Flow, ref: ModelRef, runner: Runner, dataset: Dataset | None) -> Entered:
    from drawplate.door import Entered
    from drawplate.options import read_options

    architectures = runner.plugins.contributions("architectures")
    if ref.what not in architectures:
        raise FlowError(
            f"there is no architecture {ref.what!r}",
            allowed=sorted(architectures),
            meant=nearest(ref.what, architectures),
        )
    architecture = architectures[ref.what]
    given = {key: value for key, value in ref.arguments.items() if key not in TASK_KEYS}
    options = read_options(architecture.options, given, f"zoo model {ref.what!r}")
    shape, classes = shape_and_classes(dict(ref.arguments), dataset)
    return Entered(architecture.build(options, shape=shape, classes=classes, seed=flow.seed), ())


def _build_python(flow: Flow, ref: ModelRef, runner: Runner, dataset: Dataset | None) -> Entered:
    from attrs import evolve

    from drawplate.door import take_in
    from drawplate.flow.python_model import exported_module

    exported = exported_module(flow, ref, runner, dataset)
    entered = take_in(exported.proto, _wish(dataset, keep_dropout=True))
    return evolve(entered, changes=(*exported.notes, *entered.changes))


_MAKERS: Mapping[str, Callable[[Flow, ModelRef, Runner, Dataset | None], Entered]] = {
    "onnx": _read_onnx,
    "zoo": _build_zoo,
    "python": _build_python,
}


def check_fits(model: Artifact, dataset: Dataset, where: str) -> None:
    """Check that the data can be fed to a model, and that it has as many outputs as their task asks for.

    Raises:
        ModelError: when not.
    """
    if len(model.inputs) != 1 or not model.outputs:
        names = ", ".join(spec.name for spec in model.inputs)
        raise ModelError(f"has {len(model.inputs)} inputs ({names})", where=where, allowed="one input, one output")
    wanted = tuple(dataset.shape)
    if not _same_shape(model.inputs[0], wanted):
        raise ModelError(
            f"input {model.inputs[0].name!r} has shape {list(model.inputs[0].shape)}, but items of {dataset.name} are "
            f"{list(wanted)}",
            where=where,
            hint=_reshape_hint(model.inputs[0], wanted),
        )
    try:
        task_of(model, dataset)
    except ModelError as error:
        raise error.at(where) from error


def _same_shape(spec: TensorSpec, image: tuple[int, ...]) -> bool:
    given = spec.shape[1:]
    return len(given) == len(image) and all(isinstance(a, str) or a == b for a, b in zip(given, image, strict=True))


def _reshape_hint(spec: TensorSpec, item: tuple[int, ...]) -> str | None:
    given = [size for size in spec.shape[1:] if isinstance(size, int)]
    if len(given) == len(spec.shape) - 1 and math.prod(given) == math.prod(item):
        return f"say shape = {given} in [data]"
    return None
