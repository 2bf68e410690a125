# SPDX-License-Identifier: Apache-2.0
"""Draw quantizers, normalisations and what else follows a weighted layer."""

from __future__ import annotations

from attrs import evolve

from differential.dice import Dice
from differential.spec import Norm, Quantizer, Scale, Tail


def drawn_scale(dice: Dice, *, low: int = -3, high: int = 1) -> Scale:
    """Draw a step."""
    mantissa = dice.among((1.0, 1.0, 1.5, dice.number(1001, 1999) / 1000, 1.1))
    return Scale(mantissa=mantissa, exponent=dice.number(low, high))


def drawn_bits(dice: Dice) -> int:
    """Draw a width; few bits come first."""
    return dice.among((2, 3, 4, 1, 2, 3, 5, 8, 6, 7))


def drawn_input(dice: Dice) -> Quantizer:
    """Draw the input's quantizer."""
    if dice.odd == "input quantizer bipolar":
        return Quantizer(bits=1, bipolar=True, scale=drawn_scale(dice))
    bits = dice.among((4, 2, 8, 1, 3, 5))
    signed = bits > 1 and dice.chance(40)
    found = Quantizer(bits=bits, signed=signed, scale=drawn_scale(dice), narrow=signed and dice.chance(30))
    if dice.odd == "input rounding":
        found = evolve(found, rounding=dice.among(("FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN", "HALF_EVEN")))
    return found


def drawn_weights(dice: Dice) -> Quantizer:
    """Draw a quantizer of weights."""
    bits = drawn_bits(dice)
    if bits == 1:
        found = Quantizer(bits=1, bipolar=dice.chance(70), scale=drawn_scale(dice))
    else:
        found = Quantizer(bits=bits, narrow=dice.chance(50), scale=drawn_scale(dice))
    changes = {
        "weight zero point": {"zero_point": 1, "bipolar": False},
        "weight rounding": {"rounding": dice.among(("FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN"))},
        "absent narrow": {"narrow": None},
        "absent signed": {"signed_given": False},
    }.get(dice.odd, {}) if dice.chance(50) else {}  # fmt: skip
    scale = evolve(
        found.scale,
        channels=dice.chance(30) or dice.odd == "per-channel negative weights",
        computed=dice.chance(8),
        negative=dice.odd in {"negative weight scale", "per-channel negative weights"},
    )
    scale = evolve(scale, computed=scale.computed and not scale.channels and not scale.negative)
    return evolve(found, scale=scale, **changes)


def drawn_activation(dice: Dice, act: str) -> Quantizer:
    """Draw a quantizer behind a function."""
    bits = drawn_bits(dice)
    signed = act in {"", "Tanh"} or (act == "Clip")
    if signed and bits == 1:
        found = Quantizer(bits=1, bipolar=dice.chance(70), scale=drawn_scale(dice))
    else:
        found = Quantizer(bits=bits, signed=signed, narrow=signed and dice.chance(30), scale=drawn_scale(dice, high=2))
    if dice.odd == "tiny scale":
        found = evolve(found, scale=evolve(found.scale, exponent=dice.number(-60, -14)))
    elif dice.odd == "huge scale":
        found = evolve(found, scale=evolve(found.scale, exponent=dice.number(8, 60)))
    if not dice.chance(60):
        return found
    odd: dict[str, dict[str, object]] = {
        "zero point": {"zero_point": dice.number(1, 3), "bipolar": False},
        "rounding": {"rounding": dice.among(("FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN", "HALF_EVEN"))},
        "channel activations": {"scale": evolve(found.scale, channels=True)},
        "absent narrow": {"narrow": None},
        "absent signed": {"signed_given": False},
        "negative activation scale": {"scale": evolve(found.scale, negative=True)},
        "signed behind relu": {"signed": True},
        "narrow unsigned": {"narrow": True},
        "wide": {"bits": dice.number(9, 12), "bipolar": False},
    }
    return evolve(found, **odd.get(dice.odd, {}))


def drawn_norm(dice: Dice) -> Norm:
    """Draw a normalisation."""
    return Norm(
        kind=dice.among(("plain", "power")),
        zero=dice.odd == "zero gamma" or dice.chance(3),
        negative=dice.odd in {"negative gamma", "negative gamma before pool"} or dice.chance(6),
        epsilon=dice.among((None, 0.0, 1e-3)),
    )


def drawn_tail(dice: Dice, *, images: bool = False, room: int = 0) -> Tail:
    """Draw what follows a weighted layer; ``room`` is its smallest side, for a pool."""
    act = dice.among(("Relu", "Relu", "", "", "Clip", "Tanh", "Sigmoid"))
    if dice.odd == "other function" and dice.chance(60):
        act = dice.among(("LeakyRelu", "Elu"))
    pool = None
    if images and room >= 2 and dice.chance(30 if dice.odd != "negative gamma before pool" else 90):
        pool = (2, dice.among((2, 1)))
    norm = drawn_norm(dice) if dice.chance(60) else None
    bias = dice.among(("", "", "operand", "add"))
    quant = None if dice.odd == "unquantized" and dice.chance(50) else drawn_activation(dice, act)
    return Tail(bias=bias, norm=norm, act=act, pool=pool, quant=quant)
