# SPDX-License-Identifier: Apache-2.0
"""``drawplate boards``."""

from drawplate.cli.common import AsJson, PluginFiles, console, print_json


def boards(plugin: PluginFiles = None, json: AsJson = False) -> None:
    """List the boards that targets know, and what each has to offer."""
    from drawplate.plugins import Plugins
    from drawplate.report.listing import boards_table

    cards = Plugins(plugin or ()).steps()
    rows = [
        {"step": step, "board": board, "budget": dict(budget)}
        for step, card in cards.items()
        for board, budget in card.boards.items()
    ]
    if json:
        print_json(rows)
    else:
        console().print(boards_table(rows))
