# SPDX-License-Identifier: Apache-2.0
"""Taps of the zoo's models, as facts about them tell."""

from __future__ import annotations

import pytest

from drawplate.zoo.hooks import architectures
from drawplate_kd_repdistill.pairing import Overrides, pair
from drawplate_kd_repdistill.taps import find_taps


def make(name: str, *, shape=(3, 32, 32), classes=10, **options):
    architecture = architectures()[name]
    return architecture.build(architecture.options(**options), shape=shape, classes=classes, seed=0)


@pytest.mark.parametrize("name", ["resnet8x4", "resnet32x4"])
def test_resnet_stages_are_those_that_repdistiller_taps(name):
    taps = find_taps(make(name))
    assert [stage.shape for stage in taps.stages] == [(64, 32, 32), (128, 16, 16), (256, 8, 8)]
    assert all(stage.before != stage.value for stage in taps.stages)
    assert taps.width == 256
    assert not taps.skipped


def test_flexstudent_pools_before_it_activates():
    taps = find_taps(make("flexstudent"))
    assert [stage.shape for stage in taps.stages] == [(32, 16, 16), (64, 8, 8), (128, 4, 4)]
    assert taps.width == 128
    assert taps.skipped == ("32x32 has no activation, so no stage",)


def test_mobilenet_has_a_stage_per_resolution():
    taps = find_taps(make("mobilenetv2"))
    assert [stage.shape[1] for stage in taps.stages] == [16, 8, 4, 2]
    assert taps.width == 1280


def test_a_perceptron_has_a_stage_per_hidden_layer():
    taps = find_taps(make("mlp", shape=(1, 28, 28)))
    assert [stage.shape for stage in taps.stages] == [(256, 1, 1)] * 3


@pytest.mark.parametrize("layers", [1, 2, 3, 5])
def test_every_stage_of_any_flexstudent_gets_a_partner(layers):
    student = make("flexstudent", conv_layers=layers, channels=(8,))
    pairing = pair(student, make("resnet8x4"), Overrides(stages={}))
    assert len(pairing.student.stages) == len(pairing.teacher.stages) == len(find_taps(student).stages)
    assert pairing.teacher.stages[-1].shape == (256, 8, 8)
    sizes = [stage.shape[1] for stage in pairing.teacher.stages]
    assert sizes == sorted(sizes, reverse=True)
