# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""The loss of every task, and training on the scores before a Softmax or Sigmoid."""

import numpy as np
import onnx
import pytest
import torch
from onnx import helper
from torch.nn import functional as F  # noqa: N812

from drawplate.data import Dataset, Normalisation, Split
from drawplate.errors import FlowError
from drawplate.job import Request
from drawplate.task import task_named
from drawplate.testing import make_runner
from drawplate.torch import OnnxModule
from drawplate.torch.loop import Batch, task_loss
from drawplate.zoo import build_model


def batch(x, y):
    return Batch(x=x, y=y, index=torch.arange(len(x)), view=None, epoch=0)


def normal(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_losses():
    x, logits = normal(6, 1, 2, 2), normal(6, 4)
    classes = torch.tensor([0, 1, 2, 3, 0, 1])
    yes = (classes > 1).long()
    several = (logits.flip(0) > 0).float()
    loss = {name: task_named(name) for name in ("classification", "binary", "labels", "regression", "reconstruction")}
    cross = F.cross_entropy(logits, classes)
    assert torch.equal(task_loss(loss["classification"], logits[:, :, None, None], batch(x, classes)), cross)
    binary = F.binary_cross_entropy_with_logits(logits[:, 0], yes.float())
    torch.testing.assert_close(task_loss(loss["binary"], logits[:, :1], batch(x, yes)), binary)
    torch.testing.assert_close(task_loss(loss["binary"], logits[:, 0], batch(x, yes)), binary)
    torch.testing.assert_close(
        task_loss(loss["labels"], logits, batch(x, several), label_smoothing=0.2),
        F.binary_cross_entropy_with_logits(logits, several * 0.8 + 0.1),
    )
    torch.testing.assert_close(task_loss(loss["regression"], logits, batch(x, several)), F.mse_loss(logits, several))
    mirrored = task_loss(loss["reconstruction"], logits, batch(x, classes))
    torch.testing.assert_close(mirrored, F.mse_loss(logits, x.flatten(1)))


def ending_in(proto, *operators):
    changed = onnx.ModelProto()
    changed.CopyFrom(proto)
    (output,) = changed.graph.output
    for number, operator in enumerate(operators):
        attributes = {"axis": 1} if operator not in {"Sigmoid", "Flatten"} else {}
        changed.graph.node.append(helper.make_node(operator, [output.name], [f"end{number}"], **attributes))
        output.name = f"end{number}"
    return changed


def made(task, outputs, y, shape=(6,)):
    x = np.random.default_rng(0).standard_normal((len(y), *shape)).astype(np.float32)
    bounds = {"train": (0, 200), "val": (200, 260), "test": (260, 320)}
    return Dataset(
        name="made",
        classes=tuple(map(str, range(2 if task == "binary" else outputs))) if y.dtype == np.int64 else (),
        shape=shape,
        normalisation=Normalisation((0.0,), (1.0,), scale=1.0, range=(-4.0, 4.0)),
        digest=task,
        splits={name: Split(name=name, x=x[i:j], y=y[i:j]) for name, (i, j) in bounds.items()},
        task=task_named(task),
    )


def trained(runner, proto, **options):
    model = runner.session.store.put_model(proto)
    return runner.run(Request(step="fit", subject=model, options={"epochs": 3, "batch": 32, "lr": 1e-2, **options}))


def weights(outcome):
    return {tensor.name: tensor.raw_data for tensor in outcome.artifact.proto().graph.initializer}


@pytest.mark.parametrize("end", [("Softmax",), ("LogSoftmax",), ("Softmax", "Flatten"), ("Sigmoid",)])
def test_what_squashes_scores_at_the_end_changes_nothing(tmp_path, end):
    """Cross-entropy of probabilities flattens out: the same network would learn less."""
    y = np.random.default_rng(1).integers(0, 3, 320)
    runner = make_runner(tmp_path, dataset=made("classification", 3, y))
    plain = build_model("mlp", {"hidden": [8]}, shape=(6,), classes=3, seed=0)
    one, other = trained(runner, plain), trained(runner, ending_in(plain, *end))
    assert weights(one) == weights(other)
    assert one.curves["train_loss"] == other.curves["train_loss"]
    assert one.curves["val_top1"] == other.curves["val_top1"]


def test_a_sigmoid_of_an_autoencoder_is_part_of_it(tmp_path):
    runner = make_runner(tmp_path, dataset=made("reconstruction", 6, np.zeros(320, np.int64)))
    plain = build_model("mlp", {"hidden": [8]}, shape=(6,), classes=6, seed=0)
    one, other = trained(runner, plain), trained(runner, ending_in(plain, "Sigmoid"))
    assert one.curves["val_mse"][-1][1] < other.curves["val_mse"][-1][1]  # the data are no numbers from 0 to 1
    assert weights(one) != weights(other)


def test_two_classes_are_learnt_with_one_output_and_with_two(tmp_path):
    x = np.random.default_rng(0).standard_normal((320, 6)).astype(np.float32)
    y = (x[:, 0] > x[:, 1]).astype(np.int64)
    for outputs in (1, 2):
        runner = make_runner(tmp_path / str(outputs), dataset=made("classification", 2, y))
        outcome = trained(runner, build_model("mlp", {"hidden": [16]}, shape=(6,), classes=outputs, seed=0), epochs=15)
        assert outcome.curves["val_top1"][-1][1] > 85


def test_the_best_epoch_of_an_error_is_the_lowest(tmp_path):
    y = np.random.default_rng(1).standard_normal((320, 1)).astype(np.float32)  # noise: it can only be overfitted
    runner = make_runner(tmp_path, dataset=made("regression", 1, y))
    proto = build_model("mlp", {"hidden": [64]}, shape=(6,), classes=1, seed=0)
    outcome = trained(runner, proto, epochs=12, schedule="constant")
    errors = [value for _, value in outcome.curves["val_mse"]]
    module, val = OnnxModule(outcome.artifact, {}), runner.dataset().split("val")
    with torch.no_grad():
        found = module.eval()(torch.from_numpy(val.x)).numpy()
    assert float(((found - val.y) ** 2).mean()) == pytest.approx(min(errors), rel=1e-5)
    assert min(errors) < errors[-1]


def test_label_smoothing_of_numbers_is_refused_in_the_plan(tmp_path):
    runner = make_runner(tmp_path, dataset=made("regression", 1, np.zeros((320, 1), np.float32)))
    model = runner.session.store.put_model(build_model("mlp", {"hidden": [4]}, shape=(6,), classes=1, seed=0))
    with pytest.raises(FlowError, match=r"label_smoothing.*regression"):
        runner.preview(Request(step="fit", subject=model, options={"label_smoothing": 0.1}))
