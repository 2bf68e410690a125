# SPDX-License-Identifier: Apache-2.0
"""A flow said step by step: ``Model("net.onnx", data="digits").quantize(weight_bits=3).fit(epochs=5).run()``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, fields, frozen

from drawplate.api import html
from drawplate.api.calls import PathLike, plan, run, sweep
from drawplate.api.flows import plain
from drawplate.api.origin import Origin, origin_table
from drawplate.api.planned import Planned
from drawplate.api.result import RunResult
from drawplate.api.swept import SweepResult
from drawplate.engine import DEFAULT_STORE, open_store
from drawplate.errors import FlowError, nearest
from drawplate.flow.read import STEP_KEYS


@frozen(init=False, repr=False)
class Model:
    """A model, data, and the steps that it is to go through.  Immutable: every call returns a longer one.

    Every step that is installed is a method: its options are the keyword arguments, and ``name``, ``on``, ``teachers``,
    ``only``, ``for_each`` and ``options_from`` are those of ``[[step]]``.  A teacher may be another :class:`Model`
    without steps, or a file.

    Args:
        origin: an ONNX file, a ``ModelProto``, or a ``torch.nn.Module`` (trained or not); None with ``zoo``.
        data: a data set's name, or a ``[data]`` table, which may hold arrays.
        store: folder of results.
        plugins: unpackaged plugins, files.
        name: the run's id begins with it.
        seed: of everything random.
        model: keys of ``[model]``: ``zoo`` and its options, or ``shape`` and ``outputs`` of a file.  A module needs
            ``shape``, of one item, where there are no data.

    Raises:
        FlowError: when there is no model, or more than one.
        ModelError: when a module cannot be exported.
    """

    model: Mapping[str, Any]
    models: Mapping[str, Any]
    data: Mapping[str, Any] | None
    steps: tuple[Mapping[str, Any], ...]
    seed: int
    store: Path
    plugins: tuple[Path, ...]
    name: str = field(default="model")

    def __init__(
        self,
        origin: Origin = None,
        *,
        data: str | Mapping[str, Any] | None = None,
        store: PathLike = DEFAULT_STORE,
        plugins: Sequence[PathLike] = (),
        name: str = "model",
        seed: int = 0,
        **model: Any,
    ) -> None:
        if (origin is None) == ("zoo" not in model):
            raise FlowError("needs one model", where="Model", allowed='a file, a module, or zoo="mlp"')
        table = {"name": data} if isinstance(data, str) else data
        folder, files = Path(store), tuple(map(Path, plugins))
        made = plain(model) if origin is None else origin_table(origin, plain(model), table, folder, seed)
        self.__attrs_init__(
            model=made, models={}, data=table, steps=(), seed=seed, store=folder, plugins=files, name=name
        )

    def __getattr__(self, name: str) -> Callable[..., Model]:
        if name.startswith("_"):
            raise AttributeError(name)
        from drawplate.plugins import Plugins

        known = Plugins(self.plugins).step_names()
        if name not in known:
            meant = nearest(name, known)
            raise AttributeError(f"there is no step {name!r}{f'; did you mean {meant!r}?' if meant else ''}")

        def add(**options: Any) -> Model:
            return self.step(name, **options)

        add.__name__, add.__doc__ = name, f"Go on with the step {name}; its options are the keyword arguments."
        return add

    def __dir__(self) -> list[str]:
        from drawplate.plugins import Plugins

        return [*super().__dir__(), *Plugins(self.plugins).step_names()]

    def step(self, use: str, **options: Any) -> Model:
        """Return the model with one more step.

        Args:
            use: the step.
            options: its own, and ``name``, ``on``, ``teachers``, ``only``, ``for_each``, ``options_from``.
        """
        models = dict(self.models)
        teachers = [_teacher(teacher, models) for teacher in _listed(options.pop("teachers", ()))]
        keys = {key: options.pop(key) for key in STEP_KEYS if key in options}
        if teachers:
            keys["teachers"] = teachers
        return self._with(models=models, steps=(*self.steps, {"use": use, **plain(keys), **plain(options)}))

    def _with(self, **changed: Any) -> Model:
        made: Model = object.__new__(Model)
        values = {attribute.name: getattr(self, attribute.name) for attribute in fields(Model)}
        made.__attrs_init__(**{**values, **changed})
        return made

    @property
    def flow(self) -> dict[str, Any]:
        """What a flow's file would say; ``data`` as they were given."""
        parts = {"seed": self.seed, "model": self.model, "models": self.models, "data": self.data}
        return {**{key: value for key, value in parts.items() if value}, "step": list(self.steps)}

    def to_toml(self) -> str:
        """Return it as a flow's file; arrays are kept in the store, and named."""
        from drawplate.api.flows import flow_from
        from drawplate.report.flow_text import flow_text

        return flow_text(flow_from(self.flow, name=self.name, store=open_store(self.store), settings={}).table)

    def run(self, *, device: str = "cpu", workers: int = 0, quiet: bool = False, **settings: Any) -> RunResult:
        """Run it; arguments as those of :func:`drawplate.run`.

        Raises:
            DrawplateError: what is wrong, or what a step could not do.
        """
        return run(self.flow, device=device, workers=workers, quiet=quiet, **self._common(), **settings)

    def plan(self, **settings: Any) -> Planned:
        """Check it as a whole, without running it; see :func:`drawplate.plan`.

        Raises:
            DrawplateError: the first thing that is wrong.
        """
        return plan(self.flow, **self._common(), **settings)

    def sweep(
        self,
        over: Mapping[str, Sequence[Any]],
        *,
        device: str = "cpu",
        workers: int = 0,
        quiet: bool = False,
        **settings: Any,
    ) -> SweepResult:
        """Run it over a grid of options; see :func:`drawplate.sweep`.

        Raises:
            DrawplateError: when the first run's plan finds a mistake.
        """
        return sweep(self.flow, over, device=device, workers=workers, quiet=quiet, **self._common(), **settings)

    def _common(self) -> dict[str, Any]:
        return {"store": self.store, "plugins": self.plugins, "name": self.name}

    def __repr__(self) -> str:
        what = next(str(self.model[kind]) for kind in ("zoo", "onnx", "python") if kind in self.model)
        return " -> ".join([f"Model({what})", *(str(step["use"]) for step in self.steps)])

    def _repr_html_(self) -> str:
        rows = [
            (
                step.get("name", step["use"]),
                ", ".join(f"{key} = {value}" for key, value in step.items() if key != "use"),
            )
            for step in self.steps
        ]
        return html.table(("step", "options"), rows, repr(self))


def _listed(given: Any) -> Sequence[Any]:
    return given if isinstance(given, list | tuple) else (given,)


def _teacher(teacher: Any, models: dict[str, Any]) -> str:
    """Return how a step names a teacher; another model becomes one of the flow's."""
    if isinstance(teacher, Model):
        if teacher.steps:
            raise FlowError(
                "a teacher that is trained by steps of its own belongs to the same flow",
                where="teachers",
                hint="run it first, and give its file: teachers=[result.artifact.path]",
            )
        name = f"teacher{len(models) + 1}"
        models[name] = teacher.model
        return name
    if isinstance(teacher, os.PathLike) or str(teacher).endswith(".onnx"):
        return f"file:{os.fspath(teacher)}"
    return str(teacher)
