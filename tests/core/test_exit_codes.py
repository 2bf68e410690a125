# SPDX-License-Identifier: Apache-2.0
"""Every command's exit code, as a process: 0, 1, 2 or 130; a message instead of a traceback."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

FLOW = '[model]\nzoo = "mlp"\nhidden = [8]\n[data]\nname = "digits"\nlimit = 60\n[[step]]\nuse = "fit"\nepochs = 1\n'
HEED = """
import os, signal, sys
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a command that heeds signals, which it would ignore under nohup or in the background of a shell."""
SLOW = """
    import pathlib, time
    @hookimpl
    def card():
        return Card(summary="slow", options={"measure": Options}, accepts={Form.FLOAT})
    @hookimpl
    def measure(subject):
        pathlib.Path(__file__).with_name("begun").touch()
        time.sleep(60)
        return ()
"""
CRASH = SLOW.replace("time.sleep(60)", "1 / 0")


def command(*arguments):
    return [sys.executable, "-m", "drawplate", *map(str, arguments)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a flow, and a store that holds a run and a sweep with a cell that failed."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "f.toml").write_text(FLOW)
    subprocess.run(command("run", "f.toml"), cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (0, "show last"),
        (0, "gc --dry-run"),
        (0, "plan f.toml"),
        (2, "run f.toml --device cuda"),
        (2, "run f.toml --executor proces"),
        (2, "sweep f.toml --over fit.epochs=1..9999999999"),
        (2, "sweep f.toml --over fit.lr=0.01,-1"),
        (2, "check fti"),
        (2, "gc --older-than -1"),
        (2, "gc --store f.toml"),
        (2, "run f.toml --store f.toml"),
        (2, "doctor --nonsense"),
    ],
)
def test_exit_codes(place, code, line):
    """More of them in test_cli.py."""
    done = subprocess.run(command(*line.split()), cwd=place, check=False, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert code == 0 or done.stderr or "error" in done.stdout


def test_a_failed_check_is_2(tmp_path, write_plugin):
    liar = write_plugin("liar", SLOW.replace("time.sleep(60)", "return 3"))
    done = subprocess.run(command("check", "liar", "--plugin", liar), cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == 2


def test_a_crash_of_a_plugin_is_1(tmp_path, tiny_file, write_plugin):
    (tmp_path / "c.toml").write_text('[model]\nonnx = "tiny.onnx"\n[[step]]\nuse = "crash"\n')
    line = command("run", "c.toml", "--plugin", write_plugin("crash", CRASH))
    done = subprocess.run(line, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.search(r"crash\.measure of crash\.py.*ZeroDivisionError", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("request_", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_is_130_and_says_so_to_who_asks(tmp_path, tiny_file, write_plugin, request_):
    (tmp_path / "s.toml").write_text('[model]\nonnx = "tiny.onnx"\n[[step]]\nuse = "slow"\n')
    line = [sys.executable, "-c", HEED, *command("run", "s.toml", "--plugin", write_plugin("slow", SLOW))]
    running = subprocess.Popen(line, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "begun").exists():
        time.sleep(0.05)
    rows = subprocess.run(command("show", "--json"), cwd=tmp_path, check=True, capture_output=True).stdout
    assert json.loads(rows)[0]["status"] == "running"
    running.send_signal(request_)
    assert running.wait(timeout=20) == 130
    assert running.stderr.read() == "interrupted; run the same command again to go on\n"
    rows = subprocess.run(command("show", "--json"), cwd=tmp_path, check=True, capture_output=True).stdout
    assert json.loads(rows)[0]["status"] == "interrupted"


def test_a_killed_run_is_not_running(tmp_path, tiny_file, write_plugin):
    (tmp_path / "s.toml").write_text('[model]\nonnx = "tiny.onnx"\n[[step]]\nuse = "slow"\n')
    running = subprocess.Popen(command("run", "s.toml", "--plugin", write_plugin("slow", SLOW)), cwd=tmp_path)
    while not (tmp_path / "begun").exists():
        time.sleep(0.05)
    running.kill()
    running.wait()
    rows = subprocess.run(command("show", "--json"), cwd=tmp_path, check=True, capture_output=True).stdout
    assert json.loads(rows)[0]["status"] == "killed"


@pytest.mark.parametrize("line", ["show last --csv", "show --json", "schema", "run f.toml"])
def test_a_reader_that_has_gone_is_one_message(place, line):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command(*line.split()), cwd=place, check=False, stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    assert done.returncode == 0
    assert done.stderr == "standard output was closed before all of it was written\n"


def test_brackets_in_a_path_are_brackets(place):
    line = command("run", "f.toml", "--store", "b[/b]r")
    done = subprocess.run(line, cwd=place, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "b[/b]r/runs/f-" in done.stdout


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_store_that_may_only_be_read_is_one_message(place):
    """``show`` works, the rest says where it may not write."""
    folders = [path for path in (place / ".drawplate").rglob("*") if path.is_dir()]
    try:
        for folder in folders:
            folder.chmod(0o555)
        for line, code in (("show last", 0), ("run f.toml", 2), ("gc", 2)):
            done = subprocess.run(command(*line.split()), cwd=place, check=False, capture_output=True, text=True)
            assert done.returncode == code, done.stderr
            assert "Traceback" not in done.stderr
            assert code == 0 or "Permission denied" in done.stderr
    finally:
        for folder in folders:
            folder.chmod(0o755)


@pytest.mark.parametrize("reason", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_what_cannot_be_written_is_one_message(place, reason):
    """A disk that is full, or may only be read, said by the system at whatever write comes first."""
    program = (
        "import os, sys, tempfile\n"
        f"def refuse(*_, **__): raise OSError({reason}, os.strerror({reason}))\n"
        "tempfile.mkstemp = tempfile.mkdtemp = refuse\n"
        "sys.argv = ['drawplate', 'run', 'f.toml', '--store', 'other']\n"
        "from drawplate.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=place, check=False, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert os.strerror(reason) in done.stderr
    assert "Traceback" not in done.stderr
