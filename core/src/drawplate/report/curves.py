# SPDX-License-Identifier: Apache-2.0
"""Small curves as SVG."""

from __future__ import annotations

import html
from collections.abc import Sequence

WIDTH, HEIGHT, LEFT, BOTTOM = 360, 150, 56, 24


def curve_svg(name: str, points: Sequence[Sequence[float]]) -> str:
    """Draw (x, value) pairs with the range of both axes written beside them."""
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    low, high = min(ys), max(ys)
    span_x, span_y = (max(xs) - min(xs)) or 1, (high - low) or 1
    path = " ".join(
        f"{LEFT + (x - min(xs)) / span_x * (WIDTH - LEFT - 8):.1f},"
        f"{HEIGHT - BOTTOM - (y - low) / span_y * (HEIGHT - BOTTOM - 12):.1f}"
        for x, y in zip(xs, ys, strict=True)
    )
    title = html.escape(name)
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">'
        f'<polyline points="{path}"/>'
        f'<text x="{LEFT - 6}" y="16" text-anchor="end">{high:.4g}</text>'
        f'<text x="{LEFT - 6}" y="{HEIGHT - BOTTOM}" text-anchor="end">{low:.4g}</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 6}">{min(xs):g}</text>'
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 6}" text-anchor="end">{max(xs):g}</text>'
        f"</svg><figcaption>{title}</figcaption></figure>"
    )
