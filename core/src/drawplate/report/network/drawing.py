# SPDX-License-Identifier: Apache-2.0
"""Blocks from top to bottom: each below all that it takes, branches side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import frozen

from drawplate.report.network.blocks import Block, blocks_of

if TYPE_CHECKING:
    from onnx import ModelProto

WIDTH, HEIGHT, GAP_X, GAP_Y = 232, 44, 24, 26
ASIDE: Final = 36
"""How far to the side a line goes round the boxes that it passes."""
LETTERS: Final = 36
MOST: Final = 400
"""More blocks than this are no picture."""


@frozen(kw_only=True)
class Placed:
    """A box."""

    head: str
    below: str
    """Its second line."""
    full: str
    """All that is known of it, for the pointer."""
    left: int
    top: int

    width = WIDTH
    height = HEIGHT


@frozen(kw_only=True)
class Network:
    """All of it, in pixels."""

    width: int
    height: int
    boxes: tuple[Placed, ...]
    ways: tuple[str, ...]
    """Lines between boxes, in the words of SVG."""
    words: str
    """How it is read out."""


def draw_network(proto: ModelProto) -> Network | None:
    """Draw a model; None where it has no layers, or too many."""
    blocks = blocks_of(proto)
    if not 1 < len(blocks) <= MOST:
        return None
    rows = _rows(blocks)
    widest = max(map(len, rows))
    places = {
        block.name: (4 + round((column + (widest - len(row)) / 2) * (WIDTH + GAP_X)), 4 + number * (HEIGHT + GAP_Y))
        for number, row in enumerate(rows)
        for column, block in enumerate(row)
    }
    return Network(
        width=widest * (WIDTH + GAP_X) - GAP_X + 8 + ASIDE,
        height=len(rows) * (HEIGHT + GAP_Y) - GAP_Y + 8,
        boxes=tuple(_placed(block, *places[block.name]) for row in rows for block in row),
        ways=tuple(_way(places[name], places[block.name]) for block in blocks for name in block.takes),
        words=f"{len(blocks) - 1} blocks: " + ", ".join(block.name for block in blocks),
    )


def _rows(blocks: Sequence[Block]) -> list[list[Block]]:
    """Sort blocks by the longest way from the input, and in a row by where what they take stands."""
    depth: dict[str, int] = {}
    for block in blocks:
        depth[block.name] = 1 + max((depth[name] for name in block.takes), default=-1)
    rows: list[list[Block]] = [[] for _ in range(max(depth.values()) + 1)]
    for block in blocks:
        rows[depth[block.name]].append(block)
    at: dict[str, float] = {}
    for row in rows:
        row.sort(key=lambda block: _middle(block, at))
        at |= {block.name: column - (len(row) - 1) / 2 for column, block in enumerate(row)}
    return rows


def _middle(block: Block, at: Mapping[str, float]) -> float:
    return sum(at[name] for name in block.takes) / len(block.takes) if block.takes else 0.0


def _placed(block: Block, left: int, top: int) -> Placed:
    bits = "".join(f" {letter}{bits}" for letter, bits in (("W", block.weight_bits), ("A", block.act_bits)) if bits)
    kind = "" if block.kind == "input" else f"{block.kind} "
    below = f"{kind}{', '.join(block.facts)}{bits}".strip()
    follows = f", then {', '.join(block.follows)}" if block.follows else ""
    return Placed(head=_cut(block.name), below=_cut(below), full=f"{block.name}: {below}{follows}", left=left, top=top)


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"


def _way(start: tuple[int, int], end: tuple[int, int]) -> str:
    if end[1] - start[1] > HEIGHT + GAP_Y:
        x1, y1, x2, y2 = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0] + WIDTH, end[1] + HEIGHT // 2
        side = max(x1, x2) + ASIDE
        return f"M{x1} {y1}C{side} {y1} {side} {y2} {x2} {y2}"
    x1, y1, x2, y2 = start[0] + WIDTH // 2, start[1] + HEIGHT, end[0] + WIDTH // 2, end[1]
    bend = (y2 - y1) / 2
    return f"M{x1} {y1}C{x1} {y1 + bend:g} {x2} {y2 - bend:g} {x2} {y2}"
