# SPDX-License-Identifier: GPL-3.0-or-later
"""Of many children, the one is tried that forecasts put furthest beyond the front; now and then any child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import define

from drawplate import Job
from drawplate_evolve_nsga2.candidate.record import Candidate
from drawplate_evolve_nsga2.nsga import Evolution, Point, hypervolume, undominated
from drawplate_evolve_nsga2.search.features import Features
from drawplate_evolve_nsga2.search.forecaster import Forecaster
from drawplate_evolve_nsga2.task.task import Task
from drawplate_evolve_nsga2.wanted.goals import FAILED

CHILDREN: Final = 12
"""Children among which one is chosen."""
STRANGERS: Final = 4
"""Points drawn at random that stand beside them."""
PLAIN: Final = 4
"""Every so many candidates one is a child that nothing chose."""
HOPE: Final = 0.5
"""Standard deviations by which a child is thought to be better than expected."""
DOUBT: Final = 2.0
"""Standard deviations by which a candidate that is trained no further may be better than expected."""

Vector = tuple[float, ...]


@define
class Preselection:
    """Forecasts what counting and previews do not tell."""

    task: Task
    features: Features
    forecasters: tuple[Forecaster, ...]
    chosen: int = 0

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

    def choose(self, evolution: Evolution, candidates: Sequence[Candidate], under_way: Sequence[Point]) -> Point | None:
        """Return the next point to try, and count it as asked for; None where the space is exhausted.

        Args:
            evolution: breeds children.
            candidates: all that is known, each as far as it was trained.
            under_way: points of which nothing is known yet.
        """
        self.chosen += 1
        ready = all(one.is_ready() for one in self.forecasters)
        if ready and self.helps() and self.chosen % PLAIN:
            strangers = {evolution.draw() for _ in range(STRANGERS)}
            pool = dict.fromkeys([*evolution.propose(CHILDREN), *(one for one in strangers if evolution.is_new(one))])
            point = self._best([one for one in pool if self.features.of(one)], candidates, under_way)
        else:
            point = next(iter(evolution.propose(1)), None)
        if point is not None:
            evolution.take(point)
            if ready and self.features.of(point):
                for forecaster in self.forecasters:
                    forecaster.promise(point)
        return point

    def helps(self) -> bool:
        """Whether all that is forecast is known better than by its mean."""
        return all(one.helps() for one in self.forecasters)

    def _best(self, pool: Sequence[Point], candidates: Sequence[Candidate], under_way: Sequence[Point]) -> Point | None:
        """Return the point that adds most to the hypervolume of what is expected of all others."""
        allowed = [point for point in pool if not self._violation(point)] or list(pool)
        if not allowed:
            return None
        base = self._expected(candidates, [point for point in under_way if self.features.of(point)])
        hoped = self._vectors(allowed, HOPE)
        # Measured from beyond all that was tried, not from the ends of the front: else nobody would look beyond them.
        found = [one.individual(self.task.goals, self.task.limits) for one in candidates if one.status == "ok"]
        tried = [*base, *(one.objectives for one in found if one.violation < FAILED)]
        low = [min(column) for column in zip(*base, strict=True)]
        high = [max(column) for column in zip(*tried, strict=True)]
        sides = [(hi - lo) or 1.0 for lo, hi in zip(low, high, strict=True)]

        def scaled(vector: Vector) -> Vector:
            return tuple((v - lo) / side for v, lo, side in zip(vector, low, sides, strict=True))

        reference = (1.1,) * len(low)
        others = [scaled(vector) for vector in base]
        gains = [hypervolume([*others, scaled(vector)], reference) for vector in hoped]
        return allowed[max(range(len(allowed)), key=lambda i: (gains[i], -i))]

    def _expected(self, candidates: Sequence[Candidate], under_way: Sequence[Point]) -> list[Vector]:
        """Return the front of all candidates: as found where they were trained to the end, else as expected."""
        ended = [one for one in candidates if not one.missing]
        others = [one.point for one in candidates if one.missing and one.status == "ok" and self.features.of(one.point)]
        found = [one.individual(self.task.goals, self.task.limits) for one in ended]
        vectors = [one.objectives for one in found if one.violation == 0]
        return undominated([*vectors, *self._vectors([*others, *under_way], 0.0)])

    def _vectors(self, points: Sequence[Point], hope: float) -> list[Vector]:
        """Return the objectives of points at the end of training, so many standard deviations better than expected."""
        if not points:
            return []
        top = self.task.top
        said = {one.goal.name: one.forecast(points, top).optimistic(hope) for one in self.forecasters}
        vectors = []
        for number, point in enumerate(points):
            known = self.features.of(point)
            assert known is not None
            exact = {goal.name: goal.of(known.values) for goal in self.task.goals}
            forecast = {name: float(values[number]) for name, values in said.items()}
            vectors.append(tuple({**exact, **forecast}.values()))
        return vectors

    def _violation(self, point: Point) -> float:
        known = self.features.of(point)
        return known.violation if known else 0.0

    # stopping -----------------------------------------------------------------------------------------------------

    def is_hopeless(self, candidate: Candidate, candidates: Sequence[Candidate]) -> bool:
        """Whether, even if it did much better than expected, one that is trained to the end would dominate it."""
        if self.features.of(candidate.point) is None or not all(one.is_ready() for one in self.forecasters):
            return False
        if not self.helps():
            return False
        (best,) = self._vectors([candidate.point], DOUBT)
        goals, limits = self.task.goals, self.task.limits
        ended = [one.individual(goals, limits) for one in candidates if not one.missing]
        return any(
            one.violation == 0 and all(a <= b for a, b in zip(one.objectives, best, strict=True)) for one in ended
        )

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
        return {"chosen": self.chosen, "forecasters": [one.state() for one in self.forecasters]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state; what came of the candidates has to be learnt again."""
        self.chosen = state["chosen"]
        for forecaster, known in zip(self.forecasters, state["forecasters"], strict=True):
            forecaster.restore(known)
