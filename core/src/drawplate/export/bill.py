# SPDX-License-Identifier: Apache-2.0
"""The bill: by what, from what and in which versions everything in the folder was made, for programs."""

from __future__ import annotations

from typing import Any

from drawplate.report.record import Run
from drawplate.store.plain import plain
from drawplate.store.records import metric_record
from drawplate.store.run_records import StepRecord


def bill_of(record: Run, step: StepRecord) -> dict[str, Any]:
    """Return it as JSON values."""
    build, model = step.outcome.build, step.outcome.artifact
    bill: dict[str, Any] = plain(
        {
            "run": record.id,
            "step": step.name,
            "use": step.use,
            "finished": record.updated,
            "seed": record.seed,
            "device": record.device,
            "data": {"name": record.data.name, "digest": record.data.digest} if record.data else None,
            "model": {"sha256": model.digest, "form": model.form.value, "made_from": list(model.parents)},
            "build": {"sha256": build.digest, "plan": dict(build.plan), "files": dict(build.files)} if build else None,
            "options": dict(step.options),
            "metrics": [metric_record(metric) for metric in step.outcome.metrics],
            "code": dict(step.plugin),
            "versions": dict(record.versions),
            "host": record.host,
        }
    )
    return bill
