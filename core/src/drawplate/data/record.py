# SPDX-License-Identifier: Apache-2.0
"""A model file remembers how its pixels are normalised."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from drawplate.data.model import Normalisation

if TYPE_CHECKING:
    from onnx import ModelProto

KEY = "drawplate.normalisation"


def record_normalisation(proto: ModelProto, normalisation: Normalisation) -> None:
    """Write it into the model's metadata, replacing what is there."""
    value = json.dumps({"mean": normalisation.mean, "std": normalisation.std}, sort_keys=True)
    for entry in proto.metadata_props:
        if entry.key == KEY:
            entry.value = value
            return
    proto.metadata_props.add(key=KEY, value=value)


def normalisation_of(proto: ModelProto) -> Normalisation | None:
    """Return what the model's metadata say; None where they say nothing."""
    for entry in proto.metadata_props:
        if entry.key == KEY:
            found = json.loads(entry.value)
            return Normalisation(tuple(found["mean"]), tuple(found["std"]))
    return None
