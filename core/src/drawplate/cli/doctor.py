# SPDX-License-Identifier: Apache-2.0
"""``drawplate doctor``."""

from typing import Annotated

import typer

from drawplate.cli.common import AsJson, PluginFiles, console, print_json


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Make the tool environments that are missing.")] = False,
    plugin: PluginFiles = None,
    json: AsJson = False,
) -> None:
    """Say of every tool, device and data set: found or not, what needs it, and how to get it."""
    from drawplate.doctor import examine, mend
    from drawplate.plugins import Plugins
    from drawplate.report.doctor_text import doctor_text

    found = Plugins(plugin or ())
    if fix:
        mend(found, console(stderr=True).print)
    rows = examine(found)
    if json:
        print_json(rows)
    else:
        console().print(doctor_text(rows))
