# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""The training loop: stages, resume, what is kept, and what stops it."""

import numpy as np
import onnx
import pytest
import torch
from attrs import evolve
from torch import nn
from torch.nn import functional

from drawplate.data import Dataset, Normalisation, Split, record_normalisation
from drawplate.errors import DrawplateError
from drawplate.task import task_named
from drawplate.testing import make_job
from drawplate.torch import OnnxModule
from drawplate.torch.loop import Augmentation, Objective, Refeed, Stage, TaskLoss, TrainOptions, evaluate, train
from drawplate.torch.loop.evaluate import Pixels
from drawplate.zoo import build_model

SHAPE = (1, 8, 8)
IMAGES, BATCH = 48, 12
STEPS = IMAGES // BATCH
PRETRAINING, MAIN = 2, 3
CLASSIFICATION = task_named("classification")
NORMALISATION = Normalisation((0.5,), (0.25,))


def random_split(name, count):
    random = np.random.default_rng(count)
    x = random.integers(0, 256, (count, *SHAPE), dtype=np.uint8)
    return Split(name=name, x=x, y=random.integers(0, 10, count))


@pytest.fixture
def dataset():
    """Noise, without a test split: training that asks for one fails."""
    splits = {name: random_split(name, count) for name, count in {"train": IMAGES, "val": 20}.items()}
    classes = tuple("0123456789")
    return Dataset(
        name="noise", classes=classes, shape=SHAPE, normalisation=NORMALISATION, digest="noise", notes=(), splits=splits
    )


def perceptron(seed=0, hidden=(8,)):
    return OnnxModule(build_model("mlp", {"hidden": hidden}, shape=SHAPE, classes=10, seed=seed), {})


def options(**changes):
    return TrainOptions(**{"epochs": MAIN, "batch": BATCH, "lr": 1e-2, **changes})


def curve(job, series):
    return [value for _, value in job.notebook.read().curves[series]]


# objectives that own parameters, memory and a stage ---------------------------------------------------------------


class Killed(BaseException):
    """Stands for kill -9: nothing that catches errors catches it."""


class Remembering(Objective):
    """Owns a head that is trained first, and remembers what it said of every image."""

    taps = ("fc1.act",)
    views = 3

    def __init__(self, last_call=0):
        super().__init__()
        torch.manual_seed(1)
        self.head = nn.Linear(8, 4)
        self.register_buffer("memory", torch.zeros(IMAGES, 4))
        self.last_call, self.calls, self.started = last_call, 0, []

    def stages(self, epochs):
        first = Stage(name="head", epochs=PRETRAINING, trains_model=False, lr_factor=0.5)
        return (first, Stage(name="train", epochs=epochs))

    def start(self, stage):
        self.started.append(stage.name)

    def loss(self, stage, batch, logits, taps):
        self.calls += 1
        if self.calls == self.last_call:
            raise Killed
        said = self.head(functional.dropout(taps["fc1.act"], 0.3))  # its random numbers have to be repeated as well
        if stage.name == "head":
            return functional.cross_entropy(said, batch.y % 4)
        return functional.cross_entropy(logits, batch.y) + (said - self.memory[batch.index]).square().mean()

    def after_step(self, stage, batch, logits, taps):
        if stage.name == "train":
            self.memory[batch.index] = self.head(taps["fc1.act"]).detach()


def remembering(folder, dataset, last_call=0, **changes):
    """Train, as a fresh process would begin; return all that training leaves behind."""
    job, module, objective = make_job(folder, dataset=dataset), perceptron(), Remembering(last_call)
    train(module, objective, options(augment="crop-flip", **changes), job)
    state = {name: tensor.numpy().tobytes() for name, tensor in objective.state_dict().items()}
    return module.to_onnx().SerializeToString(), state, job.notebook.read().curves, objective.calls


@pytest.fixture
def every_epoch(monkeypatch):
    """Write a checkpoint after each, however short it was."""
    monkeypatch.setattr("drawplate.torch.loop.checkpoint.EVERY", 0.0)


