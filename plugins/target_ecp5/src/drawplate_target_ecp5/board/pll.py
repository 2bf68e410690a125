# SPDX-License-Identifier: Apache-2.0
"""The clock of the design: the oscillator's, or one that a PLL makes of it.

Limits are those of Lattice FPGA-DS-02012, section 3.19; the search is that of Project Trellis' ``ecppll``.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from drawplate.errors import FlowError

VCO: Final = (400.0, 800.0)
"""MHz of the oscillator inside."""
PHASE_DETECTOR: Final = (3.125, 400.0)
"""MHz at which it compares."""
LARGEST: Final = 128
"""Largest divider."""
OFF: Final = 0.005
"""How far a clock may be off what was asked for."""


@frozen(kw_only=True)
class Dividers:
    """``out = in * feedback / reference``; the oscillator runs at ``out * post``."""

    reference: int
    feedback: int
    post: int
    mhz: float
    """What comes out."""


def dividers(oscillator_mhz: float, clock_mhz: float) -> Dividers:
    """Return the dividers that come nearest to a clock, with the slowest oscillator above 600 MHz.

    Raises:
        FlowError: when no dividers come within half a per cent.
    """
    found: list[tuple[float, float, Dividers]] = []
    for reference in range(1, LARGEST + 1):
        compared = oscillator_mhz / reference
        if not PHASE_DETECTOR[0] <= compared <= PHASE_DETECTOR[1]:
            continue
        feedback = round(clock_mhz / compared)
        if not 1 <= feedback <= 80:
            continue
        mhz = compared * feedback
        for post in range(max(1, int(VCO[0] / mhz)), min(LARGEST, int(VCO[1] / mhz)) + 1):
            if VCO[0] <= mhz * post <= VCO[1]:
                made = Dividers(reference=reference, feedback=feedback, post=post, mhz=mhz)
                found.append((abs(mhz / clock_mhz - 1), abs(mhz * post - 600), made))
    best = min(found, key=lambda entry: entry[:2], default=None)
    if best is None or best[0] > OFF:
        raise FlowError(
            f"no PLL setting makes {clock_mhz:g} MHz of the board's {oscillator_mhz:g} MHz",
            where="ecp5, clock_mhz",
            allowed=f"a multiple of {oscillator_mhz / 4:g} MHz from 6.25 to 400",
        )
    return best[2]


def clock_text(oscillator_mhz: float, clock_mhz: float) -> str:
    """Write the module ``dp_clock``: ``clk`` from ``oscillator``, steady once ``locked``."""
    head = "module dp_clock (input wire oscillator, output wire clk, output wire locked);\n"
    if oscillator_mhz == clock_mhz:
        return f"{head}  assign clk = oscillator, locked = 1'b1;\nendmodule\n"
    found = dividers(oscillator_mhz, clock_mhz)
    parameters = {
        **dict.fromkeys(("PLLRST_ENA", "INTFB_WAKE", "STDBY_ENABLE", "DPHASE_SOURCE"), '"DISABLED"'),
        **{f"OUTDIVIDER_MUX{letter}": f'"DIV{letter}"' for letter in "ABCD"},
        "CLKI_DIV": found.reference,
        "CLKOP_ENABLE": '"ENABLED"',
        "CLKOP_DIV": found.post,
        "CLKOP_CPHASE": found.post // 2,
        "CLKOP_FPHASE": 0,
        "FEEDBK_PATH": '"CLKOP"',
        "CLKFB_DIV": found.feedback,
    }
    tied = {
        **dict.fromkeys(("RST", "STDBY", "PHASESEL0", "PHASESEL1", "PLLWAKESYNC", "ENCLKOP"), "1'b0"),
        **dict.fromkeys(("PHASEDIR", "PHASESTEP", "PHASELOADREG"), "1'b1"),
    }
    ports = {"CLKI": "oscillator", "CLKOP": "clk", "CLKFB": "clk", "LOCK": "locked", **tied}
    given = ", ".join(f".{name}({value})" for name, value in parameters.items())
    wired = ", ".join(f".{name}({net})" for name, net in ports.items())
    attributes = (
        f'FREQUENCY_PIN_CLKI = "{oscillator_mhz:g}", FREQUENCY_PIN_CLKOP = "{found.mhz:g}", ICP_CURRENT = "12", '
        'LPF_RESISTOR = "8", MFG_ENABLE_FILTEROPAMP = "1", MFG_GMCREF_SEL = "2"'
    )
    return f"{head}  (* {attributes} *)\n  EHXPLLL #({given}) pll ({wired});\nendmodule\n"
