# SPDX-License-Identifier: GPL-3.0-or-later
"""The step, over a space so small that all of it can be tried by hand."""

import pytest

from drawplate.errors import DrawplateError
from drawplate.flow.run import run_flow
from drawplate.testing import make_runner

SMALL = "[step.genes]\nconv_layers = [1, 2]\nfc_layers = 2\nneurons = 16\nchannels = [2, 3, 4, 8, 11, 12, 13]"


GENERATIONS = ("generations = 4", 'generations = 4\nschedule = "generations"')


def rows(outcome, **wanted):
    return [row for row in outcome.tables["candidates"] if all(row[key] == value for key, value in wanted.items())]


def test_all_of_a_small_space_gives_its_exact_front(evolve):
    outcome = evolve(("generations = 4", "generations = 9"), more=SMALL)
    found = rows(outcome)
    assert len(found) == 14
    points = {
        row["key"]: [row["metrics"][name]["value"] for name in row["objectives"]]
        for row in rows(outcome, status="ok")
        if row["metrics"]["meter.loss"]["value"] is not None
    }
    best = {
        key for key, (loss, size) in points.items()
        if not any(a <= loss and b <= size and (a, b) != (loss, size) for a, b in points.values())
    }  # fmt: skip
    assert {row["key"] for row in rows(outcome, front=True)} == best
    assert len(outcome.front) == len(best)
    assert sum(row["chosen"] for row in found) == sum(row["baseline"] for row in found) == 1
    assert any("all 14 candidates of the space were tried" in note for note in outcome.notes)


def test_the_first_generation_begins_with_what_the_flow_gives(evolve):
    outcome = evolve(more='[[step.start]]\n"c*" = 1\n[[step.start]]\nneurons = 4\n"conv*" = 1')
    found = [row["genome"] for row in rows(outcome, generation=0)]
    baseline = {"conv_layers": 2, "fc_layers": 2, "channels": 8, "neurons": 16}
    assert len(found) == 8
    for change in ({}, {"conv_layers": 1, "channels": 1}, {"conv_layers": 1, "neurons": 4}):
        assert {**baseline, **change} in found


def test_candidates_that_fail_or_diverge_are_kept_out(evolve):
    outcome = evolve(("generations = 4", "generations = 9"), more=SMALL)
    failed = rows(outcome, status="failed")
    assert {row["genome"]["channels"] for row in failed} == {12, 13}
    assert {"conv1: has thirteen channels"} == {row["reason"] for row in failed if row["genome"]["channels"] == 13}
    assert not any(row["front"] for row in found_diverged(outcome) + failed)


def found_diverged(outcome):
    diverged = [row for row in rows(outcome) if row["genome"]["channels"] == 11]
    assert diverged
    return diverged


def test_limits_reject_before_anything_is_measured(evolve, tmp_path):
    outcome = evolve(more='[step.constraints]\nmeter.size = "<= 40"')
    rejected = rows(outcome, status="rejected")
    assert rejected
    assert all(row["violation"] > 0 and "meter.size <= 40" in row["reason"] for row in rejected)
    assert not any(row["front"] for row in rejected)
    assert all(row["metrics"]["meter.size"]["value"] <= 40 for row in rows(outcome, front=True))
    calls = (tmp_path / "store" / "calls.txt").read_text().split()
    measured = [row for row in rows(outcome) if row["status"] == "ok"]
    assert len(calls) == len(set(calls))
    assert len(calls) <= len(measured) + len(rows(outcome, status="failed"))


def test_limits_that_nothing_keeps_are_said(evolve):
    with pytest.raises(DrawplateError, match=r"none of .* candidates keeps the constraints"):
        evolve(more='[step.constraints]\nparams = "<= 1"')


def test_a_baseline_that_fails_stops_the_search_at_once(evolve, tmp_path):
    with pytest.raises(DrawplateError, match="step 1 \\(evolve\\), baseline candidate, conv1: has thirteen channels"):
        evolve(("channels = [8]", "channels = [13]"))


