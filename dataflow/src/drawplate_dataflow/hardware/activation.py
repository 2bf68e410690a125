# SPDX-License-Identifier: Apache-2.0
"""What follows sums: threshold units, requantisers or offsets, from sums with channel numbers to codes."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen

from drawplate_dataflow.hardware.design import Rom, Style
from drawplate_dataflow.hardware.requant import Requantiser, fit
from drawplate_dataflow.hardware.rom import LUT_DEPTH, RomText, make_rom
from drawplate_dataflow.hardware.text import CLOCK, address_bits, instance, stream, wire
from drawplate_dataflow.network.types import Integers

LUT_ROM_BITS = 4096
"""A threshold ROM of more bits goes to block RAM: 4096 bits are 64 LUTs or half a RAMB18."""

SMALLEST_ROOM = 32
"""Words of an output FIFO: what a LUT of distributed RAM holds anyway."""


@frozen(eq=False)
class Activation:
    """Verilog from the nets ``sum_data``, ``sum_valid``, ``sum_channel`` to ``code_data``, ``code_valid``."""

    body: str
    roms: tuple[RomText, ...] = ()
    library: tuple[str, ...] = field(default=())
    latency: int = 0
    dsp: int = 0


@frozen(kw_only=True)
class SumPort:
    """Shape of the sums that enter the units."""

    prefix: str
    """First part of the names of ROM modules: the layer's module."""
    bits: int
    units: int
    channels: int
    """Channels per unit; channel ``c`` of unit ``u`` is output channel ``c * units + u``."""

    @property
    def channel_bits(self) -> int:
        """Bits of a channel number."""
        return address_bits(self.channels)


def rom_style(bits: int, depth: int) -> Style:
    """Choose where a threshold or offset ROM goes."""
    return Style.LUT if depth <= LUT_DEPTH and bits * depth <= LUT_ROM_BITS else Style.BLOCK


REQUANTISER_BITS = 6
"""Codes of at least this many bits try the requantiser: 63 thresholds per channel cost more than one DSP48E1."""


def activation(port: SumPort, levels: Integers, code_bits: int) -> Activation:
    """Turn sums into codes: by multiplication where that is exact and pays, else by thresholds.

    Args:
        port: the sums.
        levels: [output channels, up to 2**code_bits - 1] unsigned thresholds, ascending.
        code_bits: bits of the result.
    """
    exact = fit(levels, port.bits) if code_bits >= REQUANTISER_BITS else None
    return thresholds(port, levels, code_bits) if exact is None else requantised(port, exact, code_bits)


