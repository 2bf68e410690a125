# SPDX-License-Identifier: Apache-2.0
"""A target that says how large a model is: ``drawplate run flow.toml --plugin echo.py``."""

from attrs import frozen

from drawplate import Artifact, Card, Form, Metric, Source, hookimpl, option


@frozen(kw_only=True)
class Options:
    unit_bytes: int = option("Bytes that count as one.", default=1024, at_least=1)


@hookimpl
def card() -> Card:
    return Card(summary="says how large a model is", options={"measure": Options}, accepts=set(Form))


@hookimpl
def measure(subject: Artifact, options: Options) -> tuple[Metric, ...]:
    size = subject.path.stat().st_size / options.unit_bytes
    return (Metric(name="size", value=size, unit=f"{options.unit_bytes} B", source=Source.MEASURED),)
