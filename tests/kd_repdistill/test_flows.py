# SPDX-License-Identifier: Apache-2.0
"""The ready flows: every distill step in them can be read, and their pairs of networks suit their methods."""

from __future__ import annotations

from pathlib import Path

import pytest

from drawplate.flow.read import read_flow
from drawplate.options import read_options
from drawplate.zoo import build_model
from drawplate_kd_repdistill.arrangement import mixture_of
from drawplate_kd_repdistill.methods import own_methods
from drawplate_kd_repdistill.options import DistillOptions
from drawplate_kd_repdistill.pairing import Overrides, check_pairing, pair

FLOWS = sorted((Path(__file__).parents[2] / "flows").glob("kd-*.toml"))
SHAPES = {"digits": ((1, 8, 8), 10), "fashion-mnist": ((1, 28, 28), 10), "cifar10": ((3, 32, 32), 10)}
SHAPES["cifar100"] = ((3, 32, 32), 100)


def test_there_are_flows():
    assert {path.stem for path in FLOWS} >= {
        "kd-flexstudent-cifar10",
        "kd-flexstudent-small",
        "kd-quantize-z7020",
        "kd-quantize-z7020-small",
        "kd-resnet8x4-cifar100",
    }


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_every_distill_step_suits_its_networks(path):
    flow = read_flow(path)
    assert flow.data is not None
    shape, classes = SHAPES[flow.data["name"]]
    student, teacher = (
        build_model(flow.models[name].what, flow.models[name].arguments, shape=shape, classes=classes, seed=0)
        for name in ("model", "teacher")
    )
    steps = [step for step in flow.steps if step.use == "distill"]
    assert steps
    for step in steps:
        mixture = mixture_of(read_options(DistillOptions, step.options, step.label), own_methods())
        check_pairing(pair(student, teacher, Overrides(stages={})), mixture)
        assert step.teachers == ("teacher-fit",)
