# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from drawplate.errors import DrawplateError, StepFailed, ToolMissing
from drawplate.toolenv import DeviceTool, HostTool, PythonTool, Status, SystemTool, make, start, status
from drawplate.toolenv.environment import environment_folder

WORKER = """
import os, sys, time
from drawplate_worker import UserError
import neighbour

def add(a, b):
    print("a library prints on standard output")
    os.write(1, b"and past Python's buffers\\n")
    return a + b

def where():
    return [sys.prefix, neighbour.VALUE]

def refuse():
    raise UserError("is too wide", where="layer 'fc1'", allowed="at most 8", hint="fold it")

def crash():
    return 1 / 0

def die():
    sys.stderr.write("out of memory, perhaps\\n")
    os._exit(3)

def hang():
    time.sleep(60)

def pid():
    return os.getpid()

def no_json():
    return {1, 2}
"""


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tool")
    (folder / "worker.py").write_text(WORKER)
    (folder / "neighbour.py").write_text("VALUE = 5")
    (folder / "lock.txt").write_text("# nothing\n")
    before = os.environ.get("DRAWPLATE_CACHE")
    os.environ["DRAWPLATE_CACHE"] = str(folder / "cache")
    yield PythonTool(
        name="adder", summary="adds", python=">=3.9", lock=folder / "lock.txt", worker=folder / "worker.py"
    )
    os.environ.pop("DRAWPLATE_CACHE")
    if before is not None:
        os.environ["DRAWPLATE_CACHE"] = before


@pytest.fixture
def tool(spec):
    tool = start(spec)
    yield tool
    tool.close()


def test_a_worker_answers_from_an_environment_of_its_own(tool, spec):
    assert tool.call("add", a=2, b=3) == 5
    assert tool.call("where") == [str(environment_folder(spec)), 5]
    assert tool.call("pid") == tool.call("pid")


def test_many_threads_may_call(tool):
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda i: tool.call("add", a=i, b=i), range(40))) == [2 * i for i in range(40)]


def test_what_the_user_can_mend_arrives_whole(tool):
    with pytest.raises(DrawplateError) as raised:
        tool.call("refuse")
    assert str(raised.value) == "layer 'fc1': is too wide\n  allowed: at most 8\n  next: fold it"


def test_a_crash_brings_its_traceback_and_the_worker_lives(tool):
    with pytest.raises(StepFailed, match="ZeroDivisionError") as raised:
        tool.call("crash")
    assert "worker.py" in raised.value.traceback
    assert tool.call("add", a=1, b=1) == 2


def test_an_answer_that_is_no_json_is_a_crash_of_the_function_only(tool):
    before = tool.call("pid")
    with pytest.raises(StepFailed, match="TypeError"):
        tool.call("no_json")
    assert tool.call("pid") == before


def test_a_dead_worker_is_said_and_replaced(tool):
    with pytest.raises(StepFailed, match="the worker died") as raised:
        tool.call("die")
    assert "out of memory, perhaps" in raised.value.traceback
    assert tool.call("add", a=1, b=1) == 2


def test_a_hanging_worker_is_said_and_replaced(tool):
    tool.call("pid")
    with pytest.raises(StepFailed, match=r"did not answer within 0\.3 s"):
        tool.call("hang", timeout=0.3)
    assert tool.call("add", a=1, b=1) == 2


def test_a_worker_that_answers_nonsense_is_said(spec, tmp_path):
    worker = tmp_path / "liar.py"
    worker.write_text("import os\ndef lie():\n    os.write(3, b'nonsense\\n') if False else None\n")
    script = tmp_path / "serve.py"
    script.write_text('import sys\nfor line in sys.stdin:\n    print(\'{"id": 99, "value": 1}\', flush=True)\n')
    import drawplate.toolenv.tool as module

    original, module._SERVE = module._SERVE, script
    try:
        liar = start(spec)
        with pytest.raises(StepFailed, match="answered nonsense"):
            liar.call("lie")
        liar.close()
    finally:
        module._SERVE = original


def test_a_worker_leaves_with_its_parent(spec, tmp_path):
    program = textwrap.dedent(
        f"""
        from pathlib import Path
        from drawplate.toolenv import PythonTool, start
        lock, worker = Path({str(spec.lock)!r}), Path({str(spec.worker)!r})
        spec = PythonTool(name="adder", summary="", python=">=3.9", lock=lock, worker=worker)
        print(start(spec).call("pid"), flush=True)
        import os
        os.kill(os.getpid(), 9)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the worker is still there")


def test_two_at_once_make_an_environment_once(spec, tmp_path, monkeypatch):
    monkeypatch.setenv("DRAWPLATE_CACHE", str(tmp_path))
    assert not status(spec).found
    with ThreadPoolExecutor(3) as pool:
        pythons = list(pool.map(lambda _: make(spec), range(3)))
    assert len(set(pythons)) == 1
    assert status(spec).found


def test_what_cannot_be_installed_is_said_and_leaves_nothing_that_counts(spec, tmp_path, monkeypatch):
    monkeypatch.setenv("DRAWPLATE_CACHE", str(tmp_path))
    lock = tmp_path / "bad.txt"
    lock.write_text("./no-such-folder-here\n")
    import attrs

    bad = attrs.evolve(spec, lock=lock)
    with pytest.raises(ToolMissing, match="tool adder: its environment cannot be made"):
        make(bad)
    assert not status(bad).found


def test_no_python_that_fits(spec, monkeypatch):
    import attrs

    old = attrs.evolve(spec, name="old", python=">=2.0,<2.1")
    with pytest.raises(ToolMissing, match=r"(?s)no Python >=2.0,<2.1 is found.*DRAWPLATE_TOOL_OLD_PYTHON"):
        make(old)
    monkeypatch.setenv("DRAWPLATE_TOOL_OLD_PYTHON", sys.executable)
    with pytest.raises(ToolMissing, match="which is Python 3"):
        make(old)


def test_programs_of_the_system():
    assert status(SystemTool(name="python", summary="", commands=("python3",), hint="")).found
    state = status(SystemTool(name="x", summary="", commands=("no-such-program",), hint="apt-get install x"))
    assert (state.found, state.next) == (False, "apt-get install x")


def test_a_host_tool_answers_from_this_python(tmp_path):
    worker = tmp_path / "worker.py"
    worker.write_text("import sys\n\ndef where():\n    return sys.prefix\n")
    tool = start(HostTool(name="h", summary="here", package="numpy", worker=worker, hint="pip install numpy"))
    assert tool.call("where") == sys.prefix
    tool.close()


def test_a_host_tool_without_its_package_says_how_to_get_it(tmp_path):
    spec = HostTool(name="h", summary="here", package="no_such_package", worker=tmp_path, hint="pip install it")
    assert status(spec) == Status(found=False, details="no_such_package is not installed", next="pip install it")
    with pytest.raises(ToolMissing, match="pip install it"):
        start(spec).call("where")


def test_a_device_says_itself_whether_it_is_there():
    there = Status(found=True, details="on bus 1")
    spec = DeviceTool(name="stick", summary="a device", look=lambda: there)
    assert status(spec) == there
    with pytest.raises(ToolMissing, match="answers no calls"):
        start(spec)
