# SPDX-License-Identifier: Apache-2.0
"""The fenced blocks of a page: files that it shows, and commands that a reader types.

A block with ``title="NAME"`` is a file; a ``bash`` block is run, in the order of the page and in the folder of those
files, but for one behind ``<!-- not run: REASON -->``.
"""

import re
from pathlib import Path

from attrs import frozen

FENCE = re.compile(
    r"^(?P<indent> *)(?:<!-- (?P<said>[^>]*) -->\n *)?```(?P<head>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```",
    re.MULTILINE | re.DOTALL,
)


@frozen
class Block:
    """One."""

    language: str
    title: str
    said: str
    """The comment before it."""
    text: str


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page in order."""
    found = []
    for match in FENCE.finditer(page.read_text(encoding="utf-8")):
        title = re.search(r'title="([^"]*)"', match["head"])
        text = re.sub(rf"^{match['indent']}", "", match["body"], flags=re.MULTILINE)
        language = match["head"].split()[0] if match["head"].strip() else ""
        found.append(Block(language, title[1] if title else "", match["said"] or "", text))
    return found


def commands(page: Path) -> list[str]:
    """Return every line of a page's blocks, and every piece of code in its text, that calls drawplate."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = re.findall(r"`(drawplate [^`]+)`", text)
    for block in blocks(page):
        if block.language in ("", "bash"):
            lines += re.sub(r"\\\n\s*", "", block.text).splitlines()
    return [line.strip() for line in lines if line.strip().startswith("drawplate ")]
