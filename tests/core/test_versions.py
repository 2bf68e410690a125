# SPDX-License-Identifier: Apache-2.0
"""Records name the versions of whatever is installed, third parties' plugins included."""

from importlib import metadata

from drawplate import versions


def test_every_owner_of_a_step_and_what_it_requires_is_told():
    found = versions.versions()
    owners = {point.dist.metadata["Name"] for point in metadata.entry_points(group="drawplate")}
    assert owners <= set(found)
    assert {"python", "onnx", "numpy", "torch"} <= set(found)
    assert found["onnx"] == metadata.version("onnx")


def test_a_third_partys_plugin_is_told(tmp_path, monkeypatch):
    info = tmp_path / "their_chip-2.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: their-chip\nVersion: 2.5\nRequires-Dist: packaging (>=20)\n"
    )
    (info / "entry_points.txt").write_text("[drawplate]\nchip = their_chip.step\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = versions.versions.__wrapped__()
    assert found["their-chip"] == "2.5"
    assert "packaging" in found
