# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Whether a model that was written for one batch size can be trained with another."""

from __future__ import annotations

import torch

from drawplate.artifact import Artifact
from drawplate.errors import ModelError
from drawplate.torch.module import OnnxModule

TRIED = 2


def check_batch(module: OnnxModule, model: Artifact) -> None:
    """Run a few samples of zeros through a model whose batch is fixed.

    Args:
        module: the model as a module.
        model: what it was made of.

    Raises:
        ModelError: when a layer takes only the batch that the model was written for; says which.
    """
    batch, *shape = model.inputs[0].shape
    if not isinstance(batch, int) or batch == TRIED:
        return
    was_training, where, given = module.training, None, 0
    x = torch.zeros((TRIED, *(size for size in shape if isinstance(size, int))))
    try:
        with torch.no_grad():
            given = len(module.eval()(x))
    except (RuntimeError, IndexError, ValueError) as error:
        where = next(iter(getattr(error, "__notes__", [])), None)
    finally:
        module.train(was_training)
    if given != TRIED:
        raise ModelError(
            f"is written for a batch of {batch}, and cannot be trained with more",
            where=where,
            hint="export it with a free batch: dynamic_axes or dynamic_shapes of torch.onnx.export",
        )
