# SPDX-License-Identifier: Apache-2.0
"""Finding Myriad X devices on USB, as Linux lists them, without any driver or library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from drawplate.toolenv import Status

SYS: Final = Path("/sys/bus/usb/devices")
DEV: Final = Path("/dev/bus/usb")
VENDOR: Final = "03e7"
PRODUCTS: Final[Mapping[str, str]] = {
    "2485": "Myriad X, waiting for its firmware",
    "f63b": "Myriad X, booted",
    "f63c": "OAK, in its bootloader",
    "f63d": "OAK, booted from flash",
}
"""USB product numbers of an NCS2 and of an OAK; before the firmware is loaded, they look the same."""
RULE: Final = 'SUBSYSTEM=="usb", ATTRS{idVendor}=="03e7", MODE="0666"'
RULE_FILE: Final = "/etc/udev/rules.d/80-movidius.rules"
MEND_ACCESS: Final = f"write {RULE} into {RULE_FILE}, run udevadm control --reload-rules, and plug it in again"
PLUG_IN: Final = f"plug an NCS2 or an OAK into a USB 3 port; {RULE_FILE} needs the line {RULE}"


@frozen(kw_only=True)
class UsbDevice:
    """A Myriad X that is plugged in."""

    product: str
    node: Path
    """What a library has to open."""
    accessible: bool
    """Whether this user may."""

    @property
    def description(self) -> str:
        """What it is, and where."""
        return f"{PRODUCTS[self.product]} at {self.node}"


def find_devices(sys_folder: Path = SYS, dev_folder: Path = DEV) -> tuple[UsbDevice, ...]:
    """List the Myriad X devices that are plugged in; none on a system that lists USB otherwise."""
    found = []
    for folder in sorted(sys_folder.glob("*")):
        product = _text(folder / "idProduct")
        if _text(folder / "idVendor") != VENDOR or product not in PRODUCTS:
            continue
        bus, number = _text(folder / "busnum"), _text(folder / "devnum")
        if bus.isdigit() and number.isdigit():
            node = dev_folder / f"{int(bus):03}" / f"{int(number):03}"
            access = os.access(node, os.R_OK | os.W_OK)
            found.append(UsbDevice(product=product, node=node, accessible=access))
    return tuple(found)


def look() -> Status:
    """Say what ``drawplate doctor`` shows."""
    return status_of(find_devices())


def status_of(devices: tuple[UsbDevice, ...]) -> Status:
    """Say whether one of the devices can be used, or what is missing."""
    if not devices:
        return Status(found=False, details="none is plugged in; latency is estimated", next=PLUG_IN)
    details = ", ".join(device.description for device in devices)
    if not any(device.accessible for device in devices):
        return Status(found=False, details=f"{details}: may not be opened", next=MEND_ACCESS)
    return Status(found=True, details=details)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
