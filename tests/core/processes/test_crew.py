# SPDX-License-Identifier: Apache-2.0
"""Programs that run beside other work end with it, and are as good as any when it ends well."""

import signal
import subprocess
import sys
import time

import pytest

from drawplate.processes import crew, run

BESIDE = """
from drawplate.processes import crew, run
with crew(2) as together:
    for seconds in ("300", "301", "302"):
        together.submit(run, ["sleep", seconds], seconds=400, where="test", during=together.look)
    {body}
"""


def test_answers_come_as_from_calls():
    def say(word):
        return run([sys.executable, "-c", f"print({word!r})"], seconds=60, where="test", during=together.look).stdout

    with crew(2) as together:
        words = [together.submit(say, word) for word in "abc"]
        assert [word.result() for word in words] == ["a\n", "b\n", "c\n"]


def test_an_error_beside_ends_what_runs_and_begins_nothing_more(family):
    parent = family.python(BESIDE.format(body="input(); raise ValueError('wrong')"), stdin=subprocess.PIPE)
    family.wait_for("^sleep 30[01]", count=2)
    _, error = parent.communicate("go\n", timeout=10)
    assert "ValueError: wrong" in error
    assert family.orphans() == {}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupt_ends_what_runs(family, how):
    polite = "import time; from drawplate.interrupt import stop_politely; stop_politely(); time.sleep(60)"
    parent = family.python(BESIDE.format(body=polite))
    family.wait_for("^sleep 30[01]", count=2)
    time.sleep(0.5)  # until it sleeps
    parent.send_signal(how)
    parent.wait(timeout=10)
    assert family.orphans() == {}


def test_what_waits_is_not_begun_after_the_end():
    begun = []

    def leave_early():
        with crew(1) as together:
            together.submit(run, ["sleep", "300"], seconds=400, where="test", during=together.look)
            together.submit(begun.append, 1)
            raise KeyError

    with pytest.raises(KeyError):
        leave_early()
    assert begun == []
