# SPDX-License-Identifier: Apache-2.0
"""Pages that mkdocs makes out of the source when it builds the site: the commands and their options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mkdocs.structure.files import File, Files


def on_files(files: Files, config: Any) -> Files:
    """Add ``reference/commands.md``."""
    files.append(File.generated(config, "reference/commands.md", content=commands_page()))
    return files


def commands_page() -> str:
    """Return the page about the command line."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    from typer.main import get_command

    from drawplate.cli.app import app

    group: Any = get_command(app)
    yield "# Commands"
    yield ""
    yield "Written from the program itself. `drawplate --help` and `drawplate COMMAND --help` say the same."
    yield "What goes wrong ends with [exit code 2](../concepts/reliability.md#exit-codes) and one message."
    for name, command in group.commands.items():
        if not command.hidden:
            yield from _command(name, command)


def _command(name: str, command: Any) -> Iterator[str]:
    yield from ("", f"## `drawplate {name}`", "", (command.help or "").strip())
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and "--help" not in one.opts]
    usage = [f"drawplate {name}", *(_shown(one) for one in arguments), *(["[OPTIONS]"] if options else [])]
    yield from ("", "```text", " ".join(usage), "```")
    if options:
        yield from ("", "| option | default | what it does |", "|---|---|---|")
    for one in options:
        default = "" if one.default in (None, False, "", ()) or callable(one.default) else f"`{one.default}`"
        words = ", ".join(f"`{word}`" for word in one.opts)
        yield f"| {words} | {default} | {(one.help or '').replace('|', chr(92) + '|')} |"


def _shown(argument: Any) -> str:
    word = argument.name.upper()
    word = f"{word} ..." if argument.nargs == -1 else word
    return word if argument.required else f"[{word}]"