@pytest.mark.parametrize(
    ("choose", "check"),
    [
        ("min params", lambda row, front: row["params"] == min(r["params"] for r in front)),
        ("min meter.loss", lambda row, front: row["meter.loss"] == min(r["meter.loss"] for r in front)),
        (
            "meter.loss<=4, min params",
            lambda row, front: row["params"] == min(r["params"] for r in front if r["meter.loss"] <= 4),
        ),
        ("knee", lambda row, front: min(r["params"] for r in front) < row["params"] < max(r["params"] for r in front)),
    ],
)
def test_the_chosen_member(evolve, choose, check):
    outcome = evolve(("generations = 4", f'generations = 4\nchoose = "{choose}"'))
    values = [{m.name: m.value for m in member.metrics} for member in outcome.front]
    chosen = next(i for i, m in enumerate(outcome.front) if m.artifact.digest == outcome.artifact.digest)
    assert check(values[chosen], values)


OPTIONS = """
[step.genes]
meter.kind = ["c", "b", "a"]
meter.gain = [1.0, 2.0]
channels = [4, 8]
conv_layers = 2
fc_layers = 2
neurons = 16
"""


def test_options_of_steps_are_genes_too(evolve):
    outcome = evolve(("generations = 4", "generations = 9"), more=OPTIONS)
    assert {member.genome["meter.kind"] for member in outcome.front} == {"a"}
    assert {member.genome["meter.gain"] for member in outcome.front} == {2.0}
    (baseline,) = rows(outcome, baseline=True)
    assert baseline["genome"]["meter.kind"] == "a"


def test_several_seeds_correct_a_lucky_reading(evolve):
    outcome = evolve(
        ("generations = 4", "generations = 2\nrepeats = 3"), ('use = "meter"', 'use = "meter"\nnoise = true')
    )
    for row in rows(outcome, front=True):
        assert row["metrics"]["meter.loss"]["error"] == pytest.approx(1.0)
        assert row["metrics"]["params"]["error"] is None
    assert all(m.note.endswith("median of 3 seeds") for m in outcome.front[0].metrics if m.name == "meter.loss")
    # What is no number is recorded as null.
    whole = [row for row in rows(outcome, status="ok") if row["metrics"]["meter.loss"]["value"] is not None]
    found = {row["key"]: tuple(row["metrics"][name]["value"] for name in row["objectives"]) for row in whole}
    best = {
        key
        for key, mine in found.items()
        if not any(other != mine and all(a <= b for a, b in zip(other, mine, strict=True)) for other in found.values())
    }
    assert {row["key"] for row in rows(outcome, front=True)} == best, "someone is kept off the front by a reading"


def test_generations_are_reported_and_hypervolume_never_falls(evolve):
    generations = evolve().tables["generations"]
    assert [row["generation"] for row in generations] == [0, 1, 2, 3]
    volumes = [row["hypervolume"] for row in generations]
    assert volumes == sorted(volumes)
    assert volumes[-1] > volumes[0]


def test_workers_and_one_process_find_the_same(tmp_path, meter, write_flow):
    found = []
    for workers in (1, 2):
        runner = make_runner(tmp_path / str(workers), plugin_files=[meter], workers=workers)
        outcome = run_flow(write_flow(("generations = 4", "generations = 2")), runner).steps["evolve"].outcome
        found.append([(m.artifact.digest, dict(m.genome)) for m in outcome.front])
    assert found[0] == found[1]


