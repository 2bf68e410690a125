# SPDX-License-Identifier: Apache-2.0
"""Which methods make up the loss, with which weights: ``"crd + kd"`` or a table, read and completed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

from drawplate.errors import BrokenPlugin, FlowError, nearest
from drawplate.options import as_table, read_options
from drawplate_kd_repdistill.method import Method, Need

Tables = Mapping[str, Mapping[str, Any]]
_TERM = re.compile(r"\s*(?:(?P<weight>(?:[0-9]+\.?[0-9]*|\.[0-9]+))\s*\*\s*)?(?P<name>\w+)\s*")


@frozen(kw_only=True)
class Part:
    """One method of the sum."""

    name: str
    method: Method
    weight: float
    options: Any

    def __str__(self) -> str:
        settings = ", ".join(
            f"{key}={_brief(value)}" for key, value in as_table(self.options).items() if value is not None
        )
        return f"{self.weight:g} {self.name}({settings})"


@frozen(kw_only=True)
class Mixture:
    """The loss ``gamma * CE + alpha * (weight_1 * L_1 + weight_2 * L_2 + ...)``."""

    alpha: float
    gamma: float
    parts: tuple[Part, ...]
    own: str = "CE"
    """The task's loss, in short."""

    @property
    def needs(self) -> frozenset[Need]:
        """What the methods look at, together."""
        return frozenset({Need.LOGITS}).union(*(part.method.needs for part in self.parts))

    def __str__(self) -> str:
        return f"loss: {self.gamma:g} {self.own} + {self.alpha:g} [" + " + ".join(map(str, self.parts)) + "]"


@frozen(kw_only=True)
class Wanted:
    """What a flow says about the loss; None stands for the published value."""

    method: str | Tables
    alpha: float | None = None
    gamma: float | None = None
    temperature: float | None = None


def read_mixture(wanted: Wanted, methods: Mapping[str, Any]) -> Mixture:
    """Complete what a flow says with the methods' published settings.

    Raises:
        FlowError: for an unknown method or hyper-parameter, or one that has no meaning here.
        BrokenPlugin: when a plugin contributes something that is not a :class:`Method`.
    """
    tables = _parse(wanted.method) if isinstance(wanted.method, str) else wanted.method
    if not tables:
        raise FlowError("no method is named", where="option 'method'", allowed=sorted(methods))
    if wanted.temperature is not None and not any("temperature" in _fields(_find(name, methods)) for name in tables):
        raise FlowError(
            f"temperature has no meaning for {', '.join(tables)}",
            where="option 'temperature'",
            hint="leave it out, or add a method of softened logits, e.g. kd",
        )
    parts = tuple(_part(name, table, _find(name, methods), wanted.temperature) for name, table in tables.items())
    return _weighted(wanted, parts)


def _weighted(wanted: Wanted, parts: tuple[Part, ...]) -> Mixture:
    alone = parts[0].method if len(parts) == 1 else None
    alpha = wanted.alpha if wanted.alpha is not None else alone.alpha if alone else 1.0
    gamma = wanted.gamma if wanted.gamma is not None else alone.gamma if alone else 1.0
    if gamma is None and alpha > 1:
        raise FlowError(
            f"alpha is {alpha:g}, so that the weight of the cross-entropy, 1 - alpha, is negative",
            where="option 'alpha'",
            hint="set gamma too",
        )
    return Mixture(alpha=alpha, gamma=1 - alpha if gamma is None else gamma, parts=parts)


def _parse(text: str) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for term in text.split("+"):
        match = _TERM.fullmatch(term)
        if match is None or match["name"] in tables:
            raise FlowError(
                f"cannot read {term.strip()!r} in {text!r}" if match is None else f"{match['name']!r} is named twice",
                where="option 'method'",
                allowed="names joined by +, each with a weight before it at will, e.g. 'crd + kd' or '0.5*crd + kd'",
            )
        tables[match["name"]] = {"weight": float(match["weight"])} if match["weight"] else {}
    return tables


def _find(name: str, methods: Mapping[str, Any]) -> Method:
    if name not in methods:
        raise FlowError(
            f"unknown distillation method {name!r}",
            where="option 'method'",
            allowed=sorted(methods),
            meant=nearest(name, methods),
        )
    method = methods[name]
    if not isinstance(method, Method):
        raise BrokenPlugin(
            f"the distillation method {name!r} is a {type(method).__name__}",
            allowed="drawplate_kd_repdistill.Method",
        )
    return method


def _fields(method: Method) -> set[str]:
    return {attribute.name for attribute in attrs.fields(method.options)}


def _part(name: str, table: Mapping[str, Any], method: Method, temperature: float | None) -> Part:
    where = f"method {name}"
    settings = dict(table)
    weight = settings.pop("weight", method.weight)
    if not isinstance(weight, int | float) or isinstance(weight, bool) or weight < 0:
        raise FlowError(f"weight is {weight!r}", where=where, allowed="number at least 0")
    if temperature is not None and "temperature" in _fields(method):
        settings.setdefault("temperature", temperature)
    return Part(name=name, method=method, weight=float(weight), options=read_options(method.options, settings, where))


def _brief(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
