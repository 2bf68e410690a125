# SPDX-License-Identifier: Apache-2.0
"""A report of a search with 5,000 candidates: seconds and memory to write it, its size, and seconds until it is open.

    python benchmarks/report.py [CANDIDATES]

The baseline of the page's opening is the same page about a search with 50 candidates, opened in turns by the same
browser (Debian's chromium); without a browser only the first three are found.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "core" / "report"))

from records import whole_story

from drawplate.report.html import page
from drawplate.report.record import typed

FEW = 50
ROUNDS = 5


def opening(paths: list[Path]) -> list[list[tuple[float, float]]]:
    """Return seconds to the first drawn chart, and of processor time, for each page, in turns."""
    from playwright.sync_api import sync_playwright

    times: list[list[tuple[float, float]]] = [[] for _ in paths]
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for number in range(ROUNDS + 1):
            for path, found in zip(paths, times, strict=True):
                tab = browser.new_page(viewport={"width": 1100, "height": 900})
                watch = tab.context.new_cdp_session(tab)
                watch.send("Performance.enable")
                begin = time.perf_counter()
                tab.goto(path.as_uri())
                tab.wait_for_selector(".main-svg")
                wall = time.perf_counter() - begin
                told = {entry["name"]: entry["value"] for entry in watch.send("Performance.getMetrics")["metrics"]}
                if number:  # the first round warms the browser up
                    found.append((wall, told["ProcessTime"]))
                tab.close()
        browser.close()
    return times


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder, "few.html"), Path(folder, "many.html")
        few.write_text(page([typed(whole_story(FEW))]), encoding="utf-8")
        record = whole_story(count)
        begin = time.perf_counter()
        text = page([typed(record)])
        print(f"{count} candidates: written in {time.perf_counter() - begin:.2f} s, {len(text.encode()) / 1e6:.2f} MB")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
        many.write_text(text, encoding="utf-8")
        if shutil.which("chromium") is None:
            print("no chromium: opening was not measured")
            return
        small, large = opening([few, many])
        wall, busy = (statistics.median(times[part] for times in large) for part in (0, 1))
        ratio = statistics.median(b[1] / a[1] for a, b in zip(small, large, strict=True))
        print(f"open, first chart drawn: {wall:.2f} s, the quickest {min(large)[0]:.2f} s")
        print(f"the tab's processor time: {busy:.2f} s, {ratio:.2f} x that of {FEW} candidates")


if __name__ == "__main__":
    main()
