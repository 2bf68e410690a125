# SPDX-License-Identifier: Apache-2.0
"""A tool environment whose making is killed is made by the next who wants it, and nothing runs on."""

import random
import textwrap
import time

import pytest

BACKEND = """
import os, subprocess, zipfile

FILES = {{
    "METADATA": ["Metadata-Version: 2.1", "Name: slow", "Version: 1.0"],
    "WHEEL": ["Wheel-Version: 1.0", "Generator: x", "Root-Is-Purelib: true", "Tag: py3-none-any"],
    "RECORD": [],
}}

def build_wheel(folder, config_settings=None, metadata_directory=None):
    if not os.path.exists({go!r}):
        subprocess.run(["sleep", "300"])
    name = "slow-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("slow.py", "VALUE = 7")
        for file, lines in FILES.items():
            wheel.writestr("slow-1.0.dist-info/" + file, "".join(line + chr(10) for line in lines))
    return name
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "slow"
version = "1.0"
"""
PROGRAM = """
    from pathlib import Path
    from drawplate.toolenv import PythonTool, start
    folder = Path.cwd()
    spec = PythonTool(name="slow", summary="", python=">=3.9", lock=folder / "lock.txt", worker=folder / "worker.py")
    print(start(spec).call("value"), flush=True)
"""


@pytest.fixture
def made(family):
    """Start making an environment out of a package that takes its time."""
    folder = family.folder
    (folder / "slow").mkdir()
    (folder / "slow" / "backend.py").write_text(BACKEND.format(go=str(folder / "go")))
    (folder / "slow" / "pyproject.toml").write_text(PROJECT)
    (folder / "lock.txt").write_text(f"{folder / 'slow'}\n")
    (folder / "worker.py").write_text("import slow\n\ndef value():\n    return slow.VALUE\n")
    return lambda: family.python(textwrap.dedent(PROGRAM))


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_killed_while_it_is_made(family, made, kills):
    choose = random.Random(kills)
    for number in range(kills):
        process = made()
        if number % 2:
            family.wait_for("^sleep 300")
        else:
            family.wait_for("/uv ")
            time.sleep(choose.uniform(0, 0.3))
        process.kill()
        process.wait()
        assert family.orphans() == {}
    (family.folder / "go").touch()
    process = made()
    out, err = process.communicate(timeout=60)
    assert (out, process.returncode) == ("7\n", 0), err
    assert family.orphans() == {}