@pytest.mark.usefixtures("every_epoch")
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("last_call", range(1, (PRETRAINING + MAIN) * STEPS + 1, 3))
def test_killed_at_any_step_of_any_stage_it_ends_with_the_same_bytes(tmp_path, dataset, last_call, optimizer):
    *expected, calls = remembering(tmp_path / "unkilled", dataset, optimizer=optimizer)
    assert calls == (PRETRAINING + MAIN) * STEPS
    with pytest.raises(Killed):
        remembering(tmp_path / "killed", dataset, last_call, optimizer=optimizer)
    *resumed, calls_again = remembering(tmp_path / "killed", dataset, optimizer=optimizer)
    assert resumed == expected
    assert calls_again == calls - (last_call - 1) // STEPS * STEPS  # finished epochs are not repeated


def test_epochs_that_take_less_than_a_checkpoint_is_worth_are_repeated(tmp_path, dataset, monkeypatch):
    monkeypatch.setattr("drawplate.torch.loop.checkpoint.EVERY", 3600.0)
    *expected, calls = remembering(tmp_path / "unkilled", dataset)
    with pytest.raises(Killed):
        remembering(tmp_path / "killed", dataset, last_call=calls - 1)
    assert not [*(tmp_path / "killed").rglob("checkpoint.pt")]
    *resumed, calls_again = remembering(tmp_path / "killed", dataset)
    assert resumed == expected
    assert calls_again == calls


@pytest.mark.usefixtures("every_epoch")
def test_killed_again_and_again_it_ends_with_the_same_bytes(tmp_path, dataset):
    *expected, _ = remembering(tmp_path / "unkilled", dataset)
    for _ in range(PRETRAINING + MAIN - 1):
        with pytest.raises(Killed):
            remembering(tmp_path / "killed", dataset, last_call=STEPS + 2)  # one epoch further each time
    *resumed, _ = remembering(tmp_path / "killed", dataset)
    assert resumed == expected


@pytest.mark.usefixtures("every_epoch")
def test_a_kill_while_the_checkpoint_is_written_leaves_the_one_before(tmp_path, dataset, monkeypatch):
    *expected, _ = remembering(tmp_path / "unkilled", dataset)
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        remembering(tmp_path / "killed", dataset)
    monkeypatch.undo()
    *resumed, calls = remembering(tmp_path / "killed", dataset)
    assert resumed == expected
    assert calls == (PRETRAINING + MAIN) * STEPS


def test_a_part_of_the_images_is_the_first_ones(tmp_path, dataset):
    split = dataset.split("train")
    first = evolve(split, x=split.x[:30], y=split.y[:30])
    fewer = evolve(dataset, splits={**dataset.splits, "train": first})
    assert remembering(tmp_path / "part", dataset, images=30) == remembering(tmp_path / "all", fewer)
    with pytest.raises(DrawplateError, match="at most 48, the training images"):
        remembering(tmp_path / "none", dataset, images=49)


def test_a_stage_that_trains_no_model_leaves_all_of_it_alone(tmp_path, dataset):
    class HeadOnly(Remembering):
        def stages(self, epochs):
            return super().stages(epochs)[:1]

    module, objective = perceptron(), HeadOnly()
    before, head = module.to_onnx(), objective.head.weight.detach().clone()
    train(module, objective, options(), make_job(tmp_path, dataset=dataset))
    assert module.to_onnx() == before  # running statistics included
    assert not torch.equal(objective.head.weight, head)


def test_an_objectives_parameters_are_trained_and_not_exported(tmp_path, dataset):
    job, module, objective = make_job(tmp_path, dataset=dataset), perceptron(), Remembering()
    before = module.to_onnx()
    train(module, objective, options(), job)
    after = module.to_onnx()
    assert [tensor.name for tensor in after.graph.initializer] == [tensor.name for tensor in before.graph.initializer]
    assert after.graph.node == before.graph.node
    assert after != before
    assert objective.started == ["head", "train"]
    assert objective.memory.abs().sum(1).gt(0).all()  # every image was seen
    curves = job.notebook.read().curves
    assert {name: len(points) for name, points in curves.items()} == {
        "head_loss": PRETRAINING,
        "train_loss": MAIN,
        "val_top1": MAIN,
    }


