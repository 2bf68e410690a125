# SPDX-License-Identifier: Apache-2.0
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

MARK = "DRAWPLATE_TEST_FAMILY"


class Family:
    """A process and all that come of it, told by a variable that they inherit."""

    def __init__(self, folder):
        self.folder = folder
        self.token = uuid.uuid4().hex
        (folder / "tmp").mkdir()
        self.environment = os.environ | {MARK: self.token, "TMPDIR": str(folder / "tmp")}
        self.environment["DRAWPLATE_CACHE"] = str(folder / "cache")

    def start(self, command, **how):
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True} | how
        self.first = subprocess.Popen(command, env=self.environment, cwd=self.folder, **how)
        return self.first

    def python(self, program, **how):
        return self.start([sys.executable, "-c", program], **how)

    def alive(self):
        """Command lines of those that live."""
        found = {}
        for folder in Path("/proc").iterdir():
            try:
                if (
                    f"{MARK}={self.token}".encode() in (folder / "environ").read_bytes()
                    and (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
                ):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, ValueError):
                continue
        return found

    def wait_for(self, pattern, count=1, seconds=60):
        """Wait until so many command lines match."""
        for _ in range(int(seconds * 20)):
            found = [line for line in self.alive().values() if re.search(pattern, line)]
            if len(found) >= count:
                return
            if self.first.poll() is not None:
                pytest.fail(f"it ended: {self.first.communicate()}")
            time.sleep(0.05)
        pytest.fail(f"no {pattern}: {self.alive()}")

    def orphans(self, seconds=5):
        """Command lines of those that live so many seconds later, unless all have ended before."""
        for _ in range(int(seconds * 20)):
            if not self.alive():
                return {}
            time.sleep(0.05)
        return self.alive()


@pytest.fixture
def family(tmp_path):
    found = Family(tmp_path)
    yield found
    for process in found.alive():
        os.kill(process, signal.SIGKILL)