def test_a_search_that_was_stopped_goes_on_where_it_was(tmp_path, meter, write_flow, monkeypatch):
    from drawplate_evolve_nsga2.search.by_generation import ByGeneration

    whole = (
        run_flow(write_flow(GENERATIONS), make_runner(tmp_path / "whole", plugin_files=[meter])).steps["evolve"].outcome
    )
    save = ByGeneration.save

    def stop(search):
        save(search)
        if search.generation == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(ByGeneration, "save", stop)
    runner = make_runner(tmp_path / "stopped", plugin_files=[meter])
    with pytest.raises(KeyboardInterrupt):
        run_flow(write_flow(GENERATIONS), runner)
    monkeypatch.setattr(ByGeneration, "save", save)
    before = (tmp_path / "stopped" / "store" / "calls.txt").read_text().split()
    resumed = run_flow(write_flow(GENERATIONS), runner).steps["evolve"].outcome
    assert plain(resumed) == plain(whole)
    calls = (tmp_path / "stopped" / "store" / "calls.txt").read_text().split()
    assert len(set(calls)) == len(calls) > len(before) > 8


def test_what_was_found_before_a_stop_is_kept(tmp_path, meter, write_flow, monkeypatch):
    from drawplate_evolve_nsga2.candidate.record import Ledger

    write, written = Ledger.write, []

    def stop(ledger, name, candidate):
        write(ledger, name, candidate)
        written.append(name)
        if len(written) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Ledger, "write", stop)
    runner = make_runner(tmp_path, plugin_files=[meter])
    with pytest.raises(KeyboardInterrupt):
        run_flow(write_flow(), runner)
    assert len((tmp_path / "store" / "calls.txt").read_text().split()) == 3


def plain(outcome):
    tables = [{**row, "seconds": 0} for table in outcome.tables.values() for row in table]
    front = [(member.artifact.digest, member.genome) for member in outcome.front]
    return outcome.artifact.digest, front, sorted(tables, key=str)


def test_later_steps_go_over_the_front(runner, write_flow):
    flow = write_flow(more='[[step]]\nuse = "meter"\nname = "again"\nfor_each = "front"\n')
    result = run_flow(flow, runner)
    front, again = result.steps["evolve"].outcome.front, result.steps["again"]
    assert [outcome.artifact.digest for outcome in again.outcomes] == [member.artifact.digest for member in front]
    assert again.outcome.artifact.digest == result.steps["evolve"].outcome.artifact.digest


@pytest.mark.slow
def test_a_ray_worker_killed_in_mid_run_changes_nothing(tmp_path, meter, write_flow):
    pytest.importorskip("ray", reason="Ray is an extra")
    flow = write_flow(("generations = 4", "generations = 2"))
    alone = run_flow(flow, make_runner(tmp_path / "alone", plugin_files=[meter])).steps["evolve"].outcome
    text = meter.read_text()
    mark = tmp_path / "died"
    deadly = f"found = widths(subject)\n    import os, pathlib\n    mark = pathlib.Path({str(mark)!r})\n"
    deadly += "    calls = (job.host.session.store.root / 'calls.txt').read_text().split()\n"
    deadly += "    if len(calls) > 4 and not mark.exists():\n        mark.touch()\n        os._exit(9)\n"
    meter.write_text(text.replace("found = widths(subject)\n", deadly, 1))
    runner = make_runner(tmp_path / "ray", plugin_files=[meter], workers=2, executor="ray")
    outcome = run_flow(flow, runner).steps["evolve"].outcome
    assert mark.exists()
    assert [(m.artifact.digest, m.genome) for m in outcome.front] == [
        (m.artifact.digest, m.genome) for m in alone.front
    ]


def test_what_was_found_on_the_test_split_never_chooses(tmp_path, meter, write_flow):
    """A step whose card lists nothing may find whatever it likes: the figure itself says that it must not choose."""
    source = meter.read_text(encoding="utf-8").replace(', metrics={"loss", "size"}', "")
    path = tmp_path / "cheat.py"
    path.write_text(source.replace("Source.ESTIMATED)", "Source.ESTIMATED, split='test')"), encoding="utf-8")
    runner = make_runner(tmp_path / "store", plugin_files=[path])
    with pytest.raises(DrawplateError, match=r"metric 'cheat\.loss': was found on the test images"):
        run_flow(write_flow(('use = "meter"', 'use = "cheat"'), ("meter.loss", "cheat.loss")), runner)
