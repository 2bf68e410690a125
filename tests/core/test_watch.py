# SPDX-License-Identifier: Apache-2.0
"""The page of a run that is at work."""

import textwrap

from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.report.html import page
from drawplate.report.read import find_run, read_now
from drawplate.testing import make_runner

SEARCHER = """
    from attrs import frozen
    from drawplate import Card, Form, Metric, Source, hookimpl
    from drawplate.report.html import page
    from drawplate.report.read import find_run, read_now

    @frozen(kw_only=True)
    class Options:
        pass

    @hookimpl
    def card():
        return Card(summary="looks at its own run", options={"measure": Options}, accepts={Form.FLOAT})

    def candidate(key, loss, front):
        metrics = {
            name: {"value": value, "unit": "", "source": "measured", "error": None}
            for name, value in (("loss", loss), ("size", 9.0 - loss))
        }
        return {
            "key": key, "generation": 0, "genome": {"width": 1}, "metrics": metrics, "objectives": ["loss", "size"],
            "front": front, "chosen": False, "baseline": front,
        }

    @hookimpl
    def measure(subject, options, job):
        for number in (1, 2, 3):
            job.row("candidates", str(number), candidate(str(number), float(number), number == 1))
        row = {"generation": 0, "evaluations": 3, "of": 12, "hypervolume": 0.5, "seconds": 36.0}
        job.row("generations", "0", row)
        record, busy = read_now(find_run(job.store, "last"))
        assert busy
        (job.store.root / "page.html").write_text(page([record], again=7), encoding="utf-8")
        return (Metric(name="loss", value=1.0, unit="", source=Source.MEASURED),)
"""


def test_a_run_at_work_has_a_page_that_says_how_far_it_is(tmp_path):
    plugin, flow = tmp_path / "searcher.py", tmp_path / "f.toml"
    plugin.write_text(textwrap.dedent(SEARCHER), encoding="utf-8")
    flow.write_text('[model]\nzoo = "mlp"\nshape = [1, 4, 4]\nclasses = 3\n[[step]]\nuse = "searcher"\n')
    runner = make_runner(tmp_path, plugin_files=[plugin])
    run_flow(read_flow(flow), runner)
    text = (runner.session.store.root / "page.html").read_text(encoding="utf-8")
    assert '<meta http-equiv="refresh" content="7">' in text
    assert "3 of 12 candidates, 300 per hour, about 2 min to go" in text
    record, busy = read_now(find_run(runner.session.store, "last"))
    assert not busy
    assert "refresh" not in page([record]).partition("<body>")[0]
