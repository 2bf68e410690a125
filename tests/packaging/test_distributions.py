# SPDX-License-Identifier: Apache-2.0
"""The distributions build, and name their steps."""

import configparser
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEMBERS = ["core", *sorted(f"plugins/{path.name}" for path in (ROOT / "plugins").iterdir())]


@pytest.mark.parametrize("member", MEMBERS)
def test_a_wheel_holds_its_steps_its_types_and_its_licence(member, tmp_path):
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            tmp_path,
            ROOT / member,
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    project = tomllib.loads((ROOT / member / "pyproject.toml").read_text())["project"]
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]
        table = configparser.ConfigParser()
        table.optionxform = str
        table.read_string(archive.read(entry_points).decode())
    assert dict(table["drawplate"]) == project["entry-points"]["drawplate"]
    for module in table["drawplate"].values():
        assert module.replace(".", "/") + ".py" in names
    assert any(name.endswith("py.typed") for name in names)
    assert any("licenses/LICENSE" in name for name in names)
    assert not any(name.startswith("tests/") or name.endswith(".pyc") for name in names)


def test_every_member_is_installed_by_the_workspace():
    root = (ROOT / "pyproject.toml").read_text()
    requirements = (ROOT / "requirements-dev.txt").read_text()
    for member in MEMBERS:
        assert f"{{root:uri}}/{member}" in root
        assert f"-e {member}" in requirements
