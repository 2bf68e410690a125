# SPDX-License-Identifier: Apache-2.0
"""Get rid of channels times -1: into the weights before, or into mirrored codes; else a layer of +1 and -1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from drawplate_quant_finn.lowering.streams.operators import Add, Linear, Operator, Threshold, Turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def in_order(output: Operator) -> list[Operator]:
    """Return all operators that an output depends on, each behind what it reads."""
    found: list[Operator] = []
    seen: set[int] = set()
    waiting: list[tuple[Operator, Iterator[Operator]]] = [(output, iter(output.sources))]
    seen.add(id(output))
    while waiting:
        operator, sources = waiting[-1]
        source = next((source for source in sources if id(source) not in seen), None)
        if source is None:
            found.append(operator)
            waiting.pop()
        else:
            seen.add(id(source))
            waiting.append((source, iter(source.sources)))
    return found


def readers_of(operators: Sequence[Operator]) -> dict[int, list[Operator]]:
    """Map the id of an operator to those that read it, once per input."""
    found: dict[int, list[Operator]] = defaultdict(list)
    for operator in operators:
        for source in operator.sources:
            found[id(source)].append(operator)
    return found


def without_turns(output: Operator) -> Operator:
    """Return the output of a network that computes the same without Turn."""
    end = Turn(layer="", frame=output.frame, low=output.low, high=output.high, sources=[output], signs=(1,))
    while _absorb_one(end):
        pass
    for operator in in_order(end):
        if isinstance(operator, Add):
            _subtract(operator)
        for index, source in enumerate(operator.sources):
            if isinstance(source, Turn):
                operator.sources[index] = _layer_of(source)
    return end.source


def _subtract(operator: Add) -> None:
    """Let a sum with the negative of a stream be a difference."""
    first, second = operator.sources
    for source, other in ((second, first), (first, second)):
        if isinstance(source, Turn) and max(source.signs) <= 0 and not operator.subtract:
            operator.sources[:] = [other, source.source]
            operator.subtract = True
            operator.low = other.low - source.source.high
            operator.high = other.high - source.source.low


def _absorb_one(end: Operator) -> bool:
    operators = in_order(end)
    readers = readers_of(operators)
    for operator in reversed(operators):
        turns = [reader for reader in readers[id(operator)] if isinstance(reader, Turn) and reader is not end]
        if not turns:
            continue
        if len(turns) < len(readers[id(operator)]):
            continue
        signs = _agreed(turns)
        if signs is None or not _turn(operator, signs):
            continue
        for turn in turns:
            _bypass(turn, readers)
        return True
    return False


def _agreed(turns: Sequence[Turn]) -> list[int] | None:
    """Return signs that all readers can live with."""
    found = []
    for wanted in zip(*(turn.signs for turn in turns), strict=True):
        if {1, -1} <= set(wanted):
            return None
        found.append(-1 if -1 in wanted else 0 if not any(wanted) else 1)
    return found


def _turn(operator: Operator, signs: Sequence[int]) -> bool:
    """Let an operator give its channels times signs; say whether it can."""
    import numpy as np

    if isinstance(operator, Linear):
        _note(operator, np.array(signs) < 0)
        operator.weights = operator.weights * np.where(np.array(signs) < 0, -1, 1)
        operator.low, operator.high = min(operator.low, -operator.high), max(operator.high, -operator.low)
        return True
    if isinstance(operator, Threshold):
        return _mirror(operator, signs)
    if isinstance(operator, Turn):
        operator.signs = tuple((a or 1) * (b or 1) for a, b in zip(operator.signs, signs, strict=True))
        operator.low, operator.high = min(operator.low, -operator.high), max(operator.high, -operator.low)
        return True
    return False


def _note(operator: Operator, turned: NDArray[np.bool_]) -> None:
    """Remember which channels are the negatives of what they were."""
    import numpy as np

    before = np.ones(len(turned), dtype=np.int64) if operator.given is None else operator.given
    operator.given = before * np.where(turned, -1, 1)


def _mirror(operator: Threshold, signs: Sequence[int]) -> bool:
    """Let a code c be -c: what it is above becomes what it is below, and its source is turned, too."""
    import numpy as np

    mirrored = np.array(signs) < 0
    if not (operator.low == -operator.high or all(way <= 0 for way in signs)):
        return False
    if operator.low != -operator.high:
        mirrored[:] = True
        operator.low, operator.high = -operator.high, -operator.low
        operator.datatype = ""
    _note(operator, mirrored)
    levels = operator.levels.copy()
    levels[mirrored] = 1 - levels[mirrored][:, ::-1]
    operator.levels = levels
    operator.borders = operator.borders.copy()
    operator.borders[mirrored] = -operator.borders[mirrored][:, ::-1]
    source = operator.source
    low, high = min(source.low, -source.high), max(source.high, -source.low)
    operator.sources[0] = Turn(
        layer=operator.layer,
        frame=source.frame,
        low=low,
        high=high,
        sources=[source],
        signs=tuple(-1 if turned else 1 for turned in mirrored),
    )
    return True


def _bypass(turn: Turn, readers: dict[int, list[Operator]]) -> None:
    for reader in readers[id(turn)]:
        reader.sources[:] = [turn.source if source is turn else source for source in reader.sources]


def _layer_of(turn: Turn) -> Operator:
    """Return a layer of one weight of +1 or -1 per channel."""
    import numpy as np

    if min(turn.signs) >= 0:
        return turn.source
    return Linear(
        layer=turn.layer,
        frame=turn.frame,
        low=turn.low,
        high=turn.high,
        sources=[turn.source],
        weights=np.diag([sign or 1 for sign in turn.signs]).astype(np.int64),
        vector=turn.frame[:2] == (1, 1),
    )
