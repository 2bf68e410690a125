# SPDX-License-Identifier: Apache-2.0
"""What ``drawplate new`` writes installs, passes its own test and the conformance kit, in an environment of its own."""

import os
import subprocess
import sys
import sysconfig
import venv

import pytest


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A new virtual environment that finds the packages of this one, and nothing that is installed into it later."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "base.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    return folder / "bin" / "python"


def run(python, *arguments, cwd):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    return subprocess.run([python, *arguments], cwd=cwd, capture_output=True, text=True, check=False, env=clean)


@pytest.mark.parametrize(("kind", "name"), [("target", "mychip"), ("technique", "my_pruner")])
def test_a_new_package_installs_and_passes(environment, tmp_path, kind, name):
    done = run(environment, "-m", "drawplate", "new", kind, name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / name
    installed = run(
        environment, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", str(folder), cwd=tmp_path
    )
    assert installed.returncode == 0, installed.stderr
    assert name in run(environment, "-m", "drawplate", "plugins", cwd=tmp_path).stdout
    checked = run(environment, "-m", "drawplate", "check", name, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = run(environment, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder), cwd=tmp_path)
    assert tested.returncode == 0, tested.stdout
    linted = run(
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "E,F,I,UP,B",
        "--line-length",
        "120",
        str(folder),
        cwd=tmp_path,
    )
    assert linted.returncode == 0, linted.stdout


def test_a_package_is_not_written_over(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("x")
    done = run(sys.executable, "-m", "drawplate", "new", "target", "mine", cwd=tmp_path)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
