# SPDX-License-Identifier: Apache-2.0
"""A method that nobody here wrote, from a single file; and the example in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drawplate.artifact import Form
from drawplate.errors import FlowError
from drawplate.job import Request
from drawplate.testing import make_runner
from drawplate.zoo import build_model

DOCS = Path(__file__).parents[2] / "docs" / "steps" / "distillation.md"


def runner_with(folder: Path, source: str):
    plugin = folder / "logit_match.py"
    plugin.write_text(source, encoding="utf-8")
    return make_runner(folder, data={"name": "digits", "limit": 96}, plugin_files=[plugin])


def request(runner, **options) -> Request:
    def model(seed):
        proto = build_model("mlp", {"hidden": (8,)}, shape=runner.dataset().shape, classes=10, seed=seed)
        return runner.session.store.put_model(proto, Form.FLOAT, ())

    return Request(step="distill", subject=model(0), teachers=(model(1),), options={"epochs": 1, **options})


@pytest.fixture
def example() -> str:
    """The example of a method in the docs, as it stands there."""
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    (block,) = [block for block in blocks if "distillation_methods" in block]
    return block


def test_the_documented_method_trains_alone_and_in_a_sum(tmp_path, example):
    runner = runner_with(tmp_path, example)
    given = runner.run(request(runner, method="0.5*logit_match + kd"))
    assert "loss: 1 CE + 1 [0.5 logit_match(power=2) + 1 kd(temperature=4)]" in given.notes
    assert given.curves["val_top1"]


def test_its_hyper_parameters_are_checked_like_ours(tmp_path, example):
    runner = runner_with(tmp_path, example)
    with pytest.raises(FlowError, match="did you mean: power"):
        runner.preview(request(runner, method={"logit_match": {"powr": 2.0}}))


def test_without_the_file_the_method_is_unknown(tmp_path):
    runner = make_runner(tmp_path, data={"name": "digits", "limit": 96})
    with pytest.raises(FlowError, match="unknown distillation method 'logit_match'"):
        runner.preview(request(runner, method="logit_match"))
