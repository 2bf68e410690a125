# SPDX-License-Identifier: Apache-2.0
"""``drawplate check``: the conformance kit on a step, without writing a test file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drawplate.plugins import Plugins
from drawplate.processes import scratch

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
    import pytest

    with scratch() as folder:
        test = folder / "test_step.py"
        test.write_text(_TEST.format(step=step, files=[str(path) for path in plugin_files]), encoding="utf-8")
        places = ["--rootdir", str(folder), "--basetemp", str(folder / "temporary")]
        code = pytest.main(["-q", "-p", "no:cacheprovider", *places, str(tests or test)])
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    return 0 if code == 0 else 2