def test_a_stage_multiplies_the_rate(tmp_path, dataset):
    class Falling(Objective):
        def __init__(self):
            super().__init__()
            self.height = nn.Parameter(torch.zeros(()))

        def stages(self, epochs):
            return Stage(name="slow", epochs=1, lr_factor=0.25), Stage(name="train", epochs=epochs)

        def loss(self, stage, batch, logits, taps):
            return self.height + 0 * logits.sum()

    objective = Falling()
    settings_ = options(epochs=2, optimizer="sgd", momentum=0.0, lr=1.0, schedule="constant")
    train(perceptron(), objective, settings_, make_job(tmp_path, dataset=dataset))
    assert objective.height.item() == -(0.25 * STEPS + 2 * STEPS)


def test_fixed_views_are_what_the_model_sees(tmp_path, dataset):
    split, seen = dataset.split("train"), set()

    class Watching(TaskLoss):
        views = 3

        def loss(self, stage, batch, logits, taps):
            augmentation, pixels = Augmentation("crop-flip"), Pixels(NORMALISATION, "cpu")
            moves = augmentation.views(self.views, IMAGES, seed=5)[batch.view, batch.index]
            expected = augmentation.apply(torch.from_numpy(split.x)[batch.index], moves)
            assert torch.equal(batch.x, pixels(expected))
            assert torch.equal(batch.y, torch.from_numpy(split.y)[batch.index])
            seen.update(zip(batch.index.tolist(), batch.view.tolist(), strict=True))
            return super().loss(stage, batch, logits, taps)

    job = evolve(make_job(tmp_path, dataset=dataset), seed=5)
    train(perceptron(), Watching(CLASSIFICATION), options(epochs=8, augment="crop-flip"), job)
    assert {index for index, _ in seen} == set(range(IMAGES))
    assert {view for _, view in seen} == {0, 1, 2}


# what is kept, and what stops it ----------------------------------------------------------------------------------


@pytest.fixture
def digits(tmp_path):
    from drawplate.testing import make_runner

    return make_job(tmp_path, runner=make_runner(tmp_path, data={"name": "digits"}))


def test_a_small_perceptron_learns_the_digits(digits):
    module = perceptron(hidden=(64,))
    train(module, TaskLoss(CLASSIFICATION), options(epochs=15, batch=64, lr=3e-3, snapshots=(1, 10, 40)), digits)
    top1 = evaluate(module, digits.data("test"), digits.dataset)["top1"].value
    assert top1 > 95
    kept = evaluate(module, digits.data("val"), digits.dataset)["top1"].value
    assert kept == max(curve(digits, "val_top1"))
    assert [epoch for epoch, _ in digits.notebook.read().curves["test_top1"]] == [1, 10]
    losses = curve(digits, "train_loss")
    assert losses[-1] < losses[0] / 5


def test_the_last_weights_are_kept_where_asked(tmp_path, dataset):
    class Worsening(Objective):
        """Learns for one epoch, and unlearns in the next."""

        def loss(self, stage, batch, logits, taps):
            return (-1) ** batch.epoch * functional.cross_entropy(logits, batch.y)

    found = {}
    for select in ("best", "last"):
        job, module = make_job(tmp_path / select, dataset=dataset), perceptron()
        train(module, Worsening(), options(epochs=4, select=select, lr=0.1, schedule="constant"), job)
        found[select] = evaluate(module, job.data("val"), dataset)["top1"].value, curve(job, "val_top1")
    assert found["best"][1] == found["last"][1]
    assert found["best"][0] == max(found["best"][1])
    assert found["last"][0] == found["last"][1][-1]
    assert found["best"][0] > found["last"][0]


@pytest.mark.usefixtures("every_epoch")
def test_training_stops_early_and_a_rerun_does_not_go_on(tmp_path, dataset):
    still = options(epochs=50, early_stop=2, lr=1e-30, optimizer="sgd")
    job, module = make_job(tmp_path, dataset=dataset), perceptron()

    class Counting(TaskLoss):
        calls = 0

        def loss(self, stage, batch, logits, taps):
            self.calls += 1
            return 0 * super().loss(stage, batch, logits, taps)

    first = Counting(CLASSIFICATION)
    train(module, first, still, job)
    top1 = curve(job, "val_top1")
    best = top1.index(max(top1))
    assert len(top1) == best + 1 + 2 < 50
    assert first.calls == len(top1) * STEPS
    again, resumed = Counting(CLASSIFICATION), perceptron()
    train(resumed, again, still, job)
    assert again.calls == 0
    assert resumed.to_onnx() == module.to_onnx()


