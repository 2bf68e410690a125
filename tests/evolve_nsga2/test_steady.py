# SPDX-License-Identifier: GPL-3.0-or-later
"""The search that never waits for a generation."""

import pytest

from drawplate.errors import DrawplateError
from drawplate.flow.run import run_flow
from drawplate.testing import make_runner

STEADY = ("generations = 4", 'generations = 4\nschedule = "steady"')


def test_as_many_candidates_and_a_front(evolve):
    outcome = evolve(STEADY)
    rows = outcome.tables["candidates"]
    assert len({row["key"] for row in rows}) == len(rows) == 32
    assert sum(row["baseline"] for row in rows) == 1
    volumes = [row["hypervolume"] for row in outcome.tables["generations"]]
    assert len(volumes) == 4
    assert volumes == sorted(volumes)


def test_two_workers(tmp_path, meter, write_flow):
    runner = make_runner(tmp_path, plugin_files=[meter], workers=2)
    outcome = run_flow(write_flow(STEADY), runner).steps["evolve"].outcome
    assert len(outcome.tables["candidates"]) == 32


def test_it_goes_on_where_it_was_stopped(tmp_path, meter, write_flow, monkeypatch):
    from drawplate_evolve_nsga2.search.steady import SteadySearch

    whole = run_flow(write_flow(STEADY), make_runner(tmp_path / "whole", plugin_files=[meter])).steps["evolve"].outcome
    save = SteadySearch._save

    def stop(search):
        save(search)
        if len(search.candidates) == 21:
            raise KeyboardInterrupt

    monkeypatch.setattr(SteadySearch, "_save", stop)
    runner = make_runner(tmp_path / "stopped", plugin_files=[meter])
    with pytest.raises(KeyboardInterrupt):
        run_flow(write_flow(STEADY), runner)
    monkeypatch.setattr(SteadySearch, "_save", save)
    calls = (tmp_path / "stopped" / "store" / "calls.txt").read_text().split()
    resumed = run_flow(write_flow(STEADY), runner).steps["evolve"].outcome
    again = (tmp_path / "stopped" / "store" / "calls.txt").read_text().split()
    assert again[: len(calls)] == calls
    assert len(set(again)) == len(again)
    assert {row["key"] for row in resumed.tables["candidates"]} >= {
        row["key"] for row in whole.tables["candidates"][:8]
    }
    assert len(resumed.tables["candidates"]) == 32


def test_rungs_are_refused(plan):
    with pytest.raises(DrawplateError, match="option 'schedule': compares no candidates at rungs"):
        plan(
            ("generations = 4", 'generations = 4\nschedule = "steady"\nrungs = [0.5]'),
            ('use = "meter"', 'use = "fit"\n[[step.candidate]]\nuse = "meter"'),
        )
