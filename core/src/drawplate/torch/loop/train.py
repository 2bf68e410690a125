# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""The training loop."""

from __future__ import annotations

import math
import time

import torch
from attrs import define, evolve

from drawplate.errors import DrawplateError
from drawplate.job import Job
from drawplate.metric import Direction
from drawplate.reporter import Progress as Bar
from drawplate.task import Loss, Task
from drawplate.torch.engine import check, describe, repeatable
from drawplate.torch.loop import checkpoint
from drawplate.torch.loop.augment import Augmentation
from drawplate.torch.loop.batches import Batches, epoch_seed
from drawplate.torch.loop.checkpoint import Progress
from drawplate.torch.loop.evaluate import Pixels, evaluate
from drawplate.torch.loop.objective import Batch, Objective, Stage
from drawplate.torch.loop.precision import Precision, choose
from drawplate.torch.loop.schedule import rate
from drawplate.torch.module import OnnxModule
from drawplate.training import TrainOptions

WORSE = 3.0
"""How many times the loss of the first batch the last epoch's may be before it is spoken of; batches differ."""


def train(module: OnnxModule, objective: Objective, options: TrainOptions, job: Job) -> None:
    """Train a model in place, through all stages of an objective.

    The task's first metric on the validation split chooses the weights that are kept (``select = "best"``); the test
    split never does.  After a kill no more than the epoch under way and the seconds since the last checkpoint are
    repeated, and the result has the same bytes as without the kill.

    Args:
        module: the model.
        objective: what is minimised.
        options: how.
        job: data, seed, device, and the work folder that holds the checkpoint.

    Raises:
        ToolWrong: when the device computes wrongly.
        DrawplateError: when the loss is not finite any more, or the model has no weights.
    """
    check(job.device)
    with torch.random.fork_rng(devices=[]), repeatable(options.threads):
        training = _Training.prepare(module, objective, options, job)
        training.run()
    job.note(f"trained in {training.precision.name}: {describe(job.device, options.threads)}")


