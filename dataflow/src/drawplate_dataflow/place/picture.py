# SPDX-License-Identifier: Apache-2.0
"""A picture of a placement: the tiles of every layer in a colour of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

# Okabe and Ito's colours, which remain apart for the colour-blind; what is no layer's is grey.
COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#000000")
OTHER: Final = "#999999"
_TILE, _TEXT = 6, 14


def picture(tiles: Mapping[str, Iterable[tuple[int, int]]]) -> bytes:
    """Draw an SVG.

    Args:
        tiles: columns and rows that are occupied, by the name of a layer; names without tiles are left out.
    """
    found = {name: set(places) for name, places in tiles.items()}
    found = {name: places for name, places in found.items() if places}
    columns = max((x for places in found.values() for x, _ in places), default=0) + 1
    rows = max((y for places in found.values() for _, y in places), default=0) + 1
    high = rows * _TILE
    wide = max(columns * _TILE, 320)
    box, font = f"0 0 {wide} {high + _TEXT * (len(found) + 1)}", f'font-family="sans-serif" font-size="{_TEXT - 3}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {font}>',
        "<title>Where the layers were placed</title>",
        f'<rect width="{columns * _TILE}" height="{high}" fill="#f4f4f4"/>',
    ]
    layers = iter(COLOURS * (len(found) // len(COLOURS) + 1))
    for number, (name, places) in enumerate(found.items(), 1):
        colour = OTHER if name == "wrapper" else next(layers)
        marks = "".join(f"M{x * _TILE} {y * _TILE}h{_TILE - 1}v{_TILE - 1}h-{_TILE - 1}z" for x, y in sorted(places))
        below = high + number * _TEXT
        lines.append(f'<path fill="{colour}" d="{marks}"/>')
        lines.append(f'<rect x="2" y="{below - 9}" width="9" height="9" fill="{colour}"/>')
        lines.append(f'<text x="16" y="{below}">{escape(name)}: {len(places):,} tiles</text>')
    return ("\n".join([*lines, "</svg>"]) + "\n").encode()
