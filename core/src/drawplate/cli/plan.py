# SPDX-License-Identifier: Apache-2.0
"""``drawplate plan``."""

from drawplate.cli.common import (
    DEFAULT_STORE,
    AsJson,
    FlowFile,
    PluginFiles,
    Seed,
    Sets,
    StoreOption,
    console,
    open_runner,
    print_json,
)


def plan(
    flow: FlowFile,
    sets: Sets = None,
    seed: Seed = None,
    store: StoreOption = DEFAULT_STORE,
    plugin: PluginFiles = None,
    json: AsJson = False,
) -> None:
    """Check a flow as a whole and show what it would do, without doing it."""
    from drawplate.flow import read_flow
    from drawplate.flow.plan import make_plan
    from drawplate.report.terminal import plan_record, plan_text

    parsed = read_flow(flow, sets or (), seed)
    with open_runner(parsed, store, plugin_files=plugin, device="cpu", workers=1, quiet=json) as runner:
        made = make_plan(parsed, runner)
    if json:
        print_json(plan_record(made))
    else:
        console().print(plan_text(made))
