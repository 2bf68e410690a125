# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of flow files, made from the options that the installed plugins declare."""

from __future__ import annotations

from typing import Any

from drawplate.flow.read import MODEL_KINDS, STEP_KEYS
from drawplate.options import json_schema
from drawplate.plugins import Plugins


def flow_schema(plugins: Plugins) -> dict[str, Any]:
    """Return the schema, one alternative per step."""
    from drawplate.data import DataOptions

    steps = plugins.steps()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "drawplate flow",
        "type": "object",
        "additionalProperties": False,
        "required": ["model", "step"],
        "properties": {
            "title": {"type": "string"},
            "seed": {"type": "integer"},
            "model": _model_schema(plugins),
            "models": {"type": "object", "additionalProperties": _model_schema(plugins)},
            "data": json_schema(DataOptions),
            "step": {
                "type": "array",
                "minItems": 1,
                "items": {"oneOf": [_step_schema(n, c) for n, c in steps.items()]},
            },
        },
    }


def _model_schema(plugins: Plugins) -> dict[str, Any]:
    architectures = sorted(plugins.contributions("architectures"))
    sources = {kind: {"type": "string"} for kind in MODEL_KINDS}
    return {
        "type": "object",
        "properties": {**sources, "zoo": {"enum": architectures}},
        "oneOf": [{"required": [kind]} for kind in MODEL_KINDS],
    }


def _step_schema(name: str, card: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "use": {"const": name, "description": card.summary},
        "name": {"type": "string", "description": "Name that later steps refer to."},
        "on": {"type": "string", "description": "Model or earlier step whose result it takes."},
        "teachers": {"type": "array", "items": {"type": "string"}},
        "only": {"type": "array", "items": {"enum": [verb.value for verb in card.verbs]}},
        "for_each": {"enum": ["front"]},
        "options_from": {"type": "string", "description": "Earlier search whose chosen options it takes over."},
    }
    assert set(properties) == set(STEP_KEYS)
    required = {"use"}
    for cls in card.options.values():
        schema = json_schema(cls)
        properties = {**schema["properties"], **properties}
        required |= set(schema["required"])
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": sorted(required)}
