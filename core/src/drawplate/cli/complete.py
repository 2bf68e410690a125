# SPDX-License-Identifier: Apache-2.0
"""What a shell offers after TAB: steps, runs and options as they are here.  Whatever goes wrong, it offers nothing."""

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

Found = Iterator[str]


def _offered(find: Callable[[Mapping[str, Any]], Found]) -> Callable[[typer.Context, str], list[str]]:
    """Make a completion of what finds words, given the values of the options that stand on the line already."""

    @functools.wraps(find)
    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            return [word for word in find(ctx.params) if word.startswith(incomplete)]
        except Exception:  # noqa: BLE001 - a half-written line may hold anything
            return []

    del complete.__wrapped__  # typer reads the signature
    return complete


def _flow_on_the_line() -> Path:
    """Find the flow where the line cannot be parsed yet: its last word is an option without a value."""
    words = (os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")).split()
    return next(Path(word) for word in words if word.endswith(".toml"))


@_offered
def steps_of(params: Mapping[str, Any]) -> Found:
    """Offer the steps that are installed."""
    from drawplate.plugins import Plugins

    yield from Plugins(params.get("plugin") or ()).step_names()


@_offered
def runs_of(params: Mapping[str, Any]) -> Found:
    """Offer the runs and sweeps of the store."""
    from drawplate.engine import DEFAULT_STORE, open_store
    from drawplate.report.read import list_runs

    yield "last"
    yield from (row.id for row in list_runs(open_store(params.get("store") or DEFAULT_STORE)))


@_offered
def steps_in_run(params: Mapping[str, Any]) -> Found:
    """Offer the steps of the run on the line."""
    from drawplate.engine import DEFAULT_STORE, open_store
    from drawplate.report.read import find_run, read_run
    from drawplate.report.record import Run

    record = read_run(find_run(open_store(params.get("store") or DEFAULT_STORE), params["run"]))
    if isinstance(record, Run):
        yield from (step.name for step in record.steps)


@_offered
def settings_of(params: Mapping[str, Any]) -> Found:
    """Offer ``step.key=`` for every option of the steps of the flow on the line."""
    from drawplate.data.options import DataOptions
    from drawplate.flow import read_flow
    from drawplate.options import option_fields
    from drawplate.plugins import Plugins

    flow, plugins = read_flow(params.get("flow") or _flow_on_the_line()), Plugins(params.get("plugin") or ())
    yield "seed="
    yield from (f"model.{key}=" for key in flow.models["model"].arguments)
    yield from (f"data.{key}=" for key in option_fields(DataOptions) if flow.data is not None)
    for step in flow.steps:
        card = plugins.card(step.use)
        keys = dict.fromkeys(key for options in card.options.values() for key in option_fields(options))
        yield from (f"{step.name}.{key}=" for key in keys)
