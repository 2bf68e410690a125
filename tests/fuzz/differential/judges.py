# SPDX-License-Identifier: Apache-2.0
"""The five judges: exact fractions, the float32 bridge, lowered integers, the golden model, the RTL."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import define, field
from onnx import ModelProto, NodeProto, helper, numpy_helper

from differential.bounds import UNIT, slacks
from differential.verdict import Finding
from drawplate.graph.shapes import infer
from drawplate.testing.exact import Exact, Quantized, run_exact

Array = np.ndarray[Any, Any]
HOST = 16
"""Roundings on the host: a normalisation, a division, a zero point."""


def exactly(proto: ModelProto, x: Array, watch: Any = None) -> Exact:
    """Return the first output in exact arithmetic."""
    return run_exact(proto, x, watch)[proto.graph.output[0].name]


def for_any_batch(proto: ModelProto) -> ModelProto:
    """Return the model with Reshapes to ``[1, ...]``, as exporters write them for one image, as ``[0, ...]``.

    Resizes to sizes are written by scales, for the same reason.
    """
    found = ModelProto()
    found.CopyFrom(proto)
    _resize_by_scales(found)
    targets = {node.input[1] for node in found.graph.node if node.op_type == "Reshape"}
    for node in found.graph.node:  # a 0 has to mean: as it is
        kept = [entry for entry in node.attribute if entry.name != "allowzero"]
        del node.attribute[:]
        node.attribute.extend(kept)
    constants = {node.output[0]: node.attribute[0].t for node in found.graph.node if node.op_type == "Constant"}
    for tensor in (*found.graph.initializer, *(constants[name] for name in targets if name in constants)):
        sizes = numpy_helper.to_array(tensor)
        if (
            (tensor.name in targets or tensor in constants.values())
            and sizes.ndim == 1
            and sizes.size
            and sizes[0] == 1
        ):
            tensor.CopyFrom(numpy_helper.from_array(np.array([0, *sizes[1:]], np.int64), tensor.name))
    for value in (*found.graph.input, *found.graph.output):
        for batch in value.type.tensor_type.shape.dim[:1]:
            batch.Clear()
    del found.graph.value_info[:]
    return found


def _resize_by_scales(proto: ModelProto) -> None:
    inferred = infer(proto)
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    constants = (node for node in proto.graph.node if node.op_type == "Constant")
    arrays |= {node.output[0]: numpy_helper.to_array(node.attribute[0].t) for node in constants}
    for node in proto.graph.node:
        if node.op_type == "Resize" and len(node.input) > 3 and node.input[3] in arrays:
            shape = inferred.static(node.input[0])
            assert shape is not None
            scales = np.asarray(arrays[node.input[3]] / np.array(shape), np.float32)
            name = f"{node.output[0]}.scales"
            proto.graph.initializer.append(numpy_helper.from_array(scales, name))
            region = node.input[1]
            del node.input[1:]
            node.input.extend([region, name])


@define
class Follow:
    """Compares a model's float32 quantizers with exact ones, and goes on with what float32 gave.

    Each quantizer is judged on what it was fed: what an earlier one rounded otherwise is no error of a later one.
    """

    floats: dict[str, Array]
    """Output of every quantizer of activations in float32."""
    judge: str = "bridge"
    slacks: Mapping[str, Array] = field(factory=dict)
    """By how many steps float32 may be off, proven, by quantizer; of quantizers not in it, only dividing rounds."""
    rounded: int = 0
    scope: dict[str, int] = field(factory=dict)

    def __call__(self, node: NodeProto, found: Quantized) -> Exact:
        """Judge one quantizer.

        Raises:
            Finding: when a code differs by more than float32 can explain.
        """
        count = found.codes.shape[0]
        start = self.scope.get(node.name, 0)
        self.scope[node.name] = start + count
        given = self.floats[node.output[0]][start : start + count]
        scale = found.scale.floats()
        with np.errstate(all="ignore"):
            codes = np.rint(given.astype(np.float64) / scale + found.zero.floats())
        differs = np.argwhere(codes != found.codes.astype(np.float64))
        for place in map(tuple, differs):
            self._excuse(node, found, codes, place)
        self.rounded += len(differs)
        whole = found.codes.copy()
        for place in map(tuple, differs):
            whole[place] = int(codes[place])
        return found.with_codes(whole)

    def _excuse(self, node: NodeProto, found: Quantized, codes: Array, place: tuple[int, ...]) -> None:
        """Accept another code where the exact value lies beside those that are rounded to it."""
        ratio = Fraction(int(found.ratio.top[place]), found.ratio.bottom)
        here, there = int(found.codes[place]), int(codes[place])
        slack = HOST * UNIT * (1 + abs(ratio))
        if node.output[0] in self.slacks:
            slack = Fraction(float(self.slacks[node.output[0]][place]))
        if _beside(node, ratio, there, sign=set(found.codes.ravel()) <= {-1, 1} and abs(here - there) == 2) > slack:
            said = f"{self.judge} gives code {there}, exact arithmetic {here} of {float(ratio)!r}"
            raise Finding(self.judge, f"node {node.name!r}: {said}")


def _beside(node: NodeProto, ratio: Fraction, code: int, *, sign: bool) -> Fraction:
    """Return how far a value lies from those that are rounded to a code."""
    given = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
    mode = given.get("rounding_mode", b"ROUND").decode().upper()
    if sign:
        return max(Fraction(0), -ratio if code > 0 else ratio)
    half = Fraction(1, 2)
    below, above = {"FLOOR": (0, 1), "CEIL": (1, 0), "UP": (1, 1), "DOWN": (1, 1)}.get(mode, (half, half))
    return max(Fraction(0), code - below - ratio, ratio - code - above)


def float_values(proto: ModelProto, x: Array, names: list[str]) -> tuple[Array, dict[str, Array]]:
    """Run the float32 bridge; return the output and values by name."""
    import torch

    from drawplate.torch import OnnxModule
    from drawplate_quant_finn.training.torch_ops import handlers

    module = OnnxModule(proto, handlers()).eval()
    with torch.no_grad():
        output, values = module.forward_with(torch.from_numpy(x), names)
    return output.numpy(), {name: value.numpy() for name, value in values.items()}


def activation_quantizers(proto: ModelProto) -> Iterator[NodeProto]:
    """Yield quantizers whose input depends on the model's, in order."""
    weights = {tensor.name for tensor in proto.graph.initializer}
    known = {value.name for value in proto.graph.input} - weights
    for node in proto.graph.node:
        if known.intersection(node.input):
            known.update(node.output)
            if node.op_type in {"Quant", "IntQuant", "BipolarQuant"}:
                yield node


