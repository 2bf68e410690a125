# SPDX-License-Identifier: Apache-2.0
"""Figure 3: how many epochs a precision needs."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from drawplate.report.charts.epochs import epoch_chart
from drawplate.report.families import Family, as_errors, families
from drawplate.report.record import Record, Sweep
from drawplate.report.rows import as_markdown
from paper_sections.section import VALUES, Section, network_of, sweep_of

FLOW = "epochs-mnist"
CLOSE = 0.25
"""Two-bit weights are close when they are behind wider ones by less than this share of what one-bit weights are."""


@frozen(kw_only=True)
class Shape:
    """How far narrow weights are behind the mean of those with three bits or more, in points of error."""

    epochs: tuple[float, ...]
    one_bit: tuple[float, ...]
    """After so many epochs."""
    two_bits: tuple[float, ...]
    worst: int
    """After how many of these epochs one-bit weights have the highest error."""

    @property
    def holds(self) -> tuple[bool, bool]:
        """Whether one-bit weights are always the worst, and two-bit weights close after the most epochs."""
        return self.worst == len(self.epochs), self.two_bits[-1] < CLOSE * self.one_bit[-1]


def shape_of(family: Family) -> Shape:
    """Read the shape off the errors by weight bits."""
    means = {bits: {spot.epoch: spot.mean for spot in line} for bits, line in family.lines.items()}
    epochs = sorted(set.intersection(*(set(line) for line in means.values())))
    wide = {n: statistics.fmean(line[n] for bits, line in means.items() if bits > 2) for n in epochs}
    return Shape(
        epochs=tuple(epochs),
        one_bit=tuple(means[1][n] - wide[n] for n in epochs),
        two_bits=tuple(means[2][n] - wide[n] for n in epochs),
        worst=sum(means[1][n] == max(line[n] for line in means.values()) for n in epochs),
    )


def figure_3(records: Sequence[Record]) -> Section:
    record = sweep_of(records, FLOW)
    family = as_errors(next(families(record)))
    text = (
        f"The paper: {VALUES['figure_3']['words']}.\n\n"
        f"{len(record.cells)} networks (the paper: 64) of {network_of(record)} on MNIST, 50,000 training images, "
        "one seed, trained once at a constant rate. Errors on the 10,000 test images in percent, mean and standard "
        f"deviation over {family.cells} activation widths (`--keep` writes every single one into "
        f"`benchmarks/results/paper_precisions.csv`).\n\n{_table(family)}\n{_verdict(shape_of(family), family)}"
    )
    chart = evolve(epoch_chart(family), name="figure-3", title="error over epochs")
    return Section(title="Figure 3: error by weight bits and epochs", text=text, charts=(chart,))


def _table(family: Family) -> str:
    epochs = sorted({spot.epoch for line in family.lines.values() for spot in line})
    rows = []
    for bits, line in family.lines.items():
        found = {spot.epoch: f"{spot.mean:.2f} ± {spot.spread:.2f}" for spot in line}
        rows.append([f"W{bits}", *(found.get(epoch, "") for epoch in epochs)])
    return as_markdown(["", *(f"{epoch:g} epochs" for epoch in epochs)], rows)


def _verdict(shape: Shape, family: Family) -> str:
    first, last = shape.epochs[0], shape.epochs[-1]
    narrow, wide = (_range(family, first, bits) for bits in ((1, 2, 3), tuple(range(4, 9))))
    worst, close = shape.holds
    return (
        f"After {first:g} epochs: {narrow} for W1..3, {wide} from W4. One-bit weights are the worst after "
        f"{shape.worst} of {len(shape.epochs)} numbers of epochs: {shape.one_bit[0]:.2f} points behind the mean of W3 "
        f"and wider after {first:g}, {shape.one_bit[-1]:.2f} after {last:g}. Two-bit weights are "
        f"{shape.two_bits[0]:.2f} points behind it after {first:g}, {shape.two_bits[-1]:.2f} after {last:g}.\n\n"
        f"The paper's shape {'holds' if worst and close else 'does not hold as a whole'}: W1 is "
        f"{'always' if worst else 'not always'} the worst, and W2 {'is' if close else 'is not'} close after the most "
        f"epochs (close: less than {CLOSE:.0%} of W1's distance)."
    )


def _range(family: Family, epoch: float, bits: Sequence[int]) -> str:
    found = [spot.mean for b in bits for spot in family.lines.get(b, ()) if spot.epoch == epoch]
    return f"{min(found):.2f} to {max(found):.2f} %" if found else "nothing"


def errors_of(record: Sweep) -> Mapping[tuple[int, int], Mapping[float, float]]:
    """Return test errors in percent by weight and activation bits, by epochs."""
    return {
        (cell.values[0], cell.values[1]): {epoch: 100 - top1 for epoch, top1 in cell.curves["fit"]["test_top1"]}
        for cell in record.cells
        if not cell.error
    }
