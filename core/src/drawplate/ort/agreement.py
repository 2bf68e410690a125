# SPDX-License-Identifier: Apache-2.0
"""Whether what is exported computes what the model does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.data.stand_in import stand_in
from drawplate.errors import StepFailed
from drawplate.ort.accuracy import predict
from drawplate.ort.session import open_session
from drawplate.ort.standard import to_standard_onnx

if TYPE_CHECKING:
    from onnx import ModelProto

INPUTS = 16
TOLERANCE = 1e-3
"""Of the greatest output: what folding a BatchNormalization into its layer may change."""


def agreement(model: ModelProto, exported: ModelProto, *, exact: bool) -> str:
    """Run both on random inputs, and say how they agree.

    Args:
        model: the model, FLOAT or QONNX.
        exported: the same in standard operators, optimised.
        exact: whether the outputs have to be the same to the last bit.

    Raises:
        StepFailed: when they differ by more.
    """
    import numpy as np

    drawn = stand_in(model, INPUTS)
    plain = open_session(to_standard_onnx(model), threads=1, exact=True)
    expected = predict(plain, drawn.x)
    found = predict(open_session(exported, threads=1, exact=exact), drawn.x)
    finite = np.isfinite(expected)
    far = float(np.abs(found - expected)[finite & np.isfinite(found)].max(initial=0.0))
    limit = 0.0 if exact else TOLERANCE * float(np.abs(expected[finite]).max(initial=1e-6))
    if far > limit or (finite != np.isfinite(found)).any():
        raise StepFailed(
            f"the exported file gives other outputs than the model: {far:g} apart on {drawn.said}",
            where="ort",
            hint="please report this with the model",
        )
    apart = "all outputs equal" if not far else f"outputs at most {far:.1e} apart"
    return f"exported file against the model: {apart} on {drawn.said}"
