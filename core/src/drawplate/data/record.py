# SPDX-License-Identifier: Apache-2.0
"""A model file remembers how its input is normalised."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drawplate.data.normalisation import BYTES, Normalisation
from drawplate.errors import ModelError

if TYPE_CHECKING:
    from onnx import ModelProto

KEY = "drawplate.normalisation"


def as_record(normalisation: Normalisation) -> dict[str, Any]:
    """Return JSON values; of bytes only what has always been written."""
    record: dict[str, Any] = {"mean": normalisation.mean, "std": normalisation.std}
    if normalisation.scale != BYTES:
        record["scale"] = normalisation.scale
    if normalisation.range is not None:
        record["range"] = normalisation.range
    return record


def from_record(record: Mapping[str, Any]) -> Normalisation:
    """Read what :func:`as_record` wrote."""
    given = record.get("range")
    return Normalisation(
        mean=tuple(map(float, record["mean"])),
        std=tuple(map(float, record["std"])),
        scale=float(record.get("scale", BYTES)),
        range=None if given is None else (float(given[0]), float(given[1])),
    )


def record_normalisation(proto: ModelProto, normalisation: Normalisation) -> None:
    """Write it into the model's metadata, replacing what is there."""
    value = json.dumps(as_record(normalisation), sort_keys=True)
    for entry in proto.metadata_props:
        if entry.key == KEY:
            entry.value = value
            return
    proto.metadata_props.add(key=KEY, value=value)


def normalisation_of(proto: ModelProto) -> Normalisation | None:
    """Return what the model's metadata say; None where they say nothing.

    Raises:
        ModelError: when they are damaged.
    """
    for entry in proto.metadata_props:
        if entry.key == KEY:
            try:
                return from_record(json.loads(entry.value))
            except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
                raise ModelError(
                    f"is {entry.value[:80]!r}",
                    where=f"the model's metadata, key {KEY!r}",
                    hint="remove the key, or write it anew",
                ) from error
    return None
