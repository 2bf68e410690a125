# SPDX-License-Identifier: Apache-2.0
"""Damaged flow files: one message, exit code 2, nothing half written."""

import random
import string

import pytest

from drawplate.errors import DrawplateError
from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.testing import make_runner

GOOD = """title = "a flow"
seed = 3
[model]
zoo = "mlp"
hidden = [16, 8]
[models.teacher]
zoo = "mlp"
[data]
name = "digits"
limit = 200
[[step]]
use = "fit"
epochs = 3
lr = 0.01
[[step]]
use = "fit"
name = "second"
on = "fit"
schedule = "step"
milestones = [1, 2]
"""
MUTANTS = 500


def swap_value(line, choose):
    key, equals, _ = line.partition(" = ")
    values = [
        "true",
        "-1",
        "0",
        "1e400",
        '""',
        '"fit"',
        "[]",
        "[[1]]",
        "{}",
        "nan",
        "1979-05-27",
        '"' + "x" * 300 + '"',
        "[1, 'a']",
    ]
    return f"{key}{equals}{choose.choice(values)}" if equals else line


def misspell(line, choose):
    if not line:
        return "="
    place = choose.randrange(len(line))
    return line[:place] + choose.choice(string.printable) + line[place + choose.randrange(2) :]


def mutate(text, choose):
    lines = text.splitlines()
    for _ in range(choose.randint(1, 3)):
        place = choose.randrange(len(lines))
        kind = choose.choice(["value", "misspell", "drop", "double", "cut", "shuffle"])
        if kind == "value":
            lines[place] = swap_value(lines[place], choose)
        elif kind == "misspell":
            lines[place] = misspell(lines[place], choose)
        elif kind == "drop" and len(lines) > 1:
            del lines[place]
        elif kind == "double":
            lines.insert(place, lines[place])
        elif kind == "cut":
            lines[place] = lines[place][: len(lines[place]) // 2]
        else:
            other = choose.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    return make_runner(tmp_path_factory.mktemp("store"), data={"name": "digits"})


def test_mutated_flows_are_refused_in_one_message_or_are_right(tmp_path, runner):
    choose = random.Random(0)
    path = tmp_path / "f.toml"
    refused = 0
    for _ in range(MUTANTS):
        path.write_text(mutate(GOOD, choose), encoding="utf-8")
        try:
            make_plan(read_flow(path), runner)
        except DrawplateError as error:
            refused += 1
            assert error.exit_code == 2, path.read_text()
            assert 0 < len(error.message) < 4000
    assert refused > MUTANTS / 2
    assert not list(runner.session.store.root.glob("**/.tmp-*"))
    assert not (runner.session.store.root / "runs").exists()


def test_the_original_is_right(tmp_path, runner):
    path = tmp_path / "f.toml"
    path.write_text(GOOD)
    make_plan(read_flow(path), runner)
