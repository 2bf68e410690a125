# SPDX-License-Identifier: Apache-2.0
"""``drawplate plugins``."""

from typing import Annotated, Any

import typer

from drawplate.cli.common import AsJson, PluginFiles, console, print_json
from drawplate.cli.complete import steps_of


def plugins(
    step: Annotated[
        str | None,
        typer.Argument(help="Show this step's options.", show_default=False, autocompletion=steps_of),
    ] = None,
    plugin: PluginFiles = None,
    json: AsJson = False,
) -> None:
    """List the steps that are installed, or one step's options."""
    from drawplate.plugins import Plugins
    from drawplate.report.listing import options_table, plugins_table

    found = Plugins(plugin or ())
    if step is not None:
        card = found.card(step)
        from drawplate.options import json_schema

        if json:
            print_json({verb.value: json_schema(cls) for verb, cls in card.options.items()})
        else:
            console().print(options_table(step, card))
        return
    cards = found.steps()
    rows: list[dict[str, Any]] = []
    for entry in found.entries:
        broken = found.broken.get(entry.name)
        card_of = cards.get(entry.name)
        rows.append(
            {
                "step": entry.name,
                "distribution": entry.owner,
                "verbs": [verb.value for verb in card_of.verbs] if card_of else [],
                "accepts": sorted(card_of.accepts) if card_of else [],
                "summary": card_of.summary if card_of else "" if broken else "(offers no step)",
                "broken": broken.message if broken else None,
            }
        )
    if json:
        print_json(rows)
    else:
        console().print(plugins_table(rows))
