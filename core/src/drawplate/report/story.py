# SPDX-License-Identifier: Apache-2.0
"""What every record has on its page: its name, its title, when it was, its flow and the versions of all that ran."""

from __future__ import annotations

from attrs import frozen

from drawplate.report.flow_text import flow_text
from drawplate.report.grids import Grid
from drawplate.report.record import Record, Run


@frozen(kw_only=True)
class Story:
    """Of one run or sweep."""

    id: str
    title: str
    """The one that its flow gives itself."""
    when: str
    flow: str
    """As TOML."""
    versions: Grid


def story_of(record: Record) -> Story:
    """Read it off a record."""
    found = sorted(record.versions.items())
    found += [("host", record.host)] if isinstance(record, Run) and record.host else []
    return Story(
        id=record.id,
        title=str(record.flow.get("title", "")),
        when=f"{record.updated[:16].replace('T', ' ')} UTC",
        flow=flow_text(record.flow),
        versions=Grid(("package", "version"), tuple(found)),
    )
