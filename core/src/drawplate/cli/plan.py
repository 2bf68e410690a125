# SPDX-License-Identifier: Apache-2.0
"""``drawplate plan``."""

from typing import Annotated

import typer

from drawplate.cli.common import (
    DEFAULT_STORE,
    AsJson,
    FlowFile,
    PluginFiles,
    Seed,
    Sets,
    StoreOption,
    console,
    print_json,
)


def plan(
    flow: FlowFile,
    sets: Sets = None,
    seed: Seed = None,
    store: StoreOption = DEFAULT_STORE,
    plugin: PluginFiles = None,
    no_code: Annotated[
        bool, typer.Option("--no-code", help='Refuse a flow with python = "module:factory" or a plugin file.')
    ] = False,
    json: AsJson = False,
) -> None:
    """Check a flow as a whole and show what it would do, without doing it."""
    from drawplate.cli.settings import Settings
    from drawplate.flow.plan import make_plan
    from drawplate.flow.read import refuse_code
    from drawplate.report.terminal import plan_record, plan_text

    settings = Settings(flow=flow, sets=sets, seed=seed, store=store, plugin=plugin, workers=1, json=json)
    parsed = settings.read()
    if no_code:
        refuse_code(parsed, plugin or ())
    with settings.runner(parsed) as runner:
        made = make_plan(parsed, runner)
    if json:
        print_json(plan_record(made))
    else:
        console().print(plan_text(made))
