# SPDX-License-Identifier: Apache-2.0
"""Random small networks: every code of the lowered model is that of exact arithmetic, or the model is refused."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from tests.quant_finn.networks import networks

from drawplate import ModelError
from drawplate.testing.exact import run_exact
from drawplate_quant_finn.lowering.integers import LoweredIntegers
from drawplate_quant_finn.lowering.network import lowering
from drawplate_quant_finn.lowering.proof.compare import compare, integers

SEEN: Counter[str] = Counter()


@settings(max_examples=80, deadline=None, print_blob=True)
@given(networks())
def test_every_code_is_that_of_exact_arithmetic(drawn):
    proto, x = drawn
    try:
        lowered = lowering(proto)
    except ModelError as refusal:
        assert refusal.where
        assert refusal.hint
        SEEN[refusal.what.split(",")[0]] += 1
        return
    SEEN["lowered"] += 1
    codes = lowered.codes.of(x)
    result = lowered.proto.graph.output[0].name
    found = LoweredIntegers.of(lowered.proto).values(
        codes, {result, *(quantizer.tensor for quantizer in lowered.quantized)}
    )
    exact = {}

    def watch(node, given):
        if node.output[0] == lowered.input_tensor:  # float32 on the host decides
            whole = codes.reshape(given.codes.shape) + lowered.codes.offset
            return given.with_codes(whole.astype(np.int64).astype(object))
        exact[node.name] = given.codes
        return given.value

    values = run_exact(lowered.graph.proto, x, watch)
    for quantizer in lowered.quantized:
        expected = exact[quantizer.node.name].astype(np.float64) - _offset(quantizer.node, lowered)
        assert (integers(quantizer, found) == expected).all(), quantizer.node.name
    output = proto.graph.output[0].name
    given = found[result].reshape(values[output].shape)
    np.testing.assert_allclose(given, values[output].floats(), rtol=1e-5, atol=1e-5)
    compare(lowered, x, allowed=1)


def _offset(node, lowered):
    """A whole zero point is taken off the codes."""
    if node.op_type == "BipolarQuant":
        return 0
    zero = float(lowered.constants.arrays[node.input[2]].reshape(-1)[0])
    return int(zero) if zero.is_integer() else 0


def test_most_networks_are_lowered():
    """Runs behind the other: what is not lowered is refused for a reason, and that is the lesser part."""
    if SEEN:
        assert SEEN["lowered"] > sum(SEEN.values()) / 3, SEEN
