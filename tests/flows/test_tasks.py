# SPDX-License-Identifier: Apache-2.0
"""The ready flows of three tasks, from training to simulated hardware and the Myriad X."""

from pathlib import Path

import pytest

from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.runner import Runner
from drawplate.session import Session
from drawplate.store import Store
from drawplate.task import TASKS, Kind

FLOWS = Path(__file__).parents[2] / "flows" / "tasks"
EXPECTED = {
    "keywords-z7020": (Kind.CLASSIFICATION, "top1", 70),
    "anomalies-z7020": (Kind.RECONSTRUCTION, "auc", 0.85),
    "regression-z7020": (Kind.REGRESSION, "r2", 0.2),
}

pytestmark = [pytest.mark.slow, pytest.mark.finn, pytest.mark.myriad, pytest.mark.verilator, pytest.mark.yosys]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_task_end_to_end(tmp_path, name):
    kind, metric, least = EXPECTED[name]
    flow = read_flow(FLOWS / f"{name}.toml")
    runner = Runner.of(Session(store=Store(tmp_path), data=flow.data))
    steps = run_flow(flow, runner).steps
    runner.close()
    found = {
        step: {metric.name: metric for metric in steps[step].outcome.metrics if metric.layer is None}
        for step in ("ort", "myriadx", "z7020")
    }
    names = {measure.name for measure in TASKS[kind].measures}
    for step, metrics in found.items():
        assert names <= set(metrics), step
        assert metrics[metric].value > least, step
        assert metrics[metric].split == "test"
    images = flow.steps[-1].options["images"]
    noun = "images" if kind is Kind.CLASSIFICATION else "examples"
    assert f"{images} test {noun}" in found["z7020"][metric].note
    assert "all outputs equal to the golden model" in found["z7020"]["cycles"].note
    if kind is not Kind.CLASSIFICATION:  # the whole test split is simulated: the same integers, the same figure
        assert found["z7020"][metric].value == pytest.approx(found["ort"][metric].value, rel=0.02)
