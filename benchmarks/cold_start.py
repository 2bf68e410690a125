# SPDX-License-Identifier: Apache-2.0
"""How long ``drawplate --help`` takes, against importing the two packages that any such command line needs."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
HELP = "import sys; sys.argv = ['drawplate', '--help']; from drawplate.cli import main; main()"


def seconds(program: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    seconds(HELP), seconds("import typer, rich")  # bytecode and file cache
    pairs = [(seconds(HELP), seconds("import typer, rich")) for _ in range(ROUNDS)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    print(f"drawplate --help / python -c 'import typer, rich': {ratio:.2f} (median of {ROUNDS} pairs)")
    print(f"  {statistics.median(p[0] for p in pairs):.3f} s against {statistics.median(p[1] for p in pairs):.3f} s")


if __name__ == "__main__":
    main()
