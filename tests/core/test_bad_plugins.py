# SPDX-License-Identifier: Apache-2.0
"""A plugin may do anything at import, in its card and in its side hooks: it is named, and stops only who uses it."""

import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from drawplate import interrupt
from drawplate.errors import BrokenPlugin
from drawplate.plugins import Plugins

FLOW = '[model]\nonnx = "tiny.onnx"\n[data]\nname = "digits"\nlimit = 50\n[[step]]\nuse = "ort"\n'
CARD = """
    from attrs import frozen
    from drawplate import *
    @frozen(kw_only=True)
    class Options: pass
    @hookimpl
    def card():
        return Card(summary="fine", options={"measure": Options}, accepts={Form.FLOAT})
    @hookimpl
    def measure(subject):
        return ()
"""
HOOK = "from drawplate import hookimpl\n@hookimpl\ndef tools():\n    "
BAD = {
    "exit at import": "raise SystemExit(0)",
    "interrupt at import": "raise KeyboardInterrupt",
    "own base exception at import": "class Odd(BaseException): pass\nraise Odd('odd')",
    "exit in its card": "from drawplate import hookimpl\n@hookimpl\ndef card():\n    raise SystemExit(3)",
    "interrupt in its card": "from drawplate import hookimpl\n@hookimpl\ndef card():\n    raise KeyboardInterrupt",
    "exit in a side hook": HOOK + "raise SystemExit(0)",
    "interrupt in a side hook": HOOK + "raise KeyboardInterrupt",
    "a side hook that returns None": HOOK + "return None",
    "a side hook that returns numbers": HOOK + "return (1, 2)",
}


@pytest.fixture
def install(tmp_path):
    """Install a distribution of one module into a folder."""

    def write(name, body):
        site = tmp_path / "site"
        info = site / f"{name}_plugin-1.2.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[drawplate]\n{name} = {name}_plugin\n")
        (site / f"{name}_plugin.py").write_text(textwrap.dedent(body))

    return write


@pytest.fixture
def drawplate(tmp_path):
    """Run the command line with what was installed."""

    def run(*arguments):
        path = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            [sys.executable, "-m", "drawplate", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
        )

    return run


@pytest.fixture
def polite():
    """As on the command line: there it is known which interrupts come from outside."""
    before = {request: signal.getsignal(request) for request in interrupt.REQUESTS}
    interrupt.stop_politely()
    yield
    for request, handler in before.items():
        signal.signal(request, handler)


@pytest.mark.usefixtures("polite")
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_plugin_is_named_and_stops_only_who_uses_it(tmp_path, kind, caplog):
    path = tmp_path / "bad.py"
    path.write_text(BAD[kind])
    plugins = Plugins([path])
    tools = plugins.contributions("tools")
    assert "finn-plus" in tools or not plugins.broken.keys() - {"bad"}
    assert "fit" in plugins.steps()
    with pytest.raises(BrokenPlugin, match=r"step 'bad' of bad\.py"):
        plugins.card("bad")
    assert "hook" not in kind or "bad.py" in caplog.text


def test_all_bad_plugins_at_once_are_listed_and_stop_nobody(install, drawplate, tiny_file):
    for number, body in enumerate(BAD.values()):
        install(f"bad{number}", body)
    (tiny_file.parent / "f.toml").write_text(FLOW)
    done = drawplate("run", "f.toml")
    assert done.returncode == 0, done.stderr
    done = drawplate("doctor", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    for number in range(len(BAD)):
        assert f"bad{number}-plugin 1.2" in done.stdout + done.stderr
    (tiny_file.parent / "g.toml").write_text(FLOW.replace('"ort"', '"bad0"'))
    done = drawplate("run", "g.toml")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: g.toml, step 1 (bad0), step 'bad0' of bad0-plugin 1.2: cannot be loaded: System"
    )


def test_what_plugins_print_does_not_spoil_json(install, drawplate, tiny_file):
    loud = "import os\nprint('hello'); os.system('echo shell'); os.write(1, b'raw')\n" + textwrap.dedent(CARD)
    (tiny_file.parent / "f.toml").write_text(FLOW.replace('"ort"', '"bad"'))
    install("bad", loud)
    for arguments in (("run", "f.toml", "--json"), ("schema",)):
        done = drawplate(*arguments)
        assert done.returncode == 0, done.stderr
        json.loads(done.stdout)
        assert all(word in done.stderr for word in ("hello", "shell", "raw"))


def test_a_plugin_that_a_flow_does_not_use_is_not_imported(install, drawplate, tiny_file):
    (tiny_file.parent / "f.toml").write_text(FLOW)
    slow = "open('imported', 'w').close()\n" + textwrap.dedent(CARD)
    install("bad", slow)
    done = drawplate("run", "f.toml")
    assert done.returncode == 0, done.stderr
    assert not (tiny_file.parent / "imported").exists()
    assert '"bad"' in drawplate("plugins", "--json").stdout
    assert (tiny_file.parent / "imported").exists()


def test_an_installed_plugin_that_was_edited_in_place_is_run_again(install, drawplate, tiny_file):
    (tiny_file.parent / "f.toml").write_text(FLOW.replace('"ort"', '"bad"'))
    said = CARD.replace("return ()", "return (Metric(name='x', value=VALUE, unit='', source='measured'),)")
    values = []
    for value in "1", "2":
        install("bad", said.replace("VALUE", value))
        record = json.loads(drawplate("run", "f.toml", "--json").stdout)
        values.append(record["steps"][0]["outcomes"][0]["metrics"][0]["value"])
    assert values == [1, 2]


@pytest.mark.parametrize("how", ["import helper", "def late():\n    from helper import VALUE"])
def test_a_changed_helper_of_a_plugin_file_is_run_again(tiny_file, write_plugin, how):
    path = write_plugin("mine", how)
    (path.parent / "helper.py").write_text("VALUE = 1\nimport deeper\n")
    (path.parent / "deeper").mkdir()
    (path.parent / "deeper" / "__init__.py").write_text("")
    (path.parent / "deeper" / "part.py").write_text("x = 1")
    (path.parent / "stranger.py").write_text("x = 1")
    found = []
    for change in ("helper.py", "deeper/part.py", "stranger.py"):
        found.append(Plugins([path], entries=[]).identity("mine"))
        (path.parent / change).write_text("import deeper\nx = 2")
    found.append(Plugins([path], entries=[]).identity("mine"))
    assert [one == other for one, other in itertools.pairwise(found)] == [False, False, True]


def test_check_without_pytest_says_what_to_install(tmp_path):
    program = (
        "import sys; sys.modules['pytest'] = None; sys.argv = ['drawplate', 'check', 'ort']\n"
        "from importlib import util; find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'pytest' else find(name, *rest)\n"
        "from drawplate.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "pip install 'drawplate[testing]'" in done.stderr
    assert "Traceback" not in done.stderr