@define
class _Training:
    module: OnnxModule
    objective: Objective
    options: TrainOptions
    job: Job
    precision: Precision
    batches: Batches
    progress: Progress
    task: Task

    @classmethod
    def prepare(cls, module: OnnxModule, objective: Objective, options: TrainOptions, job: Job) -> _Training:
        dataset, split = job.dataset, options.part(job.data("train"))
        module.to(job.device)
        objective.to(job.device)
        precision = choose(options.precision, module, job.device)
        if precision.channels_last:
            module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        augmentation = Augmentation(options.augment)
        views = augmentation.views(objective.views, len(split), job.seed) if objective.views else None
        pixels = Pixels(module.fed(dataset.normalisation), job.device)
        batches = Batches.of(split, pixels, min(options.batch, len(split)), augmentation, views)
        return cls(module, objective, options, job, precision, batches, Progress(), dataset.task)

    def run(self) -> None:
        path = self.job.workdir / "checkpoint.pt"
        self.progress, optimizer_state = checkpoint.load(path, self.module, self.objective, self.job.device)
        stages = self.objective.stages(self.options.epochs)
        total = sum(stage.epochs for stage in stages) * len(self.batches)
        done = (sum(stage.epochs for stage in stages[: self.progress.stage]) + self.progress.epoch) * len(self.batches)
        saved = time.monotonic()
        with self.job.progress(f"{self.job.step}: training", total) as bar:
            bar.advance(done)
            while self.progress.stage < len(stages):
                stage = stages[self.progress.stage]
                self.objective.start(stage)
                optimizer = self._optimizer(stage)
                if optimizer_state is not None and self.progress.epoch:
                    optimizer.load_state_dict(optimizer_state)
                optimizer_state = None
                while self.progress.epoch < stage.epochs and not self._stopped(stage, stages):
                    self._epoch(stage, optimizer, bar)
                    if stage is stages[-1]:
                        self._judge()
                    if time.monotonic() - saved >= checkpoint.EVERY:
                        checkpoint.save(path, self.progress, self.module, self.objective, optimizer)
                        saved = time.monotonic()
                self.progress.stage, self.progress.epoch = self.progress.stage + 1, 0
        if self.options.select == "best" and self.progress.best_state:
            self.module.load_state_dict(self.progress.best_state)
        self._tell()

    def _tell(self) -> None:
        """Record what the weights that are kept are worth on the validation split."""
        chooses = self.task.chooses.name
        found = evaluate(self.module, self.job.data("val"), self.job.dataset).get(chooses)
        if found is not None and found.finite:
            self.job.metric(evolve(found, name=f"val_{chooses}"))

    def _stopped(self, stage: Stage, stages: tuple[Stage, ...]) -> bool:
        patience = self.options.early_stop
        return stage is stages[-1] and patience is not None and self.progress.since_best >= patience

    def _optimizer(self, stage: Stage) -> torch.optim.Optimizer:
        for parameter in self.module.parameters():
            parameter.requires_grad_(stage.trains_model)
        owners = [self.module, self.objective] if stage.trains_model else [self.objective]
        parameters = [parameter for owner in owners for parameter in owner.parameters() if parameter.requires_grad]
        if not parameters:
            raise DrawplateError(
                "has nothing to train: no floating-point initializer is a weight",
                where=f"{self.job.step}, stage {stage.name!r}",
                hint="train the model before its weights are made constants",
            )
        common = {"lr": self.options.lr, "weight_decay": self.options.weight_decay, "fused": True}
        match self.options.optimizer:
            case "sgd":
                return torch.optim.SGD(parameters, momentum=self.options.momentum, **common)  # type: ignore[arg-type]
            case "adamw":
                return torch.optim.AdamW(parameters, **common)  # type: ignore[arg-type]
            case _:
                return torch.optim.Adam(parameters, **common)  # type: ignore[arg-type]

    def _epoch(self, stage: Stage, optimizer: torch.optim.Optimizer, bar: Bar) -> None:
        seed = epoch_seed(self.job.seed, self.progress.stage, self.progress.epoch)
        torch.manual_seed(seed)
        # A frozen model is frozen whole: its running statistics do not drift either.
        self.module.train(stage.trains_model)
        self.objective.train()
        first, steps = self.progress.epoch * len(self.batches), stage.epochs * len(self.batches)
        total = torch.zeros((), device=self.job.device)
        for number, batch in enumerate(self.batches.epoch(seed, self.progress.epoch)):
            for group in optimizer.param_groups:
                group["lr"] = rate(self.options, first + number, steps, stage.epochs) * stage.lr_factor
            loss = self._step(stage, batch, optimizer)
            total += loss
            if first + number == 0:
                self.progress.first_loss = loss.item()
            bar.advance(1)
        mean = (total / len(self.batches)).item()
        if not math.isfinite(mean):
            raise DrawplateError(
                f"training diverged: the loss is {mean} in epoch {self.progress.epoch + 1}",
                where=f"{self.job.step}, stage {stage.name!r}",
                hint=f"choose a lower lr than {self.options.lr:g}, or warmup",
            )
        self.progress.epoch += 1
        name = "train_loss" if stage.name == "train" else f"{stage.name}_loss"
        self.job.track(name, self.progress.epoch, mean)
        if self.progress.epoch == stage.epochs and mean > WORSE * self.progress.first_loss:
            self.job.note(
                f"the loss of stage {stage.name!r} ended at {mean:.3g}, but its first batch had "
                f"{self.progress.first_loss:.3g} before any step: training made the model worse, "
                f"choose a lower lr than {self.options.lr:g}"
            )

    def _step(self, stage: Stage, batch: Batch, optimizer: torch.optim.Optimizer) -> torch.Tensor:
        optimizer.zero_grad(set_to_none=True)
        x = self.precision.layout(batch.x)
        # A loss of classes wants scores; numbers are what the model gives.
        run = self.module.scores_with if self.task.loss is not Loss.SQUARED_ERROR else self.module.forward_with
        with self.precision.autocast():
            logits, taps = run(x, self.objective.taps)
        loss = self.objective.loss(stage, batch, logits.float(), taps)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        with torch.no_grad():
            self.objective.after_step(stage, batch, logits.float(), taps)
        return loss.detach()

    def _judge(self) -> None:
        dataset, epoch = self.job.dataset, self.progress.epoch
        chooses = self.task.chooses
        found = evaluate(self.module, self.job.data("val"), dataset).get(chooses.name)
        value = found.value if found is not None else math.nan
        if math.isfinite(value):
            self.job.track(f"val_{chooses.name}", epoch, value)
        if epoch in self.options.snapshots:
            tested = evaluate(self.module, self.job.data("test"), dataset).get(chooses.name)
            if tested is not None and tested.finite:
                self.job.track(f"test_{chooses.name}", epoch, tested.value)
        good = value if chooses.direction is Direction.HIGHER else -value
        if good > self.progress.best:
            state = self.module.state_dict()
            self.progress.best, self.progress.since_best = good, 0
            self.progress.best_state = {name: tensor.detach().clone() for name, tensor in state.items()}
        else:
            self.progress.since_best += 1
