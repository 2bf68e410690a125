# SPDX-License-Identifier: Apache-2.0
"""Boards: what a target's device offers, a row of data each (the ``boards`` hook)."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class Board:
    """A board, and what the device on it offers a design."""

    name: str
    """As options say it: ``pynq-z2``."""
    part: str
    """The device on it, as the vendor writes it."""
    target: str
    """The step that builds for it."""
    budget: Mapping[str, float] = field(factory=dict)
    """What the device has, by name of the resource."""
    placed: Mapping[str, float] = field(factory=dict)
    """Largest part of a resource of a design that has been placed and routed on such a device; what was not tried is
    left out."""
    placed_mhz: float | None = None
    """Clock that this design reached."""
    clock_mhz: float | None = None
    """Clock that a design is meant at where nobody says another one; None where it is not the design's to choose."""
    port_bits: int | None = None
    """Width of the port between memory and a design, one word per clock each way; None where there is no such port."""
    ports: tuple[int, ...] = ()
    """Widths that the way in may have instead, the usual one among them; none where there is but one."""
    memory_mb_s: float | None = None
    """What memory moves at most, in and out together, in 10^6 bytes per second."""
    baud: int | None = None
    """Bits per second of the serial line by which frames come and results leave, at once and ten bits a byte, where
    that is what a board has instead of such a port."""
    source: str = ""
    """Documents that the numbers are from."""
