# SPDX-License-Identifier: Apache-2.0
"""What follows sums: threshold units, requantisers or offsets, from sums with channel numbers to codes.

Units stand between the nets ``sum_data``, ``sum_valid``, ``sum_channel`` and ``code_data``, ``code_valid``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache, partial
from typing import Final

import numpy as np
from attrs import field, frozen

from drawplate_dataflow.hardware.items import Assign, Instance, Item, Repeated, Wires, price
from drawplate_dataflow.hardware.library import COMPARE, OFFSET, REQUANT, RESULTS
from drawplate_dataflow.hardware.requant import Requantiser
from drawplate_dataflow.hardware.rom import RomCell, delayed, read
from drawplate_dataflow.hardware.text import CLOCK, address_bits, stream
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Rom, Technology

SMALLEST_ROOM: Final = 32
"""Words of an output FIFO: what a LUT of distributed RAM holds anyway."""
REQUANTISER_BITS: Final = 6
"""Codes of at least this many bits try the requantiser: 63 thresholds per channel cost more than one multiplier."""

Levels = Callable[[], Integers]
"""Forms [output channels, up to 2**bits - 1] unsigned thresholds, ascending."""


@frozen(eq=False)
class Activation:
    """Units side by side."""

    items: tuple[Item, ...] = field(repr=False)
    latency: int


@frozen(kw_only=True)
class SumPort:
    """Shape of the sums that enter the units."""

    bits: int
    units: int
    channels: int
    """Channels per unit; channel ``c`` of unit ``u`` is output channel ``c * units + u``."""
    technology: Technology

    @property
    def channel_bits(self) -> int:
        """Bits of a channel number."""
        return address_bits(self.channels)

    def rom(self, name: str, purpose: str, bits: int, depth: int) -> Rom:
        """Return a memory of the units, where the technology keeps such."""
        style = self.technology.rom_style(bits, depth)
        return Rom(name=name, purpose=purpose, bits=bits, depth=depth, style=style)

    def sum(self, unit: int) -> str:
        """Return the net of a unit's sum."""
        return f"sum_data[{unit * self.bits} +: {self.bits}]"

    @property
    def late(self) -> int:
        """Clocks that sums wait for what a ROM says of their channel, beside the one that they wait anyway."""
        return self.technology.rom_clocks - 1

    @property
    def late_valid(self) -> str:
        """Net of whether there are sums, where they have waited."""
        return "waited_valid" if self.late else "sum_valid"

    def late_sum(self, unit: int) -> str:
        """Return the net of a unit's sum that has waited."""
        return f"waited_data[{unit * self.bits} +: {self.bits}]" if self.late else self.sum(unit)


def activation(port: SumPort, levels: Levels, exact: Requantiser | None, code_bits: int) -> Activation:
    """Turn sums into codes: by multiplication where that is exact, else by thresholds.

    Args:
        port: the sums.
        levels: the thresholds.
        exact: factors and shift that do the same.
        code_bits: bits of the result.
    """
    return thresholds(port, levels, code_bits) if exact is None else requantised(port, exact, code_bits)


# thresholds ---------------------------------------------------------------------------------------------------------


def thresholds(port: SumPort, levels: Levels, code_bits: int) -> Activation:
    """Threshold units: a binary search of ``code_bits`` stages, a ROM each."""

    @cache
    def table() -> Integers:
        """All thresholds; those that are missing are never reached."""
        found = levels()
        missing = (1 << code_bits) - 1 - found.shape[1]
        return np.pad(found, ((0, 0), (0, missing)), constant_values=(1 << port.bits) - 1)

    items = (
        Wires(port.units * code_bits, ("code_data",)),
        Wires(None, ("code_valid",)),
        Repeated(port.units, partial(_unit, port, table, code_bits), partial(_unit_price, port, code_bits)),
        Assign({"code_valid": f"u0_valid{code_bits}"}),
    )
    return Activation(items, (1 + port.technology.rom_clocks) * code_bits)


