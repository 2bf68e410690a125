# SPDX-License-Identifier: Apache-2.0
"""A simulation that is killed takes its compiler along."""

import os
import subprocess
import sys
import textwrap
import time
import uuid
from pathlib import Path

import pytest

pytestmark = pytest.mark.verilator
PROGRAM = """
    from pathlib import Path
    from drawplate_dataflow.network import unsigned
    from drawplate_dataflow.specimens.mlp import LayerShape, activation_type, random_mlp
    from drawplate_dataflow.hardware import generate
    from drawplate_dataflow.simulate.verilate import Variant, build
    from drawplate_dataflow.technology import GENERIC
    shapes = [LayerShape(mh=64, pe=8, simd=8, weight_bits=4, output_bits=4)]
    build(generate(random_mlp(64, unsigned(4), shapes), GENERIC), Path.cwd(), Variant(gates=True))
"""


def alive(token):
    """Command lines of all that inherit a token."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if token.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [line for line in found if line]  # those without one have ended


def test_a_killed_simulation_leaves_no_compiler(tmp_path):
    token = uuid.uuid4().hex
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM)]
    environment = os.environ | {"DRAWPLATE_TEST_TOKEN": token, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    while not any("cc1plus" in line for line in alive(token)):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 5
    while alive(token) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert alive(token) == []
