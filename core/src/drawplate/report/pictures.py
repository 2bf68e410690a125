# SPDX-License-Identifier: Apache-2.0
"""Charts as files, for a README or a paper: drawn by kaleido in the Chrome or Chromium that it finds."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from drawplate.errors import ToolMissing
from drawplate.report.charts import Chart

WIDTH, HALF = 900, 560
"""In pixels, of charts that need the whole width of a page, and of others."""


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
    return paths
