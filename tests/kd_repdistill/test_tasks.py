# SPDX-License-Identifier: Apache-2.0
"""Distillation of what is no class, and of networks that end in a Softmax."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

# torch and its users
from attrs import evolve
from onnx import helper

from drawplate.data import Dataset, Normalisation, Split
from drawplate.errors import FlowError
from drawplate.job import Request
from drawplate.task import task_named
from drawplate.testing import make_runner
from drawplate.zoo import build_model

QUICK = {"epochs": 12, "batch": 32, "lr": 1e-2, "precision": "fp32"}


def features(task: str, y: np.ndarray, classes: tuple[str, ...] = ()) -> Dataset:
    x = np.random.default_rng(0).standard_normal((len(y), 6)).astype(np.float32)
    bounds = {"train": (0, 256), "val": (256, 320), "test": (320, 400)}
    return Dataset(
        name="made",
        classes=classes,
        shape=(6,),
        normalisation=Normalisation((0.0,), (1.0,), scale=1.0, range=(-4.0, 4.0)),
        digest=task,
        splits={name: Split(name=name, x=x[i:j], y=y[i:j]) for name, (i, j) in bounds.items()},
        task=task_named(task),
    )


def targets(task: str) -> Dataset:
    x = np.random.default_rng(0).standard_normal((400, 6)).astype(np.float32)
    sums = np.stack([x[:, 0] - x[:, 1], x[:, 2] + x[:, 3]], axis=1)
    match task:
        case "regression":
            return features(task, sums)
        case "labels":
            return features(task, (sums > 0).astype(np.float32), ("a", "b"))
        case "reconstruction":
            return features(task, np.zeros(400, np.int64))
        case _:
            return features(task, (sums[:, 0] > 0).astype(np.int64), ("no", "yes"))


class Bench:
    def __init__(self, folder, task: str, outputs: int) -> None:
        self.runner, self.outputs = make_runner(folder, dataset=targets(task)), outputs

    def make(self, seed: int, *, softmax: bool = False, hidden: int = 24):
        proto = build_model("mlp", {"hidden": [hidden]}, shape=(6,), classes=self.outputs, seed=seed)
        return self.runner.session.store.put_model(with_softmax(proto) if softmax else proto)

    def request(self, step, subject, *teachers, **options) -> Request:
        return Request(step=step, subject=subject, teachers=teachers, options=QUICK | options)

    def last(self, outcome, curve: str) -> float:
        return outcome.curves[curve][-1][1]


def with_softmax(proto: onnx.ModelProto) -> onnx.ModelProto:
    changed = onnx.ModelProto()
    changed.CopyFrom(proto)
    (output,) = changed.graph.output
    changed.graph.node.append(helper.make_node("Softmax", [output.name], ["probabilities"], axis=1))
    output.name = "probabilities"
    return changed


@pytest.mark.parametrize(
    ("task", "outputs", "curve"),
    [
        ("regression", 2, "val_mse"),
        ("reconstruction", 6, "val_mse"),
        ("labels", 2, "val_f1"),
        ("binary", 1, "val_top1"),
    ],
)
@pytest.mark.parametrize("method", ["kd", "hint"])
def test_other_tasks_are_distilled(tmp_path, task, outputs, curve, method):
    bench = Bench(tmp_path, task, outputs)
    teacher = bench.runner.run(bench.request("fit", bench.make(1)))
    request = bench.request("distill", bench.make(0, hidden=16), teacher.artifact, method=method)
    plan = "\n".join(bench.runner.preview(request).notes)
    assert ("MSE" if curve == "val_mse" else "BCE") in plan
    outcome = bench.runner.run(request)
    first, last = outcome.curves[curve][0][1], bench.last(outcome, curve)
    assert last < 0.6 * first if curve == "val_mse" else last > 80


@pytest.mark.parametrize("method", ["dkd", "dist", "kd_std", "dkd_std", "mlkd", "crd + kd"])
def test_a_method_of_class_logits_is_refused_by_name(tmp_path, method):
    bench = Bench(tmp_path, "regression", 2)
    name = method.partition(" ")[0]
    with pytest.raises(FlowError, match=f"{name} compares classes, but the data's task is regression") as raised:
        bench.runner.preview(bench.request("distill", bench.make(0), bench.make(1), method=method))
    assert "hint" in raised.value.message
    with pytest.raises(FlowError, match=f"{name} compares classes"):  # nor when the teachers' graphs are not known yet
        bench.runner.preview(bench.request("distill", bench.make(0), method=method))


@pytest.mark.parametrize("method", ["kd", "crd", "dkd"])
def test_a_softmax_at_the_end_changes_nothing(tmp_path, method):
    bench = Bench(tmp_path, "classification", 2)
    teacher = bench.runner.run(bench.request("fit", bench.make(1))).artifact
    soft_teacher = bench.runner.session.store.put_model(with_softmax(teacher.proto()))
    found = []
    for subject, taught in ((bench.make(0), teacher), (bench.make(0, softmax=True), soft_teacher)):
        given = bench.runner.run(evolve(bench.request("distill", subject, taught, method=method)))
        found.append({tensor.name: tensor.raw_data for tensor in given.artifact.proto().graph.initializer})
    assert found[0] == found[1]


def test_softened_yes_and_no_are_two_softened_classes():
    import torch

    from drawplate_kd_repdistill.methods.kd import softened_kl, softened_yes

    student, teacher = torch.randn(2, 7, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    pairs = [torch.cat([torch.zeros_like(z), z], 1) for z in (student, teacher)]
    torch.testing.assert_close(softened_yes(student, teacher, 3.0), softened_kl(*pairs, 3.0))
    assert softened_yes(teacher, teacher, 3.0) == 0
