# SPDX-License-Identifier: Apache-2.0
"""Where a model comes from: a file, a model in memory, a module of torch; what is no file is kept in the store."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from drawplate.api.arrays import short_path
from drawplate.api.datasets import dataset
from drawplate.engine import open_store
from drawplate.errors import FlowError, ModelError

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import nn

Origin: TypeAlias = "str | os.PathLike[str] | ModelProto | nn.Module | None"


def origin_table(origin: Any, model: dict[str, Any], data: Any, store: Path, seed: int) -> dict[str, Any]:
    """Return a ``[model]`` table.

    Args:
        origin: a file, a ``ModelProto``, or a module.
        model: further keys of the table; ``shape``, of one item, is taken out for a module.
        data: a ``[data]`` table, for the shape of a module's items, and to calibrate it.
        store: where models are kept.
        seed: of what a lazy module draws when it is first called.

    Raises:
        FlowError: when nobody says which shape a module's items have.
        ModelError: when it is no model, or cannot be exported.
    """
    if isinstance(origin, str | os.PathLike):
        return {"onnx": os.fspath(origin), **model}
    if hasattr(origin, "graph") and hasattr(origin, "SerializeToString"):
        return {"onnx": _kept(origin, store), **model}
    if not hasattr(origin, "state_dict"):
        raise ModelError(
            f"is a {type(origin).__name__}", where="Model", allowed="an ONNX file, a ModelProto, a torch.nn.Module"
        )
    proto = _exported(origin, model.pop("shape", None), data, store, seed)
    return {"onnx": _kept(proto, store), "keep_dropout": True, **model}


def _exported(module: nn.Module, shape: Any, data: Any, store: Path, seed: int) -> ModelProto:
    from drawplate.flow.python_model import exporter_of, first_items
    from drawplate.plugins import contributions
    from drawplate.torch.exporter import Given

    found = None
    if data is not None:
        found = dataset(data, store=store)
        shape = shape or found.shape
    if shape is None:
        hint = "say data=..., or shape=[1, 28, 28]"
        raise FlowError("a module needs the shape of one item", where="Model", hint=hint)
    given = Given(shape=tuple(shape), seed=seed, fed=True, items=first_items(found))
    return exporter_of(module, contributions("module_exporters")).export(module, given).proto


def _kept(proto: ModelProto, store: Path) -> str:
    content = proto.SerializeToString(deterministic=True)

    def write(folder: Path) -> None:
        (folder / "model.onnx").write_bytes(content)

    key = {"sha256": hashlib.sha256(content).hexdigest()}
    return short_path(open_store(store).derived("models", key, write) / "model.onnx")
