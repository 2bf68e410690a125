# SPDX-License-Identifier: Apache-2.0
"""Text out of models, plugins and flows, as a terminal may be given it."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    r"""Return text without characters that move a cursor, change colours or reverse what is read: as ``\x1b``."""
    if text.isprintable():
        return text
    return "".join(letter if letter in "\n\t" or not _steers(letter) else _written(letter) for letter in text)


def _steers(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _written(letter: str) -> str:
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")