def thresholds(port: SumPort, levels: Integers, code_bits: int) -> Activation:
    """Threshold units: a binary search of ``code_bits`` stages, a ROM each.

    Args:
        port: the sums.
        levels: [output channels, up to 2**code_bits - 1] unsigned thresholds, ascending.
        code_bits: bits of the result.
    """
    never = (1 << port.bits) - 1
    missing = (1 << code_bits) - 1 - levels.shape[1]
    table = np.pad(levels, ((0, 0), (0, missing)), constant_values=never)
    body, roms = wire(port.units * code_bits, "code_data") + "  wire code_valid;\n", []
    for unit in range(port.units):
        mine = table[unit :: port.units]
        body += _unit_start(port, unit, code_bits)
        for stage in range(code_bits):
            step = 1 << (code_bits - stage)
            words = [int(row[at * step + step // 2 - 1]) for row in mine for at in range(1 << stage)]
            rom = Rom(
                name=f"{port.prefix}_threshold{unit}_{stage}",
                purpose="thresholds",
                bits=port.bits,
                depth=len(words),
                style=rom_style(port.bits, len(words)),
            )
            roms.append(make_rom(rom, words))
            body += _stage(port, unit, stage, code_bits, rom.depth)
        body += f"  assign code_data[{unit * code_bits} +: {code_bits}] = u{unit}_code{code_bits};\n"
    body += f"  assign code_valid = u0_valid{code_bits};\n"
    return Activation(body, tuple(roms), ("dp_compare.v", "dp_rom.v"), 2 * code_bits)


def _unit_start(port: SumPort, unit: int, code_bits: int) -> str:
    text = "".join(
        wire(port.bits, f"u{unit}_sum{at}")
        + wire(port.channel_bits, f"u{unit}_channel{at}")
        + wire(code_bits, f"u{unit}_code{at}")
        + f"  wire u{unit}_valid{at};\n"
        for at in range(code_bits + 1)
    )
    return text + (
        f"  assign u{unit}_sum0 = sum_data[{unit * port.bits} +: {port.bits}], u{unit}_channel0 = sum_channel,"
        f" u{unit}_code0 = {code_bits}'d0, u{unit}_valid0 = sum_valid;\n"
    )


def _stage(port: SumPort, unit: int, stage: int, code_bits: int, depth: int) -> str:
    here, after = f"u{unit}", stage + 1
    address = port.channel_bits + stage
    text = wire(address, f"{here}_a{stage}") + wire(port.bits, f"{here}_need{stage}")
    used = min(address, address_bits(depth))
    text += instance(
        f"{port.prefix}_threshold{unit}_{stage}",
        f"{here}_rom{stage}",
        {},
        {"clk": "clk", "a": f"{here}_a{stage}[{used - 1}:0]", "q": f"{here}_need{stage}"},
    )
    return text + instance(
        "dp_compare",
        f"{here}_stage{stage}",
        {"K": stage, "OB": code_bits, "BITS": port.bits, "CB": port.channel_bits},
        CLOCK
        | {"s_valid": f"{here}_valid{stage}", "s_sum": f"{here}_sum{stage}", "s_channel": f"{here}_channel{stage}"}
        | {"s_code": f"{here}_code{stage}", "a": f"{here}_a{stage}", "threshold": f"{here}_need{stage}"}
        | {"m_valid": f"{here}_valid{after}", "m_sum": f"{here}_sum{after}"}
        | {"m_channel": f"{here}_channel{after}", "m_code": f"{here}_code{after}"},
    )


def requantised(port: SumPort, exact: Requantiser, code_bits: int) -> Activation:
    """Multiply-shift units, one DSP48E1 each."""
    bits, mask = exact.factor_bits + exact.bias_bits, (1 << exact.bias_bits) - 1
    body, roms = wire(port.units * code_bits, "code_data") + wire(port.units, "unit_valid"), []
    for unit in range(port.units):
        pairs = zip(exact.factor[unit :: port.units], exact.bias[unit :: port.units], strict=True)
        words = [int(factor) | ((int(bias) & mask) << exact.factor_bits) for factor, bias in pairs]
        rom = Rom(
            name=f"{port.prefix}_requantiser{unit}",
            purpose="requantiser",
            bits=bits,
            depth=len(words),
            style=rom_style(bits, len(words)),
        )
        roms.append(make_rom(rom, words))
        body += wire(bits, f"parameters{unit}")
        body += instance(rom.name, f"rom{unit}", {}, {"clk": "clk", "a": "sum_channel", "q": f"parameters{unit}"})
        body += instance(
            "dp_requant",
            f"unit{unit}",
            {"BITS": port.bits, "FB": exact.factor_bits, "BB": exact.bias_bits, "SHIFT": exact.shift}
            | {"OB": code_bits, "LEVELS": exact.levels},
            CLOCK
            | {"s_valid": "sum_valid", "s_sum": f"sum_data[{unit * port.bits} +: {port.bits}]"}
            | {"parameters": f"parameters{unit}", "m_valid": f"unit_valid[{unit}]"}
            | {"m_code": f"code_data[{unit * code_bits} +: {code_bits}]"},
        )
    body += "  wire code_valid = unit_valid[0];\n"
    return Activation(body, tuple(roms), ("dp_requant.v", "dp_rom.v"), 5, dsp=port.units)


def offsets(port: SumPort, added: Integers, step: int, code_bits: int) -> Activation:
    """Send ``step * sum + added[channel]``.

    Args:
        port: the sums.
        added: [output channels].
        step: 1 or 2.
        code_bits: bits of the result.
    """
    body, roms = wire(port.units * code_bits, "code_data") + wire(port.units, "offset_valid"), []
    for unit in range(port.units):
        # Modulo the width of the result: what a bias made larger comes back into range.
        words = [int(value) & ((1 << code_bits) - 1) for value in added[unit :: port.units]]
        depth = len(words)
        rom = Rom(
            name=f"{port.prefix}_offset{unit}",
            purpose="offsets",
            bits=code_bits,
            depth=depth,
            style=rom_style(code_bits, depth),
        )
        roms.append(make_rom(rom, words))
        body += wire(code_bits, f"added{unit}")
        body += instance(rom.name, f"rom{unit}", {}, {"clk": "clk", "a": "sum_channel", "q": f"added{unit}"})
        body += instance(
            "dp_offset",
            f"offset{unit}",
            {"BITS": port.bits, "SHIFT": step - 1, "OB": code_bits},
            CLOCK
            | {"s_valid": "sum_valid", "s_sum": f"sum_data[{unit * port.bits} +: {port.bits}]"}
            | {"offset": f"added{unit}", "m_valid": f"offset_valid[{unit}]"}
            | {"m_code": f"code_data[{unit * code_bits} +: {code_bits}]"},
        )
    body += "  wire code_valid = offset_valid[0];\n"
    return Activation(body, tuple(roms), ("dp_offset.v", "dp_rom.v"), 2)


def results(width: int, room: int) -> str:
    """Write the output FIFO of a layer whose pipeline cannot be stopped: ``room`` words of ``width`` bits."""
    return instance(
        "dp_results",
        "results",
        {"BITS": width, "DEPTH": room},
        CLOCK | {"s_valid": "code_valid", "s_data": "code_data", "popped": "popped"} | stream("m", "m"),
    )
