# SPDX-License-Identifier: Apache-2.0
"""Options as plain JSON values and as a JSON Schema."""

from __future__ import annotations

import hashlib
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union

import attrs

from drawplate.options.declare import info_of, option_fields


def as_table(options: Any) -> dict[str, Any]:
    """Return an options object as plain JSON values, every option present: what cache keys are made of."""
    return {attribute.name: _plain(getattr(options, attribute.name)) for attribute in attrs.fields(type(options))}


def key_table(options: Any) -> dict[str, Any]:
    """Return what a result depends on: the options, and of files their contents instead of their paths."""
    table = as_table(options)
    for name, attribute in option_fields(type(options)).items():
        if info_of(attribute).file and table[name] is not None:
            path = Path(table[name])
            table[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else f"absent {path}"
    return table


def _plain(value: Any) -> Any:
    if attrs.has(type(value)):
        return as_table(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in sorted(value.items())}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(item) for item in value]
    return value


def json_schema(cls: type) -> dict[str, Any]:
    """Return the JSON Schema of an options class."""
    fields = option_fields(cls)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _field_schema(attribute) for name, attribute in fields.items()},
        "required": [name for name, attribute in fields.items() if attribute.default is attrs.NOTHING],
    }


def _field_schema(attribute: attrs.Attribute[Any]) -> dict[str, Any]:
    info = info_of(attribute)
    schema = _type_schema(attribute.type)
    limits = {
        "minimum": info.at_least,
        "maximum": info.at_most,
        "exclusiveMinimum": info.above,
        "exclusiveMaximum": info.below,
    }
    bounded = schema.get("items", schema)
    bounded.update({key: bound for key, bound in limits.items() if bound is not None})
    if info.choices:
        bounded["enum"] = list(info.choices)
    if info.help:
        schema["description"] = info.help + (f" [{info.unit}]" if info.unit else "")
    if attribute.default is not attrs.NOTHING and not isinstance(attribute.default, attrs.Factory):  # type: ignore[arg-type]
        default = _plain(attribute.default)
        if default is not None:
            schema["default"] = default
    return schema


def _type_schema(kind: Any) -> dict[str, Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        members = [_type_schema(member) for member in arguments if member is not type(None)]
        return members[0] if len(members) == 1 else {"anyOf": members}
    if origin is tuple:
        return {"type": "array", "items": _type_schema(arguments[0])}
    if origin in (Mapping, dict):
        return {"type": "object", "additionalProperties": _type_schema(arguments[1])}
    return {"enum": list(arguments)} if origin is Literal else _scalar_schema(kind)


def _scalar_schema(kind: Any) -> dict[str, Any]:
    if isinstance(kind, type) and attrs.has(kind):
        return json_schema(kind)
    plain = {int: "integer", float: "number", bool: "boolean"}
    if isinstance(kind, type) and issubclass(kind, str):
        return {"type": "string"}
    return {"type": plain[kind]} if kind in plain else {}
