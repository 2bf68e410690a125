# SPDX-License-Identifier: Apache-2.0
"""Where each model came from, drawn as a graph: steps from left to right, teachers above."""

from __future__ import annotations

from attrs import frozen

from drawplate.artifact import Artifact
from drawplate.report.record import Run

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

    width = WIDTH
    height = HEIGHT

    @property
    def head(self) -> str:
        """Its name, and what made it."""
        return self.name if self.step in ("", self.name) else f"{self.name} ({self.step})"

    @property
    def shown(self) -> str:
        """As much of the head as there is room for."""
        return self.head if len(self.head) < 18 else self.head[:16] + "…"

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


@frozen(kw_only=True)
class Way:
    """An arrow as a line."""

    path: str
    """In the words of SVG."""
    teaches: bool


@frozen(kw_only=True)
class Drawing:
    """All of it, and how it is read out."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]
    words: str


def draw(record: Run) -> Drawing | None:
    """Draw a run's models; None where there are none."""
    boxes, arrows = layout(record)
    if not boxes:
        return None
    return Drawing(
        width=max(box.left for box in boxes.values()) + WIDTH + 4,
        height=max(box.top for box in boxes.values()) + HEIGHT + 4,
        boxes=tuple(boxes.values()),
        ways=tuple(_way(boxes[arrow.start], boxes[arrow.end], teaches=arrow.teaches) for arrow in arrows),
        words="; ".join(f"{arrow.start} to {arrow.end}{' as teacher' if arrow.teaches else ''}" for arrow in arrows),
    )


def layout(record: Run) -> tuple[dict[str, Box], list[Arrow]]:
    """Place the models: a step right of what it takes, each chain in a row of its own."""
    boxes: dict[str, Box] = {}
    for row, (name, model) in enumerate(record.models.items()):
        boxes[name] = _made(name, "", model, 0, row)
    arrows: list[Arrow] = []
    before = "model"
    for step in record.steps:
        source = step.on or before
        before = step.name
        if source not in boxes:
            continue
        column = 1 + max(boxes[name].column for name in (source, *step.teachers) if name in boxes)
        taken = {(box.column, box.row) for box in boxes.values()}
        row = boxes[source].row
        while (column, row) in taken:
            row += 1
        artifact = step.outcome.artifact
        boxes[step.name] = _made(step.name, step.use, artifact, column, row)
        arrows.append(Arrow(start=source, end=step.name, teaches=False))
        arrows += [Arrow(start=name, end=step.name, teaches=True) for name in step.teachers if name in boxes]
    return boxes, arrows


def _made(name: str, step: str, artifact: Artifact, column: int, row: int) -> Box:
    return Box(name=name, step=step, form=artifact.form, digest=artifact.digest[:LETTERS], column=column, row=row)


def _way(start: Box, end: Box, *, teaches: bool) -> Way:
    x1, y1 = start.left + WIDTH, start.top + HEIGHT / 2
    x2, y2 = end.left, end.top + HEIGHT / 2
    bend = (x2 - x1) / 2
    return Way(path=f"M{x1} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2} {y2:g}", teaches=teaches)
