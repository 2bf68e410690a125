# SPDX-License-Identifier: Apache-2.0
"""``python -m benchmarks``: every benchmark in turn, or those named."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main(names: list[str]) -> None:
    sys.path.insert(0, str(FOLDER))  # as for a benchmark that is run by its file's name
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        if not names or path.stem in names:
            print(f"== {path.stem}", flush=True)
            sys.argv = [str(path)]
            runpy.run_path(str(path), run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
