# SPDX-License-Identifier: Apache-2.0
"""Devices as Linux lists them."""

import pytest

from drawplate_target_myriadx.device.usb import RULE, find_devices, status_of


@pytest.fixture
def usb(tmp_path):
    def plug(name, vendor, product, *, node=True):
        folder = tmp_path / "sys" / name
        folder.mkdir(parents=True)
        for key, value in (("idVendor", vendor), ("idProduct", product), ("busnum", "2"), ("devnum", name[-1])):
            (folder / key).write_text(value + "\n")
        if node:
            path = tmp_path / "dev" / "002" / f"00{name[-1]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path / "sys", tmp_path / "dev"

    return plug


def test_a_stick_is_found_among_other_devices(usb):
    usb("2-1", "1d6b", "0003")
    (found,) = find_devices(*usb("2-2", "03e7", "2485"))
    assert found.accessible
    assert found.node.name == "002"
    assert status_of((found,)).found


def test_a_stick_that_may_not_be_opened_names_the_rule(usb):
    state = status_of(find_devices(*usb("2-3", "03e7", "f63b", node=False)))
    assert not state.found
    assert "may not be opened" in state.details
    assert RULE in state.next


def test_nothing_plugged_in_says_what_follows(tmp_path):
    state = status_of(find_devices(tmp_path, tmp_path))
    assert not state.found
    assert "estimated" in state.details
    assert RULE in state.next
