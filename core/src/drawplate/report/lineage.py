# SPDX-License-Identifier: Apache-2.0
"""Where each model came from, drawn as a graph: steps from left to right, teachers above."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from attrs import frozen

Record = Mapping[str, Any]
WIDTH, HEIGHT, GAP_X, GAP_Y = 132, 46, 40, 26
LETTERS = 8


@frozen(kw_only=True)
class Box:
    """A model: one that the flow starts from, or what a step made of one."""

    name: str
    step: str
    form: str
    digest: str
    column: int
    row: int

    @property
    def left(self) -> int:
        """In pixels."""
        return 4 + self.column * (WIDTH + GAP_X)

    @property
    def top(self) -> int:
        """In pixels."""
        return 4 + self.row * (HEIGHT + GAP_Y)


@frozen(kw_only=True)
class Arrow:
    """From a model to the step that takes it."""

    start: str
    end: str
    teaches: bool


def lineage_svg(record: Record) -> str:
    """Draw a run's models."""
    boxes, arrows = layout(record)
    if not boxes:
        return ""
    width = max(box.left for box in boxes.values()) + WIDTH + 4
    height = max(box.top for box in boxes.values()) + HEIGHT + 4
    body = [_arrow(boxes[arrow.start], boxes[arrow.end], teaches=arrow.teaches) for arrow in arrows]
    body += [_box(box) for box in boxes.values()]
    words = "; ".join(f"{arrow.start} to {arrow.end}{' as teacher' if arrow.teaches else ''}" for arrow in arrows)
    return (
        f'<svg class="lineage" viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-label="{html.escape(words)}"><defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" '
        f'markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>{"".join(body)}</svg>'
    )


def layout(record: Record) -> tuple[dict[str, Box], list[Arrow]]:
    """Place the models: a step right of what it takes, each chain in a row of its own."""
    boxes: dict[str, Box] = {}
    for row, (name, model) in enumerate(record.get("models", {}).items()):
        boxes[name] = _made(name, "", model, 0, row)
    arrows: list[Arrow] = []
    before = "model"
    for step in record["steps"]:
        source = step["on"] or before
        before = step["name"]
        if source not in boxes:
            continue
        column = 1 + max(boxes[name].column for name in (source, *step["teachers"]) if name in boxes)
        taken = {(box.column, box.row) for box in boxes.values()}
        row = boxes[source].row
        while (column, row) in taken:
            row += 1
        artifact = step["outcomes"][step["chosen"]]["artifact"]
        boxes[step["name"]] = _made(step["name"], step["use"], artifact, column, row)
        arrows.append(Arrow(start=source, end=step["name"], teaches=False))
        arrows += [Arrow(start=name, end=step["name"], teaches=True) for name in step["teachers"] if name in boxes]
    return boxes, arrows


def _made(name: str, step: str, artifact: Record, column: int, row: int) -> Box:
    return Box(name=name, step=step, form=artifact["form"], digest=artifact["digest"][:LETTERS], column=column, row=row)


def _box(box: Box) -> str:
    head = box.name if box.step in ("", box.name) else f"{box.name} ({box.step})"
    shown = head if len(head) < 18 else head[:16] + "…"
    return (
        f"<g><title>{html.escape(head)}</title>"
        f'<rect x="{box.left}" y="{box.top}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>'
        f'<text x="{box.left + 8}" y="{box.top + 19}">{html.escape(shown)}</text>'
        f'<text class="soft" x="{box.left + 8}" y="{box.top + 37}">{box.form.upper()} {box.digest}</text></g>'
    )


def _arrow(start: Box, end: Box, *, teaches: bool) -> str:
    x1, y1 = start.left + WIDTH, start.top + HEIGHT / 2
    x2, y2 = end.left, end.top + HEIGHT / 2
    bend = (x2 - x1) / 2
    kind = ' class="teaches"' if teaches else ""
    way = f"M{x1} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2} {y2:g}"
    return f'<path{kind} marker-end="url(#tip)" d="{way}"/>'
