# SPDX-License-Identifier: Apache-2.0
"""Take the pictures of reports.

``python docs/generate_picture.py RUN [STORE]`` takes the README's, the head of a run's report; without a run, those of
a sweep and of a search are taken of the results that are kept.  Needs Chromium.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from paper_sections.records import kept
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from drawplate.report.html import page
from drawplate.report.read import find_run, read_run
from drawplate.report.record import Record
from drawplate.store import Store

COLOURS = 96
PICTURES = Path(__file__).with_name("pictures")
WIDTH, MARGIN, SCALE = 1200, 24, 1.25
"""In pixels; how many of the picture's pixels are one of the page's."""


def take(record: Record, name: str, first: str, last: str) -> None:
    """Write a picture of a page, from one of its parts to the end of another one (CSS selectors)."""
    picture = PICTURES / f"{name}.png"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        path = Path(folder, "report.html")
        path.write_text(page([record]), encoding="utf-8")
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": 1200}, device_scale_factor=SCALE)
        tab.goto(path.as_uri())
        _draw(tab)
        top, end = (tab.locator(selector).first.bounding_box() for selector in (first, last))
        assert top is not None
        assert end is not None
        start = max(0, top["y"] - MARGIN)
        clip = {"x": 0.0, "y": start, "width": float(WIDTH), "height": end["y"] + end["height"] + MARGIN - start}
        tab.screenshot(path=picture, full_page=True, clip=clip)
        browser.close()
    with Image.open(picture) as taken:
        taken.convert("RGB").quantize(COLOURS).save(picture, optimize=True)


def _draw(tab: Page) -> None:
    for place in tab.query_selector_all(".chart"):
        place.scroll_into_view_if_needed()
        tab.wait_for_function("place => place.querySelector('.main-svg')", arg=place)
    tab.evaluate("scrollTo(0, 0)")


def main() -> None:
    if len(sys.argv) > 1:
        run, *store = sys.argv[1:]
        take(read_run(find_run(Store(Path(*store or [".drawplate"])), run)), "report", "h1", ".side")
        return
    records = {Path(record.file).stem: record for record in kept()}
    take(records["epochs-mnist"], "sweep", "h1", '[data-chart="map-z7020-ff"]')
    take(
        records["nemokd-myriadx-medium"],
        "search",
        '[data-chart="phase2-front"]',
        "figure:has([data-chart='phase2-front'])",
    )


if __name__ == "__main__":
    main()
