# SPDX-License-Identifier: GPL-3.0-or-later
"""Against pymoo's NSGA-II with integer genes, on problems of known fronts (Zitzler et al. 2000, Deb et al. 2005)."""

import math
import statistics

import pytest

from drawplate_evolve_nsga2.nsga import Axis, Evolution, Individual, hypervolume

STEPS = 100


def zdt1(point):
    x = [index / STEPS for index in point]
    g = 1 + 9 * sum(x[1:]) / (len(x) - 1)
    return x[0], g * (1 - math.sqrt(x[0] / g))


def zdt2(point):
    x = [index / STEPS for index in point]
    g = 1 + 9 * sum(x[1:]) / (len(x) - 1)
    return x[0], g * (1 - (x[0] / g) ** 2)


def dtlz2(point):
    x = [index / STEPS for index in point]
    g = sum((value - 0.5) ** 2 for value in x[2:])
    a, b = x[0] * math.pi / 2, x[1] * math.pi / 2
    return (1 + g) * math.cos(a) * math.cos(b), (1 + g) * math.cos(a) * math.sin(b), (1 + g) * math.sin(a)


PROBLEMS = {"zdt1": (zdt1, 30, 2), "zdt2": (zdt2, 30, 2), "dtlz2": (dtlz2, 12, 3)}


def ours(name, population, generations, seed):
    function, genes, objectives = PROBLEMS[name]
    evolution = Evolution([Axis(STEPS + 1, ordered=True)] * genes, population, seed)
    for _ in range(generations):
        evolution.tell([Individual(point, function(point)) for point in evolution.ask(population)])
    return hypervolume([member.individual.objectives for member in evolution.members], (1.1,) * objectives)


def theirs(name, population, generations, seed):
    np = pytest.importorskip("numpy")
    pytest.importorskip("pymoo", reason="pymoo is a development dependency")
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import Problem
    from pymoo.indicators.hv import HV
    from pymoo.operators.crossover.sbx import SBX
    from pymoo.operators.mutation.pm import PM
    from pymoo.operators.repair.rounding import RoundingRepair
    from pymoo.operators.sampling.rnd import IntegerRandomSampling
    from pymoo.optimize import minimize

    function, genes, objectives = PROBLEMS[name]

    class Known(Problem):
        def __init__(self):
            super().__init__(n_var=genes, n_obj=objectives, xl=0, xu=STEPS, vtype=int)

        def _evaluate(self, x, out, *args, **kwargs):
            out["F"] = np.array([function(row) for row in x])

    algorithm = NSGA2(
        pop_size=population,
        sampling=IntegerRandomSampling(),
        crossover=SBX(prob=0.9, eta=15, vtype=float, repair=RoundingRepair()),
        mutation=PM(eta=20, vtype=float, repair=RoundingRepair()),
        eliminate_duplicates=True,
    )
    result = minimize(Known(), algorithm, ("n_gen", generations), seed=seed, verbose=False)
    found = float(HV(ref_point=np.full(objectives, 1.1))(result.F))
    assert hypervolume([tuple(map(float, row)) for row in result.F], (1.1,) * objectives) == pytest.approx(found)
    return found


def compare(name, seeds, population, generations):
    mine = statistics.mean(ours(name, population, generations, seed) for seed in seeds)
    other = statistics.mean(theirs(name, population, generations, seed) for seed in seeds)
    assert mine >= 0.99 * other


@pytest.mark.parametrize("name", PROBLEMS)
def test_as_good_as_pymoo(name):
    compare(name, seeds=range(2), population=40, generations=50)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_as_good_as_pymoo_at_length(name):
    compare(name, seeds=range(5), population=100, generations=100)
