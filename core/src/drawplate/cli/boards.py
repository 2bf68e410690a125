# SPDX-License-Identifier: Apache-2.0
"""``drawplate boards``."""

from drawplate.cli.common import AsJson, PluginFiles, console, print_json


def boards(plugin: PluginFiles = None, json: AsJson = False) -> None:
    """List the boards that targets know, and what each has to offer."""
    from attrs import asdict

    from drawplate.plugins import Plugins
    from drawplate.report.listing import boards_tables

    found = Plugins(plugin or ()).contributions("boards")
    boards = sorted(found.values(), key=lambda board: (board.target, board.name))
    if json:
        print_json([asdict(board) for board in boards])
    else:
        for part in boards_tables(boards):
            console().print(part)
