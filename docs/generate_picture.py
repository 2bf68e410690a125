# SPDX-License-Identifier: Apache-2.0
"""Take the README's picture, the head of a run's report: ``python docs/generate_picture.py RUN [STORE]``.

Needs Chromium.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from drawplate.report.html import page
from drawplate.report.read import find_run, read_run
from drawplate.store import Store

COLOURS = 96
PICTURE = Path(__file__).with_name("pictures") / "report.png"
WIDTH, MARGIN, SCALE = 1200, 24, 1.25
"""In pixels; how many of the picture's pixels are one of the page's."""


def take(run: str, store: str) -> None:
    """Write the picture: the page from its top to the end of the network."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        path = Path(folder, "report.html")
        path.write_text(page([read_run(find_run(Store(Path(store)), run))]), encoding="utf-8")
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": 1200}, device_scale_factor=SCALE)
        tab.goto(path.as_uri())
        box = tab.locator(".side").bounding_box()
        if box:
            height = box["y"] + box["height"] + MARGIN
            tab.screenshot(path=PICTURE, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
        browser.close()
    with Image.open(PICTURE) as picture:
        picture.convert("RGB").quantize(COLOURS).save(PICTURE, optimize=True)


if __name__ == "__main__":
    take(sys.argv[1], *(sys.argv[2:] or [".drawplate"]))
