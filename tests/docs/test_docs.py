# SPDX-License-Identifier: Apache-2.0
"""The docs say what the source says."""

import importlib.util
import inspect
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest

from drawplate import hookspecs

ROOT = Path(__file__).parents[2]
HOOKS = [name for name, function in vars(hookspecs).items() if hasattr(function, "drawplate_spec")]


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_section_with_its_arguments(name):
    text = (ROOT / "docs" / "reference" / "hooks.md").read_text()
    arguments = ", ".join(inspect.signature(getattr(hookspecs, name)).parameters)
    assert f"### `{name}({arguments})" in text


def test_the_page_of_options_is_current():
    spec = importlib.util.spec_from_file_location("generate_options", ROOT / "docs" / "generate_options.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text() == module.page(), "run python docs/generate_options.py"
    assert module.SCHEMA.read_text() == module.schema(), "run python docs/generate_options.py"


def test_the_page_of_layers_is_current():
    spec = importlib.util.spec_from_file_location("generate_layers", ROOT / "docs" / "generate_layers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text() == module.page(), "run python docs/generate_layers.py"


def test_the_plugin_shown_is_the_plugin_that_runs(tmp_path):
    source = (ROOT / "docs" / "examples" / "target_echo" / "echo.py").read_text()
    assert source in (ROOT / "docs" / "reference" / "hooks.md").read_text()
    (tmp_path / "f.toml").write_text('[model]\nzoo = "mlp"\nshape = [1, 8, 8]\nclasses = 3\n[[step]]\nuse = "echo"\n')
    plugin = ROOT / "docs" / "examples" / "target_echo" / "echo.py"
    done = subprocess.run(
        [sys.executable, "-m", "drawplate", "run", "f.toml", "--json", "--plugin", plugin],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    (metric,) = json.loads(done.stdout)["steps"][0]["outcomes"][0]["metrics"]
    assert metric["name"] == "size"
    assert metric["source"] == "measured"


@pytest.mark.parametrize(
    ("example", "page"),
    [("layer_invert/invert.py", "layer-kind.md"), ("technology_ice40/ice40.py", "technology.md")],
)
def test_what_is_shown_is_what_is_tested(example, page):
    source = (ROOT / "docs" / "examples" / example).read_text()
    assert source in (ROOT / "docs" / "how-to" / page).read_text()


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name
)
def test_flows_in_the_docs_are_read(page, tmp_path):
    from drawplate.flow import read_flow

    for number, block in enumerate(re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)):
        if "[model]" in block and "[[step]]" in block:
            path = tmp_path / f"{number}.toml"
            path.write_text(block)
            read_flow(path)


@pytest.mark.parametrize("flow", sorted((ROOT / "flows").rglob("*.toml")), ids=lambda path: path.name)
def test_ready_flows_lead_editors_to_their_schema_and_keep_to_it(flow):
    first = flow.read_text().partition("\n")[0]
    assert first.startswith("#:schema ")
    schema = json.loads((flow.parent / first.removeprefix("#:schema ")).read_text())
    jsonschema.Draft202012Validator(schema).validate(tomllib.loads(flow.read_text()))


@pytest.mark.parametrize("flow", sorted((ROOT / "flows").rglob("*.toml")), ids=lambda path: path.name)
def test_ready_flows_name_steps_and_options_that_exist(flow):
    from drawplate.flow import read_flow
    from drawplate.plugins import Plugins
    from drawplate.runner.options import chosen_verbs, read_step_options

    parsed, plugins = read_flow(flow), Plugins()
    for step in parsed.steps:
        card = plugins.card(step.use)
        read_step_options(card, chosen_verbs(card, step.only, step.name), step.options, step.name)


def test_messages_that_are_explained_are_those_of_the_source():
    text = (ROOT / "docs" / "help" / "troubleshooting.md").read_text(encoding="utf-8")
    folders = ("core/src", "dataflow/src", "plugins")
    sources = "".join(path.read_text(encoding="utf-8") for name in folders for path in (ROOT / name).rglob("*.py"))
    messages = re.findall(r"^### `(.*)`$", text, re.MULTILINE)
    assert messages
    assert [message for message in messages if message not in sources] == []


def test_nothing_speaks_of_one_machine():
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    words = re.compile("|".join(("/ro" + "ot/", "/wo" + "rk/(main|shared)", "DEVEL" + "OPERS")))
    for name in found.split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix in (".py", ".md", ".toml", ".txt", ".yml", ".v", ".json", ".lock"):
            assert not words.search(path.read_text(encoding="utf-8", errors="replace")), name
