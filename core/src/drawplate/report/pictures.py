# SPDX-License-Identifier: Apache-2.0
"""Charts as files, for a README or a paper: drawn by kaleido in the Chrome or Chromium that it finds."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from pathlib import Path

from drawplate.errors import ToolMissing
from drawplate.report.charts import Chart

WIDTH, HALF = 900, 560
"""In pixels, of charts that need the whole width of a page, and of others."""
_PARTS = re.compile(r'(?:id="defs-| trace)([0-9a-f]{6})"')


def write_pictures(charts: Sequence[Chart], folder: Path, kind: str) -> list[Path]:
    """Write every chart as ``svg``, ``png`` or ``pdf``, and return the files.

    Raises:
        ToolMissing: when kaleido, or a browser for it, is not there.
    """
    try:
        import kaleido
        from choreographer.browsers import BrowserFailedError, ChromeNotFoundError
    except ImportError as error:
        raise ToolMissing("figures need kaleido", hint="pip install 'drawplate[figures]'") from error
    logging.getLogger("choreographer").setLevel(logging.CRITICAL)  # it logs what it then ignores
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{chart.name}.{kind}" for chart in charts]
    wishes = [
        {
            "fig": figure,
            "path": str(path),
            "opts": {"format": kind, "width": WIDTH if chart.wide else HALF, "height": figure["layout"]["height"]},
        }
        for path, chart, figure in zip(paths, charts, (chart.figure() for chart in charts), strict=True)
    ]
    try:
        if wishes:
            kaleido.write_fig_from_object_sync(wishes)
    except (ChromeNotFoundError, BrowserFailedError) as error:
        raise ToolMissing(
            "figures are drawn by a browser, and none was found",
            allowed="Chrome or Chromium",
            hint="apt install chromium, or run kaleido_get_chrome",
        ) from error
    if kind == "svg":
        for path in paths:
            _name_parts(path)
    return paths


def _name_parts(path: Path) -> None:
    """Name the parts of a drawing after its file, in place of the numbers that plotly draws at random."""
    text = path.read_text(encoding="utf-8")
    for place, number in enumerate(dict.fromkeys(_PARTS.findall(text))):
        text = text.replace(number, hashlib.sha256(f"{path.name} {place}".encode()).hexdigest()[:6])
    path.write_text(text, encoding="utf-8")
