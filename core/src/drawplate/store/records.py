# SPDX-License-Identifier: Apache-2.0
"""Artifacts, builds, metrics and outcomes as JSON values, and back.

Where a model or a build lies follows from its digest: its path is left out.  So is what has its default value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from cattrs import BaseValidationError, Converter, transform_error
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.v import format_exception

from drawplate.artifact import Artifact
from drawplate.build import Build
from drawplate.errors import StoreError
from drawplate.metric import Metric
from drawplate.outcome import Outcome
from drawplate.store.layout import Store
from drawplate.store.run_records import StartRecord

Kind = TypeVar("Kind")


@cache
def converter(store: Store) -> Converter:
    """Return what turns records into JSON values and back; plugins may use it for records of their own."""
    made = Converter()
    made.register_unstructure_hook(Enum, lambda value: value.value)
    made.register_structure_hook(Path, lambda value, _: Path(value))
    made.register_structure_hook_func(lambda kind: kind in (int | str, object), lambda value, _: value)
    made.register_structure_hook_func(
        lambda kind: kind == float | None,
        lambda value, _: value if value is None or isinstance(value, int) else float(value),  # 7 stays 7
    )
    made.register_unstructure_hook(Metric, make_dict_unstructure_fn(Metric, made, _cattrs_omit_if_default=True))
    for cls in (Artifact, StartRecord):
        made.register_unstructure_hook(cls, make_dict_unstructure_fn(cls, made, path=override(omit=True)))
        _put_in(made, cls, "path", lambda record: store.model_path(record["digest"]))
    made.register_unstructure_hook(Build, make_dict_unstructure_fn(Build, made, root=override(omit=True)))
    _put_in(made, Build, "root", lambda record: store.build_root(record["digest"]))
    return made


def _put_in(made: Converter, cls: type[Any], name: str, place: Callable[[Mapping[str, Any]], Path]) -> None:
    """Have a class read from records that leave a path out."""
    read = make_dict_structure_fn(cls, made)
    made.register_structure_hook(cls, lambda record, kind: read({**record, name: place(record)}, kind))


_ANYWHERE = Store(Path())
"""Records do not say where their store is: writing them needs none."""


def artifact_record(artifact: Artifact) -> dict[str, Any]:
    """Describe an artifact."""
    return as_values(artifact)


def metric_record(metric: Metric) -> dict[str, Any]:
    """Describe a metric."""
    return as_values(metric)


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """Describe an outcome."""
    return as_values(outcome)


def as_values(record: object) -> dict[str, Any]:
    """Return a record as JSON values."""
    values: dict[str, Any] = converter(_ANYWHERE).unstructure(record)
    return values


def read_values(values: Mapping[str, Any], kind: type[Kind], where: str, store: Store = _ANYWHERE) -> Kind:
    """Make a record of JSON values.

    Raises:
        StoreError: when they are those of no such record.
    """
    try:
        return converter(store).structure(values, kind)
    except (BaseValidationError, AttributeError, KeyError, TypeError, ValueError) as error:
        said = transform_error(error, path="record", format_exception=_said)[0]
        raise StoreError(f"is damaged: {said}", where=where) from error


def _said(error: BaseException, kind: type | None) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    return str(error) if isinstance(error, ValueError) else format_exception(error, kind)


def read_artifact(record: Mapping[str, Any], store: Store) -> Artifact:
    """Make an artifact of its record."""
    return converter(store).structure(record, Artifact)


def read_metric(record: Mapping[str, Any]) -> Metric:
    """Make a metric of its record."""
    return converter(_ANYWHERE).structure(record, Metric)


def read_outcome(record: Mapping[str, Any], store: Store) -> Outcome:
    """Make an outcome of its record."""
    return converter(store).structure(record, Outcome)


def digests_in(record: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Return the digests of models and of builds that an outcome's record names."""
    artifacts = [record["artifact"], *(entry["artifact"] for entry in record["front"])]
    models = {digest for artifact in artifacts for digest in (artifact["digest"], *artifact["parents"])}
    builds = {record["build"]["digest"]} if record["build"] else set()
    return models, builds


def is_whole(outcome: Outcome, store: Store) -> bool:
    """Whether the models and the build that an outcome names are in the store, undamaged."""
    models = {outcome.artifact.digest, *(candidate.artifact.digest for candidate in outcome.front)}
    if not all(map(store.has_model, models)):
        return False
    return outcome.build is None or store.has_build(outcome.build.digest, outcome.build.files)
