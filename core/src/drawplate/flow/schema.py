# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of flow files, made from the options that the installed plugins declare.

What a table may hold depends on its ``use`` or ``zoo``: an ``if`` and a ``then`` for each, so that an editor says which
key of which step is wrong, and not that a table is none of twenty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drawplate.card import Card
from drawplate.flow.models import FILE_KEYS
from drawplate.flow.read import MODEL_KINDS, STEP_KEYS
from drawplate.options import json_schema
from drawplate.plugins import Plugins

Schema = dict[str, Any]
SHAPE: Schema = {
    "type": "array",
    "items": {"type": "integer", "minimum": 1},
    "description": "Shape of one item; the data's where left out.",
}
CLASSES: Schema = {"type": "integer", "minimum": 1, "description": "Number of outputs; the data's where left out."}


def flow_schema(plugins: Plugins) -> Schema:
    """Return the schema (draft 2020-12)."""
    from drawplate.data import DataOptions

    data = json_schema(DataOptions)
    data["properties"]["name"]["enum"] = sorted(plugins.contributions("datasets"))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "drawplate flow",
        "type": "object",
        "additionalProperties": False,
        "required": ["model", "step"],
        "properties": {
            "title": {"type": "string", "description": "Free text."},
            "seed": {"type": "integer", "minimum": 0, "default": 0, "description": "Of everything random."},
            "model": {"$ref": "#/$defs/model"},
            "models": {"type": "object", "additionalProperties": {"$ref": "#/$defs/model"}},
            "data": data,
            "step": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}},
        },
        "$defs": {"model": _model_schema(plugins), "step": _step_schema(plugins.steps())},
    }


def _model_schema(plugins: Plugins) -> Schema:
    architectures = plugins.contributions("architectures")
    return {
        "type": "object",
        "properties": {
            "onnx": {"type": "string", "description": "A model file, relative to the flow."},
            "zoo": {"enum": sorted(architectures), "description": "An architecture; its options stand beside it."},
            "python": {"type": "string", "description": "module:factory, your code; its arguments stand beside it."},
        },
        "oneOf": [{"required": [kind]} for kind in MODEL_KINDS],
        "allOf": [
            {"if": {"required": ["onnx"]}, "then": _only(_file_keys())},
            *(_when("zoo", name, _architecture(name, kind)) for name, kind in sorted(architectures.items())),
        ],
    }


def _file_keys() -> Schema:
    outputs = {"type": "array", "items": {"type": "string"}, "description": "Names of the outputs to keep."}
    keep = {"type": "boolean", "default": False, "description": "Keep Dropout, for a model that is trained on."}
    found = {"shape": SHAPE, "outputs": outputs, "keep_dropout": keep}
    assert set(found) == set(FILE_KEYS)
    return {"onnx": True, **found}


def _architecture(name: str, architecture: Any) -> Schema:
    options = json_schema(architecture.options)
    zoo = {"const": name, "description": architecture.summary}
    then = _only({**options["properties"], "zoo": zoo, "shape": SHAPE, "classes": CLASSES})
    return {**then, "required": ["zoo", *options["required"]]}


def _step_schema(steps: dict[str, Card]) -> Schema:
    return {
        "type": "object",
        "required": ["use"],
        "properties": {"use": {"enum": sorted(steps), "description": "The step."}},
        "allOf": [_when("use", name, _step(name, card)) for name, card in steps.items()],
    }


def _step(name: str, card: Card) -> Schema:
    own: Schema = {
        "use": {"const": name, "description": card.summary},
        "name": {"type": "string", "description": "Name that later steps refer to; that of the step where left out."},
        "on": {"type": "string", "description": "Model or earlier step whose result it takes; the one before else."},
        "teachers": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Models, earlier steps, or file:PATH; for steps that train.",
        },
        "only": {"type": "array", "items": {"enum": [verb.value for verb in card.verbs]}},
        "for_each": {"enum": ["front"], "description": "Once for every member of the front before."},
        "options_from": {"type": "string", "description": "Earlier search whose chosen options it takes over."},
    }
    assert set(own) == set(STEP_KEYS)
    schemas = [json_schema(cls) for cls in card.options.values()]
    options = {key: schema for found in schemas for key, schema in found["properties"].items()}
    then = _only({**options, **own})
    required = sorted({key for found in schemas for key in found["required"]})
    # What a search chose, and what belongs to a verb that is left out, need not be said.
    return {**then, "anyOf": [{"required": required}, *_excuses()]} if required else then


def _excuses() -> Iterator[Schema]:
    yield {"required": ["options_from"]}
    yield {"required": ["only"]}


def _only(properties: Schema) -> Schema:
    return {"additionalProperties": False, "properties": properties}


def _when(key: str, value: str, then: Schema) -> Schema:
    return {"if": {"properties": {key: {"const": value}}, "required": [key]}, "then": then}
