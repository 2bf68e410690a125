# SPDX-License-Identifier: Apache-2.0
"""What torch's engine asks of the system."""

import platform
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pytest

from drawplate.torch import engine

FAULTS = """
    import resource, sys, torch
    from drawplate.torch import engine
    if sys.argv[1] == "kept":
        assert engine.keep_memory()
    def step():
        return torch.zeros(16_000_000).add_(1.0)  # 64 MB
    for _ in range(3):
        step()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        step()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc is told so by glibc's mallopt")
def test_the_blocks_of_a_step_are_those_of_the_one_before():
    faults = {
        kind: int(subprocess.check_output([sys.executable, "-c", textwrap.dedent(FAULTS), kind], text=True))
        for kind in ("kept", "given back")
    }
    assert faults["kept"] < faults["given back"] / 2


def test_another_malloc_is_left_alone(monkeypatch):
    monkeypatch.setattr(engine.ctypes, "CDLL", lambda _: SimpleNamespace())
    assert engine.keep_memory.__wrapped__() is False
