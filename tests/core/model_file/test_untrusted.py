# SPDX-License-Identifier: Apache-2.0
"""Damaged and hostile model files: one ModelError each, in bounded memory, or a model that reads fine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

PROGRAM = """
import json, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
sys.path.insert(0, sys.argv[1])
import mutants
import drawplate.model_file, onnx.checker, onnx.external_data_helper
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
answers = dict(mutants.verdicts([Path(line) for line in Path(sys.argv[2]).read_text().splitlines()]))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
json.dump({"answers": answers, "grown_kb": grown}, sys.stdout)
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What reading each of the two hundred files gave, in a process of its own: a crash would end it."""
    here = Path(__file__).parent
    sys.path.insert(0, str(here))
    try:
        import mutants
    finally:
        sys.path.remove(str(here))
    folder = tmp_path_factory.mktemp("mutants")
    listing = folder / "list.txt"
    listing.write_text("\n".join(map(str, mutants.write_mutants(folder))))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(here), str(listing)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_file_raises_anything_but_a_model_error(found):
    answers = found["answers"]
    assert len(answers) == 200
    assert {name: said for name, said in answers.items() if said not in ("fine", "refused")} == {}


def test_memory_is_bounded(found):
    assert found["grown_kb"] < 200_000


def test_hostile_files_are_refused(found):
    counts = Counter((name.split("-")[0], said) for name, said in found["answers"].items())
    assert counts["outside", "refused"] == 40
    assert counts["huge", "refused"] >= 30
    assert counts["truncated", "refused"] >= 39
    assert counts["flipped", "fine"] >= 1  # most flips only change a weight
