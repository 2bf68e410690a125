# SPDX-License-Identifier: Apache-2.0
"""``drawplate check``: the conformance kit on a step, without writing a test file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from drawplate.plugins import Plugins
from drawplate.processes import scratch, start

STDOUT, STDERR = 1, 2
"""Descriptors."""

_TEST = """\
from pathlib import Path

from drawplate.testing import StepContract


class TestStep(StepContract):
    step = {step!r}
    plugin_files = tuple(map(Path, {files!r}))
"""


def run_kit(step: str, plugin_files: Sequence[Path], tests: Path | None) -> int:
    """Run pytest on the kit and return its exit code, 2 for a failure.

    Raises:
        DrawplateError: when there is no such step, or it cannot be loaded.
    """
    Plugins(plugin_files).card(step)
    with scratch() as folder:
        test = folder / "test_step.py"
        test.write_text(_TEST.format(step=step, files=[str(path) for path in plugin_files]), encoding="utf-8")
        places = ["--rootdir", str(folder), "--basetemp", str(folder / "temporary")]
        # In a process of its own, which neither a Ctrl-C nor a crash of the step ends in the middle of a message.
        line = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", *places, str(tests or test)]
        sys.stdout.flush()
        kit = start(line, stdout=STDOUT, stderr=STDERR)
        try:
            code = kit.process.wait()
        finally:
            kit.end()
    return 0 if code == 0 else 2
