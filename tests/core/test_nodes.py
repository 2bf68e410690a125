# SPDX-License-Identifier: Apache-2.0
"""What a machine of a cluster lacks is said by the machine's name."""

import attrs
import pytest

from drawplate.executor.nodes import complaints, look, shown
from drawplate.testing import make_runner


@pytest.fixture
def token(tmp_path):
    plugin = tmp_path / "plugin.py"
    plugin.touch()
    session = make_runner(tmp_path, plugin_files=[plugin], data={"name": "npz", "path": str(tmp_path)}).session
    with shown(session) as token:
        yield token
    assert not token.path.exists()


def test_this_machine_lacks_nothing(token):
    assert complaints({"this": look(token)}, token) == []


def test_what_others_lack(token):
    sight = look(token)
    others = {
        "blind": attrs.evolve(sight, text=""),
        "half": attrs.evolve(sight, missing=("/data/x.npz",)),
        "old": attrs.evolve(sight, versions={**sight.versions, "numpy": "1.0"}),
        "mute": "No module named 'drawplate'",
        "fine": sight,
    }
    folder, numpy = token.path.parent, sight.versions["numpy"]
    assert complaints(others, token) == [
        f"blind does not see the store's folder {folder}",
        "half does not see /data/x.npz",
        f"old has numpy 1.0, this machine {numpy}",
        "mute does not answer: No module named 'drawplate'",
    ]
