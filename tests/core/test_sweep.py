# SPDX-License-Identifier: Apache-2.0
"""A sweep writes down each cell as it is finished, in the grid's order, with one worker or more."""

import json

import pytest
from attrs import asdict

from drawplate.flow import read_flow
from drawplate.flow.sweep import read_axes, run_sweep
from drawplate.report.record import SweptCell, typed
from drawplate.testing import make_runner

FLOW = """
[model]
onnx = "tiny.onnx"

[[step]]
use = "looks"
"""
LOOKS = """
    @hookimpl
    def card():
        return Card(summary="", options={"measure": Options}, accepts={Form.FLOAT})

    @hookimpl
    def measure(subject, options, job):
        import json
        records = list(job.host.session.store.root.glob("runs/sweep-*/run.json"))
        cells = json.loads(records[0].read_text())["cells"] if records else []
        if options.factor == 3:
            raise ModelError("three is refused", where="looks")
        return (Metric(name="recorded", value=float(len(cells)), unit="", source="measured"),)
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_cells_are_recorded_as_they_are_finished(tiny_file, tmp_path, write_plugin, workers):
    flow_file = tiny_file.with_name("looks.toml")
    flow_file.write_text(FLOW)
    runner = make_runner(tmp_path / str(workers), plugin_files=[write_plugin("looks", LOOKS)], workers=workers)
    sweep = run_sweep(read_flow(flow_file), read_axes(["looks.factor=1..4"]), runner)
    cells = sweep.record.cells
    assert [cell.values for cell in cells] == [(1,), (2,), (3,), (4,)]
    assert ["three is refused" in (cell.error or "") for cell in cells] == [False, False, True, False]
    assert len({cell.run for cell in cells}) == 4
    if workers == 1:
        seen = [cell.metrics["looks"][0].value for cell in cells if not cell.error]
        assert seen == [0, 1, 3]
    written = json.loads((sweep.folder / "run.json").read_text())
    assert written["status"] == "done"
    assert typed(written).cells == tuple(SweptCell(**asdict(cell, recurse=False)) for cell in cells)


def test_options_that_go_together_take_one_value(tiny_file, tmp_path, write_plugin):
    from drawplate.flow.sweep import cells_of

    flow_file = tiny_file.with_name("looks.toml")
    flow_file.write_text(FLOW + FLOW.rpartition("\n\n")[2].replace('"looks"', '"looks"\nname = "again"'))
    cells = cells_of(read_flow(flow_file), read_axes(["looks.factor + again.factor=2,5", "seed=0,1"]))
    options = [[step.options["factor"] for step in cell.flow.steps] for cell in cells]
    assert options == [[2, 2], [2, 2], [5, 5], [5, 5]]
