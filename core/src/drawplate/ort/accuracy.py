# SPDX-License-Identifier: Apache-2.0
"""Top-1 accuracy through a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate.data import Normalisation, Split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHUNK = 500  # images that are normalised and fed at once where the model leaves the batch free


def predict(session: Any, x: NDArray[Any], normalisation: Normalisation) -> NDArray[np.float32]:
    """Return logits, float32 (N, classes).

    Args:
        session: an ONNX Runtime session with one input.
        x: values of any real type, shape (N, ...).
        normalisation: how they become what the model is fed.
    """
    import numpy as np

    step = fixed_batch(session) or CHUNK
    name, output = session.get_inputs()[0].name, session.get_outputs()[0].name
    parts = []
    for start in range(0, len(x), step):
        images = normalisation.apply(x[start : start + step])
        missing = step - len(images) if fixed_batch(session) else 0
        padded = np.concatenate([images, np.repeat(images[-1:], missing, axis=0)]) if missing else images
        parts.append(session.run([output], {name: padded})[0][: len(images)])
    return np.concatenate(parts).reshape(len(x), -1)


def top1(session: Any, split: Split, normalisation: Normalisation) -> float:
    """Return the part of the images whose greatest logit is that of their class, in percent."""
    guessed = predict(session, split.x, normalisation).argmax(1)
    return 100.0 * float((guessed == split.y).mean())


def fixed_batch(session: Any) -> int | None:
    """Return the batch size that the model is written for; None where it is free."""
    first = session.get_inputs()[0].shape[0]
    return first if isinstance(first, int) else None
