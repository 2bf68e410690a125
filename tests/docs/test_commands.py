# SPDX-License-Identifier: Apache-2.0
"""Every command in the docs runs; what needs a board or a cluster is at least a command that there is."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from drawplate.cli.app import app

sys.path.insert(0, str(Path(__file__).parent))
from blocks import blocks, commands

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
READMES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("plugins/*/README.md"))]
PAGES = [*READMES, *sorted(DOCS.rglob("*.md"))]
REASONS = {
    "installs packages",
    "needs a board",
    "needs a cluster",
    "needs a device",
    "needs a web server",
    "needs files of yours",
    "takes hours",
    "of a clone",
}
QUICK = {"help/faq.md"}
"""Pages whose commands take some seconds in all; the others are marked slow."""


def runnable(page: Path) -> bool:
    return any(block.language == "bash" and not block.said for block in blocks(page))


def name_of(page: Path) -> str:
    return page.relative_to(DOCS if page.is_relative_to(DOCS) else ROOT).as_posix()


def slow(page: Path):
    return pytest.param(page, id=name_of(page), marks=() if name_of(page) in QUICK else pytest.mark.slow)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_and_option_exists(page):
    command = get_command(app)
    for line in commands(page):
        words = shlex.split(line, comments=True)[1:]
        if not re.fullmatch("[a-z]+", words[0]):
            continue  # an option of the program itself, or a placeholder
        assert words[0] in command.commands, line
        options = {name for parameter in command.commands[words[0]].params for name in parameter.opts}
        for word in words[1:]:
            if re.match(r"--?[a-z]", word):
                assert word.partition("=")[0] in options | {"--help", "-h"}, f"{line}: {word}"


FLOWS = sorted({line for page in PAGES for line in commands(page) if re.match(r"drawplate (run|sweep) flows/", line)})


@pytest.mark.slow
@pytest.mark.parametrize("line", FLOWS)
def test_what_takes_minutes_to_hours_is_planned(line):
    words = shlex.split(line, comments=True)[2:]
    settings = [pair for at, word in enumerate(words) if word == "--set" for pair in (word, words[at + 1])]
    done = subprocess.run(
        [sys.executable, "-m", "drawplate", "plan", words[0], *settings],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_not_run_says_why(page):
    for block in blocks(page):
        if block.said.startswith("not run"):
            assert block.said.removeprefix("not run: ") in REASONS


@pytest.mark.parametrize("page", [slow(page) for page in sorted(DOCS.rglob("*.md")) if runnable(page)])
def test_the_commands_of_a_page_run(page, tmp_path):
    for block in blocks(page):
        if block.title:
            (tmp_path / block.title).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "bash" and not block.said:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block.text],
                cwd=tmp_path,
                env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "100"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=1800,
                check=False,
            )
            assert done.returncode == 0, f"{block.text}\n{done.stdout[-3000:]}"
