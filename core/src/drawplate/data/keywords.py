# SPDX-License-Identifier: Apache-2.0
"""Made-up words as MFCC, 49 frames of 10 coefficients: the shape that keyword networks take.

Each word is a row of vowels at a random pace, place, size of voice and loudness, in noise.  No sound is made: a frame
gets the energies of 40 mel bands under three formants, times the scatter that a spectrum's estimate has, and of their
logarithms the first 10 coefficients of the cosine transform are kept.  Frames, bands and coefficients are those of
"Hello Edge" (Zhang et al. 2017, arXiv 1711.07128, section 3): one second, 40 ms every 20 ms, 20 Hz to 4 kHz.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from drawplate.data.model import DatasetReader, Raw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

FRAMES, BANDS, COEFFICIENTS = 49, 40, 10
LOWEST, HIGHEST = 20.0, 4000.0
WIDTH = 120.0
"""Of a formant, in Hz."""
# Mean formants of men (Peterson and Barney 1952, table II), in Hz.
VOWELS = {
    "a": (730, 1090, 2440),
    "e": (530, 1840, 2480),
    "i": (270, 2290, 3010),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}
WORDS = ("ai", "eo", "ia", "oi", "ue", "aea", "iui", "ouo")
PER_WORD, PER_WORD_TESTED = 150, 40
NOTE = "synthetic words: figures say nothing about speech"


def keywords() -> DatasetReader:
    """Eight made-up words: always there, always the same."""
    return DatasetReader(
        name="keywords",
        summary="eight made-up words as MFCC 49x10; needs no file",
        find=lambda _given: Path("made by code"),
        read=_read,
        normalise="standard",
    )


def _read(_found: Path) -> Raw:
    import numpy as np

    random = np.random.default_rng(0)
    parts = []
    for count in (PER_WORD, PER_WORD_TESTED):
        labels = random.permutation(np.repeat(np.arange(len(WORDS)), count))
        tracks = np.stack([_formants(WORDS[label], random) for label in labels])
        parts.append((_mfcc(tracks, random)[:, None].astype(np.float32), labels.astype(np.int64)))
    (train_x, train_y), (test_x, test_y) = parts
    return Raw(
        train_x=train_x, train_y=train_y, test_x=test_x, test_y=test_y, classes=WORDS, notes=(NOTE,), synthetic=True
    )


def _formants(word: str, random: np.random.Generator) -> Values:
    """Return three formants and the loudness of every frame, shape (49, 4); a word takes a third to most of them."""
    import numpy as np

    length = int(random.integers(FRAMES // 3, 4 * FRAMES // 5))
    start = int(random.integers(0, FRAMES - length))
    places = np.linspace(0, len(word) - 1, length)
    vowels = np.array([VOWELS[vowel] for vowel in word], float) * random.uniform(0.88, 1.18)
    track = np.zeros((FRAMES, 4))
    for number in range(3):
        track[start : start + length, number] = np.interp(places, np.arange(len(word)), vowels[:, number])
    track[start : start + length, 3] = np.hanning(length + 2)[1:-1] ** 0.5 * random.uniform(0.3, 1.0)
    return track


def _mfcc(tracks: Values, random: np.random.Generator) -> Values:
    """Return coefficients, shape (N, 49, 10)."""
    import numpy as np

    def mel(hertz: float) -> float:
        return 1127 * math.log1p(hertz / 700)

    centres = 700 * np.expm1(np.linspace(mel(LOWEST), mel(HIGHEST), BANDS + 2)[1:-1] / 1127)
    gains = (1.0, 0.6, 0.3)
    energy = sum(gain / (1 + ((centres - tracks[..., n, None]) / WIDTH) ** 2) for n, gain in enumerate(gains))
    noise = random.uniform(0.01, 0.15, (len(tracks), 1, 1))
    power = energy * tracks[..., 3, None] + noise
    power = power * random.chisquare(4, power.shape) / 4  # an estimate of power from a few bins scatters like this
    rows, columns = np.arange(COEFFICIENTS)[:, None], np.arange(BANDS)
    cosines = np.cos(math.pi * rows * (2 * columns + 1) / (2 * BANDS)) * math.sqrt(2 / BANDS)
    coefficients: Values = np.log(power + 1e-6) @ cosines.T
    return coefficients
