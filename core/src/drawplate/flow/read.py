# SPDX-License-Identifier: Apache-2.0
"""Reading a flow file: its shape is checked here, its meaning in :mod:`drawplate.flow.plan`."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from drawplate.errors import FlowError, nearest
from drawplate.files import read_regular
from drawplate.flow.model import Flow, ModelRef, StepSpec
from drawplate.flow.override import apply_overrides, read_settings
from drawplate.flow.table import MAX_BYTES, MAX_SEED, MAX_STEPS, check_name, check_table, check_text

TOP_KEYS = ("title", "seed", "model", "models", "data", "step")
STEP_KEYS = ("use", "name", "on", "teachers", "only", "for_each", "options_from")
MODEL_KINDS = ("onnx", "zoo", "python")


def read_flow(path: Path, overrides: Iterable[str] = (), seed: int | None = None) -> Flow:
    """Read a flow file.

    Args:
        path: the TOML file.
        overrides: ``step.key=value``, ``model.key=value`` or ``data.key=value``.
        seed: instead of the file's ``seed``.

    Raises:
        FlowError: when it is not a flow; says where.
    """
    table = apply_overrides(read_table(path), read_settings(overrides), path.name)
    if seed is not None:
        table["seed"] = seed
    return flow_of(table, path)


def read_table(path: Path) -> dict[str, Any]:
    """Return what a flow file says, as plain values.

    Raises:
        FlowError: when it is not TOML, or holds what no flow does.
    """
    try:
        text = read_regular(path, MAX_BYTES, FlowError).decode("utf-8")
        check_text(text, path.name)
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise FlowError("is not UTF-8 text", where=str(path)) from error
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise FlowError(f"is not TOML: {error}", where=str(path)) from error
    check_table(table, path.name)
    return table


def flow_of(table: Mapping[str, Any], path: Path) -> Flow:
    """Make a flow of a parsed file.

    Raises:
        FlowError: when keys are missing, unknown or of a wrong type.
    """
    check_table(table, path.name)
    reader = _Reader(path.name)
    reader.check_keys(table, TOP_KEYS, path.name)
    if "model" not in table:
        raise FlowError("has no [model]", where=path.name, hint='add [model] with zoo = "mlp", onnx = "FILE" or python')
    seed = reader.get(table, "seed", int, path.name, default=0)
    if not 0 <= seed < MAX_SEED:
        raise FlowError(f"is {seed}", where=f"{path.name}, key 'seed'", allowed=f"0 to {MAX_SEED - 1}")
    models = {"model": reader.model("model", table["model"], "[model]")}
    for name, entry in reader.get(table, "models", dict, path.name, default={}).items():
        models[name] = reader.model(name, entry, f"[models.{name}]")
    steps = tuple(
        reader.step(number, entry)
        for number, entry in enumerate(reader.get(table, "step", list, path.name, default=[]), start=1)
    )
    if not steps:
        raise FlowError("has no [[step]]", where=path.name, hint='add [[step]] with use = "fit"')
    if len(steps) > MAX_STEPS:
        raise FlowError(f"has {len(steps)} steps", where=path.name, allowed=f"at most {MAX_STEPS}")
    reader.check_names(models, steps)
    data = reader.get(table, "data", dict, path.name, default=None)
    return Flow(path=path, table=copy.deepcopy(dict(table)), models=models, data=data, steps=steps, seed=seed)


def refuse_code(flow: Flow, plugin_files: Sequence[Path]) -> None:
    """Refuse a flow that would run code of its own, beside that of installed packages.

    Raises:
        FlowError: for a model of ``python = "module:factory"``, or a plugin file.
    """
    for name, ref in flow.models.items():
        if ref.kind == "python":
            key = "[model]" if name == "model" else f"[models.{name}]"
            raise FlowError(
                f"runs code: python = {ref.what!r}",
                where=f"{flow.path.name}, {key}",
                hint="read that code, then leave --no-code out; or export the model to ONNX",
            )
    for path in plugin_files:
        raise FlowError("is code", where=f"--plugin {path}", hint="read it, then leave --no-code out")


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file

    def check_keys(self, table: Any, allowed: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in allowed:
                raise FlowError(f"unknown key {key!r}", where=where, allowed=allowed, meant=nearest(key, allowed))

    def get(self, table: Mapping[str, Any], key: str, kind: type, where: str, default: Any) -> Any:
        value = table.get(key, default)
        if value is default:
            return value
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            if kind is list and isinstance(value, dict):
                raise FlowError(
                    f"[{key}] is one table", where=where, hint=f"write [[{key}]], with two brackets, for each step"
                )
            names = {int: "an integer", str: "a string", list: "a list of tables", dict: "a table"}
            raise FlowError(f"is {value!r}", where=f"{where}, key {key!r}", allowed=names[kind])
        return value

    def model(self, name: str, table: Any, key: str) -> ModelRef:
        where = f"{self.file}, {key}"
        check_name(name, where)
        if not isinstance(table, dict):
            raise FlowError(f"is {table!r}", where=where, allowed="a table")
        kinds = [kind for kind in MODEL_KINDS if kind in table]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            raise FlowError(f"needs exactly one source, has {found}", where=where, allowed=MODEL_KINDS)
        what = self.get(table, kinds[0], str, where, default="")
        arguments = {key: value for key, value in table.items() if key != kinds[0]}
        return ModelRef(name=name, kind=kinds[0], what=what, arguments=arguments)

    def step(self, number: int, table: Any) -> StepSpec:
        where = f"{self.file}, step {number}"
        if not isinstance(table, dict):
            raise FlowError(f"is {table!r}", where=where, allowed="a table")
        if "use" not in table:
            raise FlowError("has no 'use'", where=where, hint="drawplate plugins lists the steps")
        use = self.get(table, "use", str, where, default="")
        name = self.get(table, "name", str, where, default=use)
        check_name(name, where)
        return StepSpec(
            number=number,
            use=use,
            name=name,
            on=self.get(table, "on", str, where, default=""),
            teachers=self.strings(table, "teachers", where),
            only=self.strings(table, "only", where),
            for_each=self.get(table, "for_each", str, where, default=None),
            options_from=self.get(table, "options_from", str, where, default=None),
            options={key: value for key, value in table.items() if key not in STEP_KEYS},
        )

    def strings(self, table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise FlowError(f"is {value!r}", where=f"{where}, key {key!r}", allowed="a list of strings")
        return tuple(value)

    def check_names(self, models: Mapping[str, ModelRef], steps: tuple[StepSpec, ...]) -> None:
        known = list(models)
        for step in steps:
            where = f"{self.file}, {step.label}"
            wanted = [("on", step.on)] if step.on else []
            wanted += [("options_from", step.options_from)] if step.options_from else []
            wanted += [("teachers", name) for name in step.teachers if not name.startswith("file:")]
            for key, name in wanted:
                if name not in known:
                    raise FlowError(
                        f"there is no model or earlier step {name!r}",
                        where=f"{where}, key {key!r}",
                        allowed=known,
                        meant=nearest(name, known),
                    )
            if step.for_each not in (None, "front"):
                raise FlowError(f"is {step.for_each!r}", where=f"{where}, key 'for_each'", allowed="front")
            if step.name in known:
                raise FlowError(
                    f"the name {step.name!r} is taken", where=where, hint="give the step another one with 'name'"
                )
            known.append(step.name)
