# SPDX-License-Identifier: GPL-3.0-or-later
"""Forecasts choose who is trained next, and tell who has no hope."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from drawplate import Job
from drawplate_evolve_nsga2.candidate.record import Candidate
from drawplate_evolve_nsga2.nsga import Evolution, Point, hypervolume, undominated
from drawplate_evolve_nsga2.search.features import Features
from drawplate_evolve_nsga2.search.forecaster import Forecaster
from drawplate_evolve_nsga2.task.task import Task
from drawplate_evolve_nsga2.wanted.goals import FAILED, Goal

CHILDREN: Final = 16
"""Children that stand beside what earlier choices left over."""
STRANGERS: Final = 16
"""Points drawn at random, beside them."""
PLAIN: Final = 8
"""Every so many choices nothing is chosen: the next child is taken."""
HOPES: Final = (1.28, 0.52, 0.0, -0.52, -1.28)
"""Standard deviations by which a child may be better than expected, each as likely as the others: the middles of the
fifths of a normal distribution."""
DOUBT: Final = 1.0
"""Standard deviations by which a candidate that is trained no further may be better than expected."""
EACH: Final = 2
"""Points per gene from which forecasts learn first."""
KEPT: Final = 64
"""Points that were not chosen, the best of which stand beside later ones."""
DRAWN: Final = 4
"""Points among which each of these is chosen."""

FIXED: Final = 100_000.0
"""Multiply-accumulates that take as long as the rest of what an image costs: 64 of them some milliseconds of a core."""

Vector = tuple[float, ...]


@define
class Preselection:
    """Forecasts what counting and previews do not tell."""

    task: Task
    features: Features
    forecasters: tuple[Forecaster, ...]
    chosen: int = 0
    pool: list[Point] = field(factory=list)
    """The best of those that were not chosen."""

    @classmethod
    def of(cls, task: Task, job: Job) -> Preselection:
        """Look at the baseline: what is not known of it has to be forecast."""
        features = Features(task, job)
        known = features.of(task.coding.baseline)
        values = known.values if known else {}
        epochs = task.epochs_left
        unknown = [goal for goal in task.goals if goal.name not in values]
        return cls(task, features, tuple(Forecaster(goal, features, epochs) for goal in unknown))

    # choosing -----------------------------------------------------------------------------------------------------

    def begin(self, evolution: Evolution, given: Sequence[Point]) -> list[Point]:
        """Return what forecasts learn from first: some points per gene, drawn at random, of all sizes.

        Args:
            evolution: draws points; counts those that are returned as asked for.
            given: the first of them, the baseline first of all.
        """
        begun = evolution.ask(len(given), given)
        count = min(EACH * len(self.task.coding.axes), evolution.population) - len(begun)
        drawn = dict.fromkeys(evolution.draw() for _ in range(DRAWN * max(count, 0)))
        sizes = {point: known.size for point in drawn if evolution.is_new(point) and (known := self.features.of(point))}
        least, most = min(sizes.values(), default=0.0), max(sizes.values(), default=0.0)
        for number in range(min(count, len(sizes))):
            wanted = least + (most - least) * number / max(count - 1, 1)
            begun.append(min(sizes, key=lambda point: abs(sizes[point] - wanted)))
            evolution.take(begun[-1])
            del sizes[begun[-1]]
        return begun

    def is_ready(self) -> bool:
        """Whether forecasts can be made, and are better than the mean of what was known."""
        return all(one.is_ready() for one in self.forecasters) and all(one.helps() for one in self.forecasters)

    def choose(
        self,
        evolution: Evolution | None,
        candidates: Sequence[Candidate],
        paused: Sequence[Point],
        under_way: Sequence[Point],
    ) -> Point | None:
        """Return the point that is trained next: a new one, which counts as asked for, or one that is paused.

        What a point is expected to gain counts by the root of what its training takes (gain per second: Snoek et al.,
        "Practical Bayesian optimization", NIPS 2012; divided by the whole of it, small ones would always come first).

        Args:
            evolution: breeds children; None where no more are asked for.
            candidates: all that is known, each as far as it was trained.
            paused: points among which it may choose as well.
            under_way: points of which more will be known.
        """
        self.chosen += 1
        pool = self._children(evolution) if evolution and self.chosen % PLAIN else []
        known = [point for point in (*paused, *pool) if self.features.of(point)]
        gains = self._gains(known, candidates, under_way) if known else {}
        left = {one.point: 1 - self.task.rungs[one.rung] for one in candidates if one.point in paused}
        worth = {
            point: gain / math.sqrt(left.get(point, 1.0) * self._work(point))
            for point, gain in gains.items()
            if gain > 0
        }
        order = sorted(worth, key=lambda point: -worth[point])
        if order and order[0] in paused:
            return order[0]
        if evolution is None:
            return None
        if pool:
            self.pool = [point for point in order if point in pool][:KEPT]
        point = self.pool.pop(0) if pool and self.pool else next(iter(evolution.propose(1)), None)
        if point is not None:
            evolution.take(point)
            if self.features.of(point):
                for forecaster in self.forecasters:
                    forecaster.promise(point)
        return point

    def _work(self, point: Point) -> float:
        """Return how long a training to the end takes, about: counted, not timed, so that it is the same everywhere."""
        known = self.features.of(point)
        assert known is not None
        return 1.0 + known.values.get("macs", 0.0) / FIXED

    def _children(self, evolution: Evolution) -> list[Point]:
        strangers = [evolution.draw() for _ in range(STRANGERS)]
        pool = dict.fromkeys(
            [*evolution.propose(CHILDREN), *(one for one in (*self.pool, *strangers) if evolution.is_new(one))]
        )
        found = [point for point in pool if self.features.of(point)]
        return [point for point in found if not self._violation(point)] or found

    def _gains(
        self, points: Sequence[Point], candidates: Sequence[Candidate], under_way: Sequence[Point]
    ) -> dict[Point, float]:
        """Return what each is expected to add to the hypervolume of those that are trained to the end, or will be.

        The expectation, not what the forecast itself would add (expected improvement: Emmerich et al., IEEE TEVC 2006):
        one that may well be no better is worth a try where it may also be much better.

        Every other time objectives that are counted go by their logarithm, which asks for small candidates as well.
        """
        known = [point for point in under_way if self.features.of(point)]
        found = [one.individual(self.task.goals, self.task.limits) for one in candidates if one.status == "ok"]
        ended = {one.point for one in candidates if not one.missing}
        base = [one.objectives for one in found if one.point in ended and one.violation == 0]
        base = undominated([*base, *self._vectors(known, (0.0,))[0]])
        hoped = self._vectors(points, HOPES)
        sound = [one.objectives for one in found if one.violation < FAILED]
        columns = list(zip(*base, *itertools.chain(*hoped), *sound, strict=True))
        scales = [self._scale(goal, column) for goal, column in zip(self.task.goals, columns, strict=True)]

        def scaled(vector: Vector) -> Vector:
            return tuple(scale(value) for scale, value in zip(scales, vector, strict=True))

        reference = (1.0,) * len(scales)
        others = [scaled(vector) for vector in base]
        before = hypervolume(others, reference)
        return {
            point: statistics.fmean(hypervolume([*others, scaled(vector)], reference) - before for vector in vectors)
            for point, *vectors in zip(points, *hoped, strict=True)
        }

    def _scale(self, goal: Goal, values: Sequence[float]) -> Callable[[float], float]:
        """Return what brings the best of an objective to 0 and what is only just worth anything to 1.

        That is beyond the ends of the front, so that something is looked for beyond them.  Of a forecast objective it
        is not the worst that was found: the smallest candidates that can do nothing would be looked for.
        """
        forecaster = next((one for one in self.forecasters if one.goal.name == goal.name), None)
        by_ratio = forecaster is None and self.chosen % 2 == 0 and min(values) > 0
        see: Callable[[float], float] = math.log if by_ratio else float
        low, high = see(min(values)), see(forecaster.poor() if forecaster else max(values))
        return lambda value: (see(value) - low) / ((high - low) or 1.0)

    def _vectors(self, points: Sequence[Point], hopes: Sequence[float]) -> list[list[Vector]]:
        """Return, by hope, the objectives of points at the end of training, so many deviations better than expected."""
        if not points:
            return [[] for _ in hopes]
        said = {one.goal.name: one.forecast(points, self.task.top) for one in self.forecasters}
        exact = [self.features.of(point) for point in points]
        found = []
        for hope in hopes:
            forecast = {name: values.optimistic(hope).tolist() for name, values in said.items()}
            vectors = []
            for number, known in enumerate(exact):
                assert known is not None
                vectors.append(
                    tuple(
                        forecast[goal.name][number] if goal.name in forecast else goal.of(known.values)
                        for goal in self.task.goals
                    )
                )
            found.append(vectors)
        return found

    def _violation(self, point: Point) -> float:
        known = self.features.of(point)
        return known.violation if known else 0.0

    def hopeful(self, paused: Sequence[Candidate], candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return those that none trained to the end would dominate if they did somewhat better than expected."""
        asked = [one for one in paused if self.features.of(one.point)]
        if not asked or not self.is_ready():
            return list(paused)
        goals, limits = self.task.goals, self.task.limits
        ended = [one.individual(goals, limits) for one in candidates if not one.missing]
        sound = [one.objectives for one in ended if one.violation == 0]
        points = [one.point for one in asked]
        best = dict(zip(points, self._vectors(points, (DOUBT,))[0], strict=True))

        def dominated(vector: Vector) -> bool:
            return any(all(a <= b for a, b in zip(other, vector, strict=True)) for other in sound)

        return [one for one in paused if one.point not in best or not dominated(best[one.point])]

    # learning -----------------------------------------------------------------------------------------------------

    def learn(self, candidate: Candidate) -> None:
        """Take in what came of a candidate."""
        for forecaster in self.forecasters:
            forecaster.learn(candidate)

    def report(self, job: Job) -> None:
        """Say how far forecasts were off, for every rung."""
        for forecaster in self.forecasters:
            for rung in range(self.task.top + 1):
                row = forecaster.row(rung)
                if row is not None:
                    job.row("surrogate", f"{forecaster.goal.name}-{rung}", row)

    def state(self) -> dict[str, Any]:
        """Return all that decides how it goes on, as JSON values."""
        return {
            "chosen": self.chosen,
            "pool": [list(point) for point in self.pool],
            "forecasters": [one.state() for one in self.forecasters],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state; what came of the candidates has to be learnt again."""
        self.chosen, self.pool = state["chosen"], [tuple(point) for point in state["pool"]]
        for forecaster, known in zip(self.forecasters, state["forecasters"], strict=True):
            forecaster.restore(known)
