# SPDX-License-Identifier: Apache-2.0
"""ROMs in LUTs, their contents in INIT words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drawplate_dataflow.technology import Rom

LUT_DEPTH: Final = 256
"""Deepest ROM in LUTs: four LUT6 joined by MUXF7 and MUXF8, one slice."""


def lut_count(bits: int, depth: int) -> int:
    """LUTs of a ROM in LUTs."""
    if depth == 1:
        return 0
    return -(-bits // 2) if depth <= 32 else bits * _leaves(depth)


def _leaves(depth: int) -> int:
    return 1 if depth <= 64 else 2 if depth <= 128 else 4


def rom_text(rom: Rom, words: Sequence[int]) -> str:
    """Write the LUTs of a ROM and its output register."""
    bits = max(1, (rom.depth - 1).bit_length())
    columns = [sum(((word >> bit) & 1) << at for at, word in enumerate(words)) for bit in range(rom.bits)]
    lines = [f"  wire [{rom.bits - 1}:0] d; reg [{rom.bits - 1}:0] r; assign q = r; always @(posedge clk) r <= d;\n"]
    if rom.depth == 1:
        return f"  reg [{rom.bits - 1}:0] r; assign q = r; always @(posedge clk) r <= {rom.bits}'d{words[0]};\n"
    if rom.depth <= 32:
        lines += [_pair(columns, at, bits) for at in range(0, rom.bits, 2)]
    else:
        lines += [_column(bit, column, rom.depth, bits) for bit, column in enumerate(columns)]
    return "".join(lines)


def _pins(count: int, bits: int) -> dict[str, str]:
    return {f"I{pin}": f"a[{pin}]" if pin < bits else "1'b0" for pin in range(count)}


def _pair(columns: Sequence[int], at: int, bits: int) -> str:
    """Two bits of up to 32 words in one LUT6_2."""
    high = columns[at + 1] if at + 1 < len(columns) else 0
    outputs = {"O6": f"d[{at + 1}]" if at + 1 < len(columns) else "", "O5": f"d[{at}]"}
    pins = {**_pins(5, bits), "I5": "1'b1", **outputs}
    return f"  LUT6_2 #(.INIT(64'h{(high << 32) | columns[at]:016x})) t{at} ({_ports(pins)});\n"


def _column(bit: int, column: int, depth: int, bits: int) -> str:
    """One bit of up to 256 words: LUT6 leaves and the slice's multiplexers."""
    leaves = _leaves(depth)
    names = [f"d[{bit}]"] if leaves == 1 else [f"t{bit}_{leaf}" for leaf in range(leaves)]
    lines = [f"  wire {', '.join(names)};\n"] if leaves > 1 else []
    for leaf, name in enumerate(names):
        init = (column >> (64 * leaf)) & ((1 << 64) - 1)
        lines.append(f"  LUT6 #(.INIT(64'h{init:016x})) l{bit}_{leaf} ({_ports({**_pins(6, bits), 'O': name})});\n")
    if leaves == 2:
        lines.append(f"  MUXF7 m{bit} (.I0(t{bit}_0), .I1(t{bit}_1), .S(a[6]), .O(d[{bit}]));\n")
    if leaves == 4:
        lines.append(f"  wire f{bit}_0, f{bit}_1;\n")
        lines.append(f"  MUXF7 m{bit}_0 (.I0(t{bit}_0), .I1(t{bit}_1), .S(a[6]), .O(f{bit}_0));\n")
        lines.append(f"  MUXF7 m{bit}_1 (.I0(t{bit}_2), .I1(t{bit}_3), .S(a[6]), .O(f{bit}_1));\n")
        lines.append(f"  MUXF8 m{bit} (.I0(f{bit}_0), .I1(f{bit}_1), .S(a[7]), .O(d[{bit}]));\n")
    return "".join(lines)


def _ports(pins: dict[str, str]) -> str:
    return ", ".join(f".{pin}({net})" for pin, net in pins.items())
