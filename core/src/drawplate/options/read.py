# SPDX-License-Identifier: Apache-2.0
"""Reading options from a TOML table, strictly and with messages that help."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, Union

import attrs

from drawplate.errors import FlowError, nearest
from drawplate.options.declare import OptionInfo, info_of, option_fields

T = TypeVar("T")


def read_options(cls: type[T], table: Mapping[str, Any], where: str) -> T:
    """Build an options object from a TOML table.

    Raises:
        FlowError: for an unknown, missing, mistyped or out-of-range key.
    """
    fields = option_fields(cls)
    for key in table:
        if key not in fields:
            raise FlowError(
                f"unknown option {key!r}",
                where=where,
                allowed=sorted(fields) or "no options",
                meant=nearest(key, fields),
            )
    values = {}
    for name, attribute in fields.items():
        if name in table:
            values[name] = _read_value(attribute, table[name], where)
        elif attribute.default is attrs.NOTHING:
            raise FlowError(f"option {name!r} is missing", where=where, hint=info_of(attribute).help or None)
    try:
        return cls(**values)
    except (TypeError, ValueError) as error:
        raise FlowError(str(error), where=where) from error


def _read_value(attribute: attrs.Attribute[Any], value: object, where: str) -> object:
    info = info_of(attribute)
    place = f"{where}, option {attribute.name!r}"
    try:
        converted = convert(value, attribute.type, place)
    except TypeError as error:
        raise FlowError(f"is {value!r}", where=place, allowed=_allowed(attribute.type, info)) from error
    if info.problem(converted):
        meant = nearest(str(value), [str(choice) for choice in info.choices])
        raise FlowError(f"is {value!r}", where=place, allowed=_allowed(attribute.type, info), meant=meant)
    return converted


def _allowed(kind: Any, info: OptionInfo) -> str:
    return ", ".join(filter(None, [type_name(kind) if not info.choices else "", info.range, info.unit]))


def convert(value: Any, kind: Any, where: str) -> Any:
    """Turn a TOML or JSON value into ``kind``, strictly: a string is never taken for a number.

    Raises:
        TypeError: when the value is not of that kind.
        FlowError: from a nested options class.
    """
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind in (Any, object):
        return value
    if origin in _CONTAINERS:
        return _CONTAINERS[origin](value, arguments, where)
    if isinstance(kind, type) and attrs.has(kind) and isinstance(value, Mapping):
        return read_options(kind, value, where)
    return _convert_scalar(value, kind)


def _convert_scalar(value: Any, kind: Any) -> Any:
    if isinstance(value, bool) and kind is not bool:
        raise TypeError(kind)
    if kind is float and isinstance(value, int):
        return float(value)
    if isinstance(kind, type) and issubclass(kind, str) and isinstance(value, str):
        return kind(value)
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    raise TypeError(kind)


def _convert_literal(value: Any, choices: tuple[Any, ...], _where: str) -> Any:
    if value in choices:
        return value
    raise TypeError


def _convert_union(value: Any, members: tuple[Any, ...], where: str) -> Any:
    if value is None and type(None) in members:
        return None
    for member in members:
        try:
            return convert(value, member, where)
        except TypeError:
            continue
    raise TypeError


def _convert_tuple(value: Any, arguments: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(convert(item, arguments[0], f"{where}[{i}]") for i, item in enumerate(value))
    if len(arguments) != len(value):
        raise TypeError
    return tuple(convert(item, kind, where) for item, kind in zip(value, arguments, strict=True))


def _convert_mapping(value: Any, arguments: tuple[Any, ...], where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError
    return {str(key): convert(item, arguments[1], f"{where}.{key}") for key, item in value.items()}


_CONTAINERS: Mapping[Any, Callable[[Any, tuple[Any, ...], str], Any]] = {
    Union: _convert_union,
    types.UnionType: _convert_union,
    Literal: _convert_literal,
    tuple: _convert_tuple,
    Mapping: _convert_mapping,
    dict: _convert_mapping,
}


def type_name(kind: Any) -> str:
    """Name a type as a user of TOML would."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return " or ".join(type_name(member) for member in arguments if member is not type(None))
    if origin is Literal:
        return ", ".join(str(choice) for choice in arguments)
    if origin is tuple:
        return f"list of {type_name(arguments[0])}"
    if origin in (Mapping, dict) or (isinstance(kind, type) and attrs.has(kind)):
        return "table"
    names = {int: "integer", float: "number", str: "string", bool: "true or false"}
    return names.get(kind, "string" if isinstance(kind, type) and issubclass(kind, str) else str(kind))