def test_divergence_is_one_clear_message_and_no_checkpoint(tmp_path, dataset):
    job = make_job(tmp_path, dataset=dataset, step="fit")
    for _ in range(2):  # a rerun diverges again: nothing that is broken was saved
        with pytest.raises(
            DrawplateError, match=r"fit, stage 'train': training diverged: the loss is (nan|inf) in epoch 1"
        ) as caught:
            train(perceptron(), TaskLoss(CLASSIFICATION), options(optimizer="sgd", lr=1e38, schedule="constant"), job)
    assert "choose a lower lr than 1e+38" in caught.value.message
    assert not (job.workdir / "checkpoint.pt").exists()


def test_a_model_that_training_made_worse_is_spoken_of(tmp_path, dataset):
    job = make_job(tmp_path, dataset=dataset, step="fit")
    train(perceptron(), TaskLoss(CLASSIFICATION), options(optimizer="sgd", lr=1e4, schedule="constant"), job)
    (note,) = (note for note in job.notebook.read().notes if "made the model worse" in note)
    assert "choose a lower lr than 10000" in note
    fine = make_job(tmp_path / "fine", dataset=dataset, step="fit")
    train(perceptron(), TaskLoss(CLASSIFICATION), options(), fine)
    assert not any("made the model worse" in note for note in fine.notebook.read().notes)


@pytest.mark.usefixtures("every_epoch")
@pytest.mark.parametrize(
    "harm", [lambda data: data[:100], lambda data: bytes(len(data)), lambda data: data[:-9] + b"x" * 9]
)
def test_a_damaged_checkpoint_begins_anew_and_says_so(tmp_path, dataset, harm, caplog):
    whole, again = perceptron(), perceptron()
    train(whole, TaskLoss(CLASSIFICATION), options(), make_job(tmp_path / "whole", dataset=dataset))
    job = make_job(tmp_path / "again", dataset=dataset)
    train(perceptron(), TaskLoss(CLASSIFICATION), options(), job)
    path = job.workdir / "checkpoint.pt"
    path.write_bytes(harm(path.read_bytes()))
    train(again, TaskLoss(CLASSIFICATION), options(), job)
    assert again.to_onnx() == whole.to_onnx()
    assert "begins anew" in caplog.text


def test_a_model_without_weights_is_refused(tmp_path, dataset):
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[N,1,2,5] x) => (float[N,10] y) { y = Flatten(x) }'
    )
    with pytest.raises(DrawplateError, match="test, stage 'train': has nothing to train"):
        train(OnnxModule(proto, {}), TaskLoss(CLASSIFICATION), options(), make_job(tmp_path, dataset=dataset))


def test_random_numbers_of_the_caller_are_left_alone(tmp_path, dataset):
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    train(
        perceptron(), TaskLoss(CLASSIFICATION), options(epochs=1, augment="crop"), make_job(tmp_path, dataset=dataset)
    )
    assert torch.equal(torch.rand(4), expected)


def test_a_model_is_trained_and_judged_on_what_its_own_metadata_say_it_is_fed(dataset, tmp_path):
    own = Normalisation((0.0,), (0.5,))
    protos = [build_model("mlp", {"hidden": (8,)}, shape=SHAPE, classes=10, seed=0) for _ in range(2)]
    record_normalisation(protos[1], own)
    trained = []
    for number, (proto, given) in enumerate(zip(protos, (own, NORMALISATION), strict=True)):
        module, data = OnnxModule(proto, {}), evolve(dataset, normalisation=given)
        train(module, TaskLoss(CLASSIFICATION), options(), make_job(tmp_path / str(number), dataset=data))
        trained.append((module.state_dict(), evaluate(module, data.split("val"), data)))
    for name, value in trained[0][0].items():
        assert torch.equal(value, trained[1][0][name])
    assert trained[0][1] == trained[1][1]


def test_what_one_model_is_fed_becomes_what_another_is():
    given, wanted = Normalisation((0.1, 0.2), (0.5, 0.25)), Normalisation((0.5,), (2.0,))
    x = torch.randint(0, 256, (3, 2, 4), dtype=torch.uint8)
    found = Refeed(given, wanted, "cpu")(Pixels(given, "cpu")(x))
    torch.testing.assert_close(found, Pixels(wanted, "cpu")(x))
