# SPDX-License-Identifier: Apache-2.0
"""Artifacts, builds, metrics and outcomes as JSON values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import asdict

from drawplate.artifact import Artifact, Candidate, Form, TensorSpec
from drawplate.build import Build
from drawplate.job import Outcome
from drawplate.metric import Metric
from drawplate.store.layout import Store


def artifact_record(artifact: Artifact) -> dict[str, Any]:
    """Describe an artifact; its path follows from its digest and is left out."""
    return {
        "digest": artifact.digest,
        "form": artifact.form.value,
        "inputs": [_spec_record(spec) for spec in artifact.inputs],
        "outputs": [_spec_record(spec) for spec in artifact.outputs],
        "opsets": dict(artifact.opsets),
        "parents": list(artifact.parents),
    }


def _spec_record(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "shape": list(spec.shape), "dtype": spec.dtype}


def read_artifact(record: Mapping[str, Any], store: Store) -> Artifact:
    """Make an artifact of its record."""
    return Artifact(
        path=store.model_path(record["digest"]),
        digest=record["digest"],
        form=Form(record["form"]),
        inputs=tuple(_read_spec(spec) for spec in record["inputs"]),
        outputs=tuple(_read_spec(spec) for spec in record["outputs"]),
        opsets=record["opsets"],
        parents=tuple(record["parents"]),
    )


def _read_spec(record: Mapping[str, Any]) -> TensorSpec:
    return TensorSpec(name=record["name"], shape=tuple(record["shape"]), dtype=record["dtype"])


def metric_record(metric: Metric) -> dict[str, Any]:
    """Describe a metric, leaving out what it does not have."""
    return {key: value for key, value in asdict(metric).items() if value not in (None, "") or key == "unit"}


def read_metric(record: Mapping[str, Any]) -> Metric:
    """Make a metric of its record."""
    return Metric(**record)


def build_record(build: Build) -> dict[str, Any]:
    """Describe a build; its folder follows from its digest."""
    return {
        "target": build.target,
        "source": build.source,
        "digest": build.digest,
        "plan": dict(build.plan),
        "files": dict(build.files),
    }


def read_build(record: Mapping[str, Any], store: Store) -> Build:
    """Make a build of its record."""
    return Build(root=store.root / "builds" / record["digest"], **record)


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """Describe an outcome."""
    return {
        "artifact": artifact_record(outcome.artifact),
        "front": [
            {
                "artifact": artifact_record(candidate.artifact),
                "metrics": [metric_record(metric) for metric in candidate.metrics],
                "genome": dict(candidate.genome),
            }
            for candidate in outcome.front
        ],
        "build": build_record(outcome.build) if outcome.build else None,
        "metrics": [metric_record(metric) for metric in outcome.metrics],
        "curves": {name: [list(point) for point in series] for name, series in outcome.curves.items()},
        "tables": {name: [dict(row) for row in rows] for name, rows in outcome.tables.items()},
        "notes": list(outcome.notes),
    }


def read_outcome(record: Mapping[str, Any], store: Store) -> Outcome:
    """Make an outcome of its record."""
    return Outcome(
        artifact=read_artifact(record["artifact"], store),
        front=tuple(
            Candidate(
                artifact=read_artifact(entry["artifact"], store),
                metrics=tuple(map(read_metric, entry["metrics"])),
                genome=entry["genome"],
            )
            for entry in record["front"]
        ),
        build=read_build(record["build"], store) if record["build"] else None,
        metrics=tuple(map(read_metric, record["metrics"])),
        curves={name: tuple((x, y) for x, y in series) for name, series in record["curves"].items()},
        tables={name: tuple(rows) for name, rows in record.get("tables", {}).items()},
        notes=tuple(record["notes"]),
    )


def digests_in(record: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Return the digests of models and of builds that an outcome's record names."""
    artifacts = [record["artifact"], *(entry["artifact"] for entry in record["front"])]
    models = {digest for artifact in artifacts for digest in (artifact["digest"], *artifact["parents"])}
    builds = {record["build"]["digest"]} if record["build"] else set()
    return models, builds