@lru_cache(maxsize=4096)
def _unit_price(port: SumPort, code_bits: int, technology: Technology) -> Resources:
    return price(_unit(port, lambda: np.zeros((0, 0), np.int64), code_bits, 0), technology)


def _unit(port: SumPort, table: Levels, code_bits: int, unit: int) -> Iterator[Item]:
    for at in range(code_bits + 1):
        yield Wires(port.bits, (f"u{unit}_sum{at}",))
        yield Wires(port.channel_bits, (f"u{unit}_channel{at}",))
        yield Wires(code_bits, (f"u{unit}_code{at}",))
        yield Wires(None, (f"u{unit}_valid{at}",))
    sums = {f"u{unit}_sum0": port.sum(unit), f"u{unit}_channel0": "sum_channel"}
    yield Assign(sums | {f"u{unit}_code0": f"{code_bits}'d0", f"u{unit}_valid0": "sum_valid"})
    for stage in range(code_bits):
        yield from _stage(port, table, code_bits, unit, stage)
    yield Assign({f"code_data[{unit * code_bits} +: {code_bits}]": f"u{unit}_code{code_bits}"})


def _stage(port: SumPort, table: Levels, code_bits: int, unit: int, stage: int) -> Iterator[Item]:
    here, after, depth = f"u{unit}", stage + 1, port.channels << stage
    address = port.channel_bits + stage
    yield Wires(port.bits, (f"{here}_need{stage}",))

    def words() -> list[int]:
        step = 1 << (code_bits - stage)
        mine = table()[unit :: port.units]
        return [int(row[at * step + step // 2 - 1]) for row in mine for at in range(1 << stage)]

    cell = RomCell(port.rom(f"threshold{unit}_{stage}", "thresholds", port.bits, depth), words)
    late = port.late
    if late:
        yield from _waiting(port, code_bits, here, stage, late)
    else:
        yield Wires(address, (f"{here}_a{stage}",))
    taken = f"{here}_a{stage}[{min(address, address_bits(depth)) - 1}:0]"
    yield from read(cell, f"{here}_rom{stage}", taken, f"{here}_need{stage}", port.technology)
    came = f"{here}_late" if late else here
    yield Instance(
        COMPARE(K=stage, OB=code_bits, BITS=port.bits, CB=port.channel_bits),
        f"{here}_stage{stage}",
        CLOCK
        | {"s_valid": f"{came}_valid{stage}", "s_sum": f"{came}_sum{stage}", "s_channel": f"{came}_channel{stage}"}
        | {"s_code": f"{came}_code{stage}", "a": "" if late else f"{here}_a{stage}"}
        | {"threshold": f"{here}_need{stage}"}
        | {"m_valid": f"{here}_valid{after}", "m_sum": f"{here}_sum{after}"}
        | {"m_channel": f"{here}_channel{after}", "m_code": f"{here}_code{after}"},
    )


def _waiting(port: SumPort, code_bits: int, here: str, stage: int, late: int) -> Iterator[Item]:
    """Yield what lets a stage wait for its threshold, whose address it is told before."""
    widths = {"sum": port.bits, "channel": port.channel_bits, "code": code_bits}
    for name, width in widths.items():
        yield Wires(width, (f"{here}_late_{name}{stage}",))
    yield Wires(None, (f"{here}_late_valid{stage}",))
    names = [f"{name}{stage}" for name in (*widths, "valid")]
    now, then = (f"{{{', '.join(f'{prefix}_{name}' for name in names)}}}" for prefix in (here, f"{here}_late"))
    yield delayed(f"{here}_wait{stage}", 1 + sum(widths.values()), late, now, then)
    decided = f", {here}_code{stage}[{stage - 1}:0]" if stage else ""
    yield Wires(port.channel_bits + stage, (f"{here}_a{stage}",))
    yield Assign({f"{here}_a{stage}": f"{{{here}_channel{stage}{decided}}}"})


# multiplication and offsets -----------------------------------------------------------------------------------------


def requantised(port: SumPort, exact: Requantiser, code_bits: int) -> Activation:
    """Multiply-shift units, one multiplier each."""
    bits, mask = exact.factor_bits + exact.bias_bits, (1 << exact.bias_bits) - 1
    cell = REQUANT(
        BITS=port.bits,
        FB=exact.factor_bits,
        BB=exact.bias_bits,
        SHIFT=exact.shift,
        OB=code_bits,
        LEVELS=exact.levels,
    )

    def unit_items(unit: int) -> Iterator[Item]:
        def words() -> list[int]:
            pairs = zip(exact.factor[unit :: port.units], exact.bias[unit :: port.units], strict=True)
            return [int(factor) | ((int(bias) & mask) << exact.factor_bits) for factor, bias in pairs]

        rom = RomCell(port.rom(f"requantiser{unit}", "requantiser", bits, port.channels), words)
        yield Wires(bits, (f"parameters{unit}",))
        yield from read(rom, f"rom{unit}", "sum_channel", f"parameters{unit}", port.technology)
        yield Instance(
            cell,
            f"unit{unit}",
            CLOCK
            | {"s_valid": port.late_valid, "s_sum": port.late_sum(unit)}
            | {"parameters": f"parameters{unit}", "m_valid": f"unit_valid[{unit}]"}
            | {"m_code": f"code_data[{unit * code_bits} +: {code_bits}]"},
        )

    return Activation(_side_by_side(port, code_bits, "unit_valid", unit_items), 4 + port.technology.rom_clocks)


def offsets(port: SumPort, added: Levels, step: int, code_bits: int) -> Activation:
    """Send ``step * sum + added[channel]``.

    Args:
        port: the sums.
        added: forms [output channels].
        step: 1 or 2.
        code_bits: bits of the result.
    """
    cell = OFFSET(BITS=port.bits, SHIFT=step - 1, OB=code_bits)

    def unit_items(unit: int) -> Iterator[Item]:
        def words() -> list[int]:
            # Modulo the width of the result: what a bias made larger comes back into range.
            return [int(value) & ((1 << code_bits) - 1) for value in added()[unit :: port.units]]

        rom = RomCell(port.rom(f"offset{unit}", "offsets", code_bits, port.channels), words)
        yield Wires(code_bits, (f"added{unit}",))
        yield from read(rom, f"rom{unit}", "sum_channel", f"added{unit}", port.technology)
        yield Instance(
            cell,
            f"offset{unit}",
            CLOCK
            | {"s_valid": port.late_valid, "s_sum": port.late_sum(unit)}
            | {"offset": f"added{unit}", "m_valid": f"offset_valid[{unit}]"}
            | {"m_code": f"code_data[{unit * code_bits} +: {code_bits}]"},
        )

    return Activation(_side_by_side(port, code_bits, "offset_valid", unit_items), 1 + port.technology.rom_clocks)


def _side_by_side(
    port: SumPort, code_bits: int, valid: str, unit_items: Callable[[int], Iterator[Item]]
) -> tuple[Item, ...]:
    return (
        *_waiting_sums(port),
        Wires(port.units * code_bits, ("code_data",)),
        Wires(port.units, (valid,)),
        Repeated(port.units, unit_items),
        Wires(None, ("code_valid",)),
        Assign({"code_valid": f"{valid}[0]"}),
    )


def _waiting_sums(port: SumPort) -> Iterator[Item]:
    """Yield what lets sums wait for what a slow ROM says of their channel."""
    if port.late:
        yield Wires(port.units * port.bits, ("waited_data",))
        yield Wires(None, ("waited_valid",))
        sums, late = "{sum_data, sum_valid}", "{waited_data, waited_valid}"
        yield delayed("wait_sums", port.units * port.bits + 1, port.late, sums, late)


def results(width: int, room: int) -> Instance:
    """Return the output FIFO of a layer whose pipeline cannot be stopped: ``room`` words of ``width`` bits."""
    nets = {"s_valid": "code_valid", "s_data": "code_data", "popped": "popped"}
    return Instance(RESULTS(BITS=width, DEPTH=room), "results", CLOCK | nets | stream("m", "m"))