def compare_bridge(proto: ModelProto, x: Array) -> int:
    """Compare the float32 bridge with exact arithmetic, quantizer by quantizer.

    Returns:
        How many codes float32 rounded otherwise.

    Raises:
        Finding: when they differ by more than float32's rounding.
    """
    names = [node.output[0] for node in activation_quantizers(proto)]
    output, floats = float_values(proto, x, names)
    follow = Follow(floats, slacks=slacks(proto, x, floats))
    expected = exactly(proto, x, follow).floats()
    compare_outputs("bridge", expected, output, 1e-5)
    return follow.rounded


def compare_outputs(judge: str, expected: Array, found: Array, share: float) -> None:
    """Compare logits: to a share of the largest, since their scale is a float.

    Raises:
        Finding: when one differs.
    """
    if found.size != expected.size:
        raise Finding(judge, f"outputs of shape {found.shape}, not {expected.shape}")
    found = found.reshape(expected.shape).astype(np.float64)
    limit = share * np.abs(expected).max(initial=0) + 1e-300
    wrong = np.argwhere(~(np.abs(found - expected) <= limit))
    if len(wrong):
        place = tuple(int(i) for i in wrong[0])
        raise Finding(
            judge,
            f"{len(wrong)} of {found.size} outputs differ, output {place}: {found[place]!r}, not {expected[place]!r}",
        )


def compare_integers(expected: Exact, sums: Array) -> None:
    """Compare the integers that leave the hardware with exact outputs: each is a straight line of the other.

    Args:
        expected: [images, outputs].
        sums: integers [images, outputs].

    Raises:
        Finding: when no scale and offset of an output make its integers the exact values, bit for bit.
    """
    rows = np.array(list(expected.fractions()), object).reshape(sums.shape)
    for output, (values, whole) in enumerate(zip(rows.T, sums.T, strict=True)):
        pairs = sorted({(int(code), value) for code, value in zip(whole, values, strict=True)})
        slopes = {(b[1] - a[1]) / (b[0] - a[0]) if a[0] != b[0] else None for a, b in itertools.pairwise(pairs)}
        if None in slopes or len(slopes) > 1:
            shown = [(code, float(value)) for code, value in pairs]
            raise Finding("lowered", f"integers of output {output} are no straight line of the exact values: {shown}")
