# SPDX-License-Identifier: Apache-2.0
"""The step on real images (digits): what it gives, what it says before, and that it helps."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from drawplate.artifact import Artifact, Form
from drawplate.errors import DrawplateError, FlowError, ModelError
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.testing import StepContract, make_runner
from drawplate.zoo.hooks import architectures
from drawplate_kd_repdistill.methods import NAMES


class Bench:
    """A runner on digits, a small student and a teacher, trained at will."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    def make(self, name: str, seed: int = 0, **options: object) -> Artifact:
        architecture = architectures()[name]
        dataset = self.runner.dataset()
        proto = architecture.build(
            architecture.options(**options), shape=dataset.shape, classes=len(dataset.classes), seed=seed
        )
        return self.runner.session.store.put_model(proto, Form.FLOAT, ())

    def run(self, step: str, subject: Artifact, *teachers: Artifact, seed: int = 0, **options: object):
        request = Request(step=step, subject=subject, teachers=teachers, options=options, seed=seed)
        return self.runner.run(request)

    def preview(self, subject: Artifact, *teachers: Artifact, **options: object):
        return self.runner.preview(Request(step="distill", subject=subject, teachers=teachers, options=options))


@pytest.fixture
def bench(tmp_path) -> Bench:
    return Bench(make_runner(tmp_path, data={"name": "digits", "limit": 320}))


@pytest.fixture
def student(bench) -> Artifact:
    return bench.make("flexstudent", conv_layers=2, channels=(4,), neurons=16)


@pytest.fixture
def teacher(bench) -> Artifact:
    return bench.make("flexstudent", seed=1, conv_layers=2, channels=(8,), neurons=24)


class TestContract(StepContract):
    step = "distill"

    @pytest.fixture
    def teachers(self, model):
        return (model,)

    @pytest.fixture
    def options(self):
        return {"epochs": 1}


@pytest.mark.parametrize("name", NAMES)
def test_every_method_trains_a_student_and_leaves_its_graph_alone(name, bench, student, teacher):
    alike = bench.make("flexstudent", seed=1, conv_layers=2, channels=(4,), neurons=24)
    table = {"pretrain_epochs": 1} if name in {"fsp", "abound", "factor"} else {}
    given = bench.run(
        "distill",
        student,
        alike if name in {"fsp", "kdsvd"} else teacher,
        method={name: {"negatives": 16, "width": 8} if name == "crd" else table},
        epochs=1,
        select="last",
    )
    before, after = student.proto(), given.artifact.proto()
    assert [node.SerializeToString() for node in after.graph.node] == [
        node.SerializeToString() for node in before.graph.node
    ]
    assert [tensor.name for tensor in after.graph.initializer] == [tensor.name for tensor in before.graph.initializer]
    arrays = [[onnx.numpy_helper.to_array(tensor) for tensor in proto.graph.initializer] for proto in (before, after)]
    assert any(not np.array_equal(one, other) for one, other in zip(*arrays, strict=True))
    assert any(name in note for note in given.notes)


def test_a_student_learns_from_a_teacher_alone(bench, teacher):
    """With no cross-entropy at all, what the student knows it has from the teacher."""
    taught = bench.run("fit", teacher, epochs=20, batch=32, lr=5e-3).artifact
    student = bench.make("mlp", hidden=(32,))
    given = bench.run("distill", student, taught, method="kd", alpha=1.0, gamma=0.0, epochs=30, batch=32, lr=5e-3)
    assert max(value for _, value in given.curves["val_top1"]) > 75.0


def test_preview_shows_loss_pairs_and_how_teachers_are_computed(bench, student, teacher):
    notes = bench.preview(student, teacher, method="crd + kd").notes
    assert notes[0] == (
        "loss: 1 CE + 1 [0.8 crd(negatives=1024, width=128, contrast_temperature=0.07, momentum=0.5)"
        " + 1 kd(temperature=4)]"
    )
    assert notes[1:] == (
        "embedding: fc1.act [16] <- fc1.act [24]",
        "teachers: computed once, for 1 view of every image",
    )
    notes = bench.preview(student, teacher, method="hint", augment="crop").notes
    assert "stage 1: conv2.act [8x2x2] <- conv2.act [16x2x2]" in notes
    assert notes[-1] == "teachers: computed at every step"


def test_preview_without_known_teachers_still_checks_the_method(bench, student):
    assert "taps are chosen" in bench.preview(student).notes[-1]
    with pytest.raises(FlowError, match="did you mean: attention"):
        bench.preview(student, method="atention")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "hint + kd"}, "hint compares features, but there are 2 teachers"),
        ({"teacher_weights": [1.0]}, "1 entries for 2 teachers"),
        ({"teacher_weights": [0.0, 0.0]}, "weigh nothing"),
    ],
)
def test_what_an_ensemble_cannot_do_is_refused(bench, student, teacher, options, message):
    with pytest.raises(FlowError, match=message):
        bench.preview(student, teacher, teacher, **options)


def test_mistakes_are_named_before_any_work(bench, student, teacher):
    with pytest.raises(FlowError, match="has no teachers"):
        bench.run("distill", student)
    with pytest.raises(ModelError, match="needs equal channels"):
        bench.preview(student, teacher, method="fsp")
    with pytest.raises(FlowError, match="stage is 2"):
        bench.preview(student, teacher, method={"hint": {"stage": 2}})
    with pytest.raises(DrawplateError, match=r"did you mean: conv1\.act"):
        bench.preview(student, teacher, method="hint", stages={"conv1.acts": "conv1.act"})


def test_an_ensemble_of_one_network_twice_is_that_network(bench, student, teacher):
    once = bench.run("distill", student, teacher, epochs=1, select="last").artifact
    twice = bench.run("distill", student, teacher, teacher, teacher_weights=[0.25, 0.75], epochs=1, select="last")
    one, other = (
        np.concatenate([onnx.numpy_helper.to_array(t).ravel() for t in artifact.proto().graph.initializer])
        for artifact in (once, twice.artifact)
    )
    np.testing.assert_allclose(one, other, atol=1e-4)


def test_a_quantised_student_stays_quantised(bench, teacher):
    """The step never learns of it: Quant nodes and bit widths are as they were, weights behind them have moved."""
    bits = {"weight_bits": 3, "act_bits": 3}
    student = bench.run("quantize", bench.make("mlp", hidden=(16, 16)), **bits).artifact
    given = bench.run("distill", student, teacher, method="hint + kd", epochs=2).artifact
    assert given.form is Form.QONNX
    one, other = student.proto(), given.proto()
    assert [node.SerializeToString() for node in one.graph.node] == [
        node.SerializeToString() for node in other.graph.node
    ]
    assert one.graph.initializer != other.graph.initializer
    assert given.parents == (student.digest, teacher.digest)
