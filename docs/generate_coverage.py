# SPDX-License-Identifier: Apache-2.0
"""Write ``evidence/coverage.md``: how much of each room the tests run, and what they never do.

``make coverage`` runs the default tests and writes the page.  ``python docs/generate_coverage.py COVERAGE.json`` writes
it from what ``coverage json`` gave.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import define

PAGE = Path(__file__).with_name("evidence") / "coverage.md"
GAP = 60.0
"""Files of which less is run, in per cent of lines and branches, are named."""
MOST = 40
NAMED = 6
PREFACE = (
    "Lines and branches of every room that {tests} runs; measured by coverage.py {version}, written by "
    "`docs/generate_coverage.py`. A branch that is run is not a right one: what tests hold against the source, golden "
    "models, other people's executors, laws and mutants, is told on the pages of the steps."
)


@define
class Room:
    """A folder of a distribution."""

    files: int = 0
    lines: int = 0
    run: int = 0
    branches: int = 0
    taken: int = 0

    def add(self, summary: Mapping[str, Any]) -> None:
        """Count a file."""
        self.files += 1
        self.lines += summary["num_statements"]
        self.run += summary["covered_lines"]
        self.branches += summary["num_branches"]
        self.taken += summary["covered_branches"]


def page(found: Mapping[str, Any], tests: str, wanted: Collection[str] = ()) -> str:
    """Return the page.

    Args:
        found: what ``coverage json`` gave.
        tests: which tests were run.
        wanted: rooms whose own tests were among them; all where left out.
    """
    every = {name: room_of(name) for name in found["files"]}
    files = {name: file for name, file in found["files"].items() if not wanted or every[name] in wanted}
    rooms: dict[str, Room] = {}
    for name, file in files.items():
        rooms.setdefault(every[name], Room()).add(file["summary"])
    left = sorted({*every.values()} - set(rooms))
    lines = [
        "# What the tests run",
        "",
        PREFACE.format(tests=tests, version=found["meta"]["version"]),
        "",
        "| room | files | lines | run | branches | taken |",
        "|---|---|---|---|---|---|",
        *(_row(name, room) for name, room in sorted(rooms.items())),
        "",
        "## Gaps",
        "",
        f"Files of which less than {GAP:.0f} % is run by these tests, the largest first.",
        "",
        "| file | run | never run |",
        "|---|---|---|",
        *list(_gaps(files))[:MOST],
    ]
    if left:
        named = ", ".join(f"`{room}`" for room in left)
        lines += [
            "",
            "## Not measured",
            "",
            f"Rooms whose own tests were not among these: {named}. `make coverage` has all.",
        ]
    return "\n".join(lines) + "\n"


def room_of(name: str) -> str:
    """Name the room of a file: distribution, and the folder in it."""
    *_, package, rest = ("", *name.replace("\\", "/").partition("/src/")[2].partition("/")[::2])
    folder = rest.rpartition("/")[0].partition("/")[0]
    return f"{package}/{folder}" if folder else package


def _row(name: str, room: Room) -> str:
    branches = f"{100 * room.taken / room.branches:.0f} %" if room.branches else ""
    lines = f"{100 * room.run / room.lines:.0f} %" if room.lines else ""
    return f"| `{name}` | {room.files} | {room.lines:,} | {lines} | {room.branches:,} | {branches} |"


def _gaps(files: Mapping[str, Any]) -> Iterator[str]:
    order = sorted(files.items(), key=lambda item: -item[1]["summary"]["missing_lines"])
    for name, file in order:
        share = file["summary"]["percent_covered"]
        if share < GAP and file["summary"]["missing_lines"]:
            never = [key for key, part in file.get("functions", {}).items() if key and not part["executed_lines"]]
            shown = ", ".join(f"`{key}`" for key in never[:6]) + (
                f" and {len(never) - 6} more" if len(never) > 6 else ""
            )
            yield f"| `{name.replace(chr(92), '/').partition('/src/')[2]}` | {share:.0f} % | {shown} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the page about what the tests run.")
    parser.add_argument("coverage", type=Path)
    parser.add_argument("--tests", default="`make coverage`, processes that tests start included,")
    parser.add_argument("--rooms", default="", help="only these, separated by commas: their tests were run")
    words = parser.parse_args()
    rooms = [room for room in words.rooms.split(",") if room]
    PAGE.write_text(page(json.loads(words.coverage.read_text(encoding="utf-8")), words.tests, rooms), encoding="utf-8")


if __name__ == "__main__":
    main()
