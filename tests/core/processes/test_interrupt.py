# SPDX-License-Identifier: Apache-2.0
"""A Ctrl-C ends a process within seconds."""

import signal
import time

import pytest

IN_C = 'import hashlib; print("here", flush=True); hashlib.pbkdf2_hmac("md5", b"", b"", 10**9)'
HEEDING = """
import sys, time
from drawplate.cli.interrupt import heeding

class Deaf:
    def __del__(self):
        print("here", flush=True)
        time.sleep(300)

try:
    with heeding(grace=1):
        {work}
except KeyboardInterrupt:
    print("put away")
    sys.exit(130)
"""


@pytest.mark.parametrize(
    ("work", "said"),
    [
        ('print("here", flush=True); time.sleep(300)', "put away\n"),
        ("Deaf(); time.sleep(300)", ""),  # the exception is lost: Python cannot raise it there
        (IN_C, ""),
    ],
)
def test_a_ctrl_c_ends_whatever_is_being_done(family, work, said):
    process = family.python(HEEDING.format(work=work))
    assert process.stdout.readline() == "here\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=5)
    assert (process.returncode, out) == (130, said)
    assert said or "interrupted; run the same command again" in err


def test_a_second_ctrl_c_ends_at_once(family):
    process = family.python(HEEDING.format(work=IN_C).replace("grace=1", "grace=100"))
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=5) == 130
