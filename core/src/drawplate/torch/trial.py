# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""The first step of a training, tried in a plan: what it would stumble over is said before any work."""

from __future__ import annotations

import torch
from torch import Tensor

from drawplate.data import Dataset, Split
from drawplate.errors import ModelError
from drawplate.task import Loss, Task
from drawplate.torch.loop.evaluate import Pixels, as_tensor
from drawplate.torch.loop.objective import Batch, task_loss
from drawplate.torch.module import OnnxModule

ITEMS = 2
"""The fewest that a batch is made of."""
NEAR = 1e-3
"""How far from 1 the sum of probabilities may be."""


def try_step(module: OnnxModule, task: Task, dataset: Dataset, split: Split) -> None:
    """Take the first items through a model and back, in evaluation mode; the weights stay.

    Args:
        module: what is to be trained.
        task: what it is for.
        dataset: whose split it is.
        split: what it is to be trained on.

    Raises:
        ModelError: when it cannot be computed, has no weights, or cannot learn; names the layer.
    """
    if not any(True for _ in module.parameters()):
        raise ModelError(
            "has nothing to train: no floating-point initializer is a weight",
            hint="train the model before its weights are made constants, or leave this step out",
        )
    first = split.first(ITEMS)
    x = Pixels(module.fed(dataset.normalisation), "cpu")(as_tensor(first.x))
    outputs = _outputs(module, task, x)
    if outputs.ndim and len(outputs) != len(x):
        raise ModelError(
            f"gives {len(outputs)} rows for {len(x)} items",
            hint="keep the batch as the first dimension throughout",
        )
    if not torch.isfinite(outputs).all():
        raise ModelError(
            "gives what is no number (NaN or infinite) for the first items of the data",
            where=_not_finite(module, x),
            hint="look at the weights of the layer that makes it, and at the range of the data ([data] normalise)",
        )
    if task.loss is Loss.CROSS_ENTROPY and _probabilities(outputs):
        raise ModelError(
            "ends in probabilities that no Softmax makes: a cross-entropy of them learns next to nothing",
            hint='name the logits as the output: outputs = ["NAME"] under [model]',
        )
    if not outputs.requires_grad:
        _refuse_no_gradient(module, outputs.sum())
    batch = Batch(x=x, y=torch.from_numpy(first.y), index=torch.arange(len(x)), view=None, epoch=0)
    _refuse_no_gradient(module, task_loss(task, outputs.float(), batch))


def _outputs(module: OnnxModule, task: Task, x: Tensor) -> Tensor:
    """What the loss works on, as the training loop asks for it."""
    was_training = module.training
    module.eval()
    run = module.scores_with if task.loss is not Loss.SQUARED_ERROR else module.forward_with
    try:
        return run(x, ())[0]
    except (RuntimeError, LookupError, ValueError, TypeError, ArithmeticError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"cannot be computed on {len(x)} items by torch: {said}",
            where=next(iter(getattr(error, "__notes__", [])), None),
            hint="export the model with a free batch, or write this layer in another way",
        ) from error
    finally:
        module.train(was_training)


def _probabilities(outputs: Tensor) -> bool:
    """Whether rows of several numbers are none below 0 and sum to 1."""
    rows = outputs.detach().flatten(1) if outputs.ndim > 1 else outputs.detach()[:, None]
    return rows.shape[1] > 1 and bool((rows >= 0).all() and ((rows.sum(1) - 1).abs() < NEAR).all())


@torch.no_grad()
def _not_finite(module: OnnxModule, x: Tensor) -> str | None:
    """The first value that holds a NaN, a weight or what a layer gives; or else an infinity."""
    _, values = module.eval().forward_with(x, module.values)
    for test in (torch.isnan, torch.isinf):
        for name in module.values:
            if values[name].is_floating_point() and test(values[name]).any():
                return f"value {name!r}"
    return None


def _refuse_no_gradient(module: OnnxModule, loss: Tensor) -> None:
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    gradients = [parameter.grad for parameter in module.parameters() if parameter.grad is not None]
    module.zero_grad(set_to_none=True)
    if not any(gradient.any() for gradient in gradients):
        raise ModelError(
            "cannot learn: no gradient reaches any of its weights",
            hint="the output is cut off from them, as by an ArgMax, a Round or a Cast to integers: name another one "
            'with outputs = ["NAME"] under [model]',
        )
    if not all(torch.isfinite(gradient).all() for gradient in gradients):
        raise ModelError(
            "has gradients that are no numbers (NaN or infinite) for the first items of the data",
            hint="a root or a division comes near 0: add a small number under it, or normalise the data",
        )
