# SPDX-License-Identifier: Apache-2.0
"""A child process has a limit, and ends with whoever started it, and so does all that it started."""

import os
import signal
import sys
import textwrap
import time
from pathlib import Path

import pytest

from drawplate.errors import DrawplateError, ToolTimeout
from drawplate.processes import run, scratch, start
from drawplate.processes.scratch import PREFIX

SLEEPERS = """
import os, subprocess, sys
subprocess.Popen(["sleep", "300"])
subprocess.Popen(["sleep", "301"], start_new_session=True)
if os.fork() == 0:
    subprocess.Popen(["sleep", "302"], start_new_session=True)
    os._exit(0)
print("here", flush=True)
{end}
"""


def sleepers(end="subprocess.run(['sleep', '303'])"):
    return [sys.executable, "-c", SLEEPERS.format(end=end)]


def test_a_program_gives_what_it_says_and_its_status(tmp_path):
    program = "import sys, os; print(os.getcwd()); sys.stderr.write('oh\\n'); sys.exit(7)"
    done = run([sys.executable, "-c", program], seconds=20, where="test", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (7, f"{tmp_path}\n", "oh\n")


def test_a_signal_is_told():
    done = run([sys.executable, "-c", "import os; os.kill(os.getpid(), 11)"], seconds=20, where="test")
    assert done.returncode == -signal.SIGSEGV


def test_what_is_not_there_is_said():
    done = run(["no-such-program"], seconds=20, where="test")
    assert done.returncode == 127
    assert "no-such-program: No such file" in done.stderr


@pytest.mark.parametrize("given", [None, "2"])
def test_a_program_that_takes_too_long_is_ended_with_all_it_started(family, monkeypatch, given):
    for name, value in family.environment.items():
        monkeypatch.setenv(name, value)
    if given:
        monkeypatch.setenv("DRAWPLATE_TOOL_SECONDS", given)
    started = time.monotonic()
    with pytest.raises(ToolTimeout, match=r"layer fc1: python\S* did not end within 2 s") as raised:
        run(sleepers(), seconds=100 if given else 2, where="layer fc1")
    assert "DRAWPLATE_TOOL_SECONDS" in raised.value.hint
    assert raised.value.traceback == "here\n"
    assert raised.value.exit_code == 2
    assert time.monotonic() - started < 10
    assert not [line for line in family.alive().values() if "sleep" in line]


def test_a_limit_that_is_no_number_is_said(monkeypatch):
    monkeypatch.setenv("DRAWPLATE_TOOL_SECONDS", "soon")
    with pytest.raises(DrawplateError, match=r"DRAWPLATE_TOOL_SECONDS: is 'soon'\n  allowed: seconds, more than 0"):
        run(["true"], seconds=1, where="test")


def test_nothing_is_left_of_a_program_that_ends(family, monkeypatch):
    for name, value in family.environment.items():
        monkeypatch.setenv(name, value)
    assert run(sleepers("os._exit(0)"), seconds=20, where="test").returncode == 0
    assert not [line for line in family.alive().values() if "sleep" in line]


PARENT = """
import sys
from drawplate.processes import run
run({command!r}, seconds=100, where="test")
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_children_end_with_their_parent(family, how):
    parent = family.python(PARENT.format(command=sleepers()))
    family.wait_for("^sleep 30[0-3]", count=4)
    parent.send_signal(how)
    parent.wait(timeout=5)
    assert family.orphans() == {}


def test_a_program_ends_with_its_keeper(family):
    parent = family.python(PARENT.format(command=["sleep", "300"]))
    family.wait_for("^sleep 300")
    (keeper,) = [process for process, line in family.alive().items() if "keeper.py" in line]
    os.kill(keeper, signal.SIGKILL)
    assert parent.wait(timeout=5) == 0  # it is told of it as of any program that is killed
    assert family.orphans() == {}


def test_what_a_killed_process_left_goes_with_the_next(family):
    program = textwrap.dedent(
        """
        import os, time
        from drawplate.processes import run, scratch
        with scratch() as folder:
            (folder / "large").write_bytes(bytes(1000))
            run(["sh", "-c", "touch $TMPDIR/compiler.s"], seconds=9, where="test")
            print(folder, flush=True)
            {end}
        """
    )
    temporary = family.folder / "tmp"
    living = family.python(program.format(end="time.sleep(60)"))
    kept = living.stdout.readline().strip()
    killed = family.python(program.format(end="os.kill(os.getpid(), 9)"))
    left = killed.stdout.readline().strip()
    killed.wait()
    assert len(list(temporary.glob(f"{PREFIX}*/large*"))) == 0
    assert len(list(temporary.glob(f"{PREFIX}*/*/large"))) == 2
    assert len(list(temporary.glob(f"{PREFIX}*/compiler.s"))) == 2
    assert family.python(program.format(end="pass")).wait() == 0
    assert Path(kept).exists()
    assert not Path(left).exists()
    assert len(list(temporary.iterdir())) == 1
    living.kill()


def test_a_scratch_folder_goes_at_the_end():
    with scratch() as folder:
        (folder / "a").mkdir()
        (folder / "a" / "b").touch()
    assert not folder.exists()


def test_input_reaches_a_program_and_its_end_ends_it():
    import subprocess

    child = start(["cat"], stdin=subprocess.PIPE)
    child.process.stdin.write("hello\n")
    child.process.stdin.flush()
    assert child.process.stdout.readline() == "hello\n"
    child.leave(5)
    assert child.process.returncode == 0


def test_who_waits_is_called_while_a_program_runs_and_its_output_is_whole(monkeypatch):
    monkeypatch.setattr("drawplate.processes.complete.TICK", 0.05)
    looks = []
    program = "import time; print('a', flush=True); time.sleep(0.4); print('b' * 100_000)"
    done = run([sys.executable, "-c", program], seconds=60, where="a test", during=lambda: looks.append(1))
    assert done.stdout == "a\n" + "b" * 100_000 + "\n"
    assert len(looks) > 2
    with pytest.raises(ToolTimeout):
        run([sys.executable, "-c", "import time; time.sleep(60)"], seconds=0.3, where="a test", during=lambda: None)
