# SPDX-License-Identifier: Apache-2.0
"""A plain Pareto programme over whole networks: slow, without bounds, and so a judge of the optimiser."""

from attrs import frozen

from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.network import INPUT
from drawplate_dataflow.resources import Resources


@frozen
class Row:
    """The first layers, folded."""

    widths: tuple
    """(stream, elements of a word) of what later layers read."""
    cycles: int
    taken: Resources


def every_row(problem: Problem, interval: float, budget: Resources | None) -> list[Row]:
    """Return all that is not dominated within an interval and a budget (of costs that are not negative)."""
    layers = problem.network.layers
    rows = [Row((), 0, Resources())]
    for at, layer in enumerate(layers):
        later = {name for reader in layers[at + 1 :] for name in reader.inputs}
        grown: dict[tuple, list[Row]] = {}
        for row in rows:
            for option in problem.options[layer.name]:
                known = dict(row.widths) or {INPUT: option.takes}
                estimate = problem.estimate(option, [known[name] for name in layer.inputs])
                if estimate is None or estimate.cycles > interval:
                    continue
                widths = known | {layer.name: option.sends}
                left = tuple((name, width) for name, width in widths.items() if name in later)
                whole = Row(left, max(row.cycles, estimate.cycles), row.taken + estimate.resources)
                if budget is None or whole.taken.fits(budget):
                    grown.setdefault(left, []).append(whole)
        rows = [row for group in grown.values() for row in _best(group)]
    return rows


def _best(rows: list[Row]) -> list[Row]:
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: (row.cycles, *row.taken.vector)):
        if not any(other.cycles <= row.cycles and other.taken.fits(row.taken) for other in kept):
            kept.append(row)
    return kept
