# SPDX-License-Identifier: Apache-2.0
"""Compare a lowered model with its QONNX model: every code of every layer, and every output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from drawplate.errors import ModelError, StepFailed
from drawplate_quant_finn.lowering.exact.functions import AtLeast, holds
from drawplate_quant_finn.lowering.exact.number import Number, added, approximately, interval, negated, times
from drawplate_quant_finn.lowering.exact.rounding import BEGINS
from drawplate_quant_finn.lowering.integers import LoweredIntegers
from drawplate_quant_finn.lowering.network import Lowering, QuantizedValue
from drawplate_quant_finn.lowering.proof.element import UNIT, Elements, Integers, pick
from drawplate_quant_finn.lowering.proof.forward import Forward
from drawplate_quant_finn.lowering.proof.output import output_bounds
from drawplate_quant_finn.lowering.proof.rules import RULES
from drawplate_quant_finn.lowering.proof.segments import Segments, cut
from drawplate_quant_finn.lowering.proof.values import Worth, float_codes, offset, settings
from drawplate_quant_finn.lowering.streams.truncation import Truncation, read_truncation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDED = 0.25
"""Share of a layer's codes that float32 may round to a neighbour; with more, the model means nothing definite."""
FEW = 4
"""As many may be, however few codes there are."""


@frozen
class Agreement:
    """How two models agree, to the last code."""

    items: int
    codes: int
    """Codes compared, of all layers."""
    rounded: Mapping[str, int]
    """By quantizer: codes in which float32 differs, each proven to be float32's rounding."""
    outputs: NDArray[np.float64] = field(repr=False)
    """Of the lowered model, shape (N, ...)."""
    float32: NDArray[np.float32] = field(repr=False)
    """Of the QONNX model in float32, shape (N, ...)."""

    @property
    def said(self) -> str:
        """What was compared, in words."""
        excused = sum(self.rounded.values())
        layers = sum(count > 0 for count in self.rounded.values())
        if not excused:
            return f"all {self.codes:,} codes equal those of the QONNX model in float32"
        return (
            f"of {self.codes:,} codes {excused:,}, in {layers} of {len(self.rounded)} layers, differ from those of the "
            "QONNX model in float32: each is proven to be float32's rounding, and right in exact arithmetic"
        )


def compare(
    lowering: Lowering,
    items: NDArray[np.float32],
    *,
    allowed: float = ROUNDED,
    proven: int | None = None,
    tell: Callable[[float], None] = lambda _count: None,
) -> Agreement:
    """Compare a lowered model with its QONNX model, layer by layer, on what the model is fed.

    Each layer of the QONNX model runs in float32 on the integers that the layers before gave.  A code that differs is
    computed once more in exact arithmetic: it has to be the lowered model's, and float32 has to be off by no more than
    its rounding can be.

    Args:
        lowering: the lowered model and its source.
        items: normalised, shape (N, ...).
        allowed: share of a layer's codes that may differ by proven float32 rounding.
        proven: codes of a layer and batch that are computed once more at most, spread over all that differ; None for
            all of them.
        tell: told how many items more have been compared.

    Raises:
        ModelError: where more codes differ than allowed: float32 cannot tell what the model is.
        StepFailed: for a code or output that differs for another reason.
    """
    import numpy as np

    judge = _Judge.of(lowering, proven)
    codes = lowering.codes.of(items)
    outputs, floats, count = [], [], 0
    lowered = LoweredIntegers.of(lowering.proto)
    for start in range(0, len(items), lowered.batch):
        values = lowered.values(codes[start : start + lowered.batch], judge.wanted)
        compared, float32 = judge.take(values, start)
        count += compared
        floats.append(float32)
        outputs.append(values[lowering.proto.graph.output[0].name].reshape(-1, *lowering.output.place.shape))
        tell(min(lowered.batch, len(items) - start))
    for name, differing in judge.rounded.items():
        if differing > max(FEW, allowed * judge.seen[name]):
            raise ModelError(
                f"in {differing:,} of {judge.seen[name]:,} codes float32 rounds a sum across the border between two "
                "codes: the model's own executors do not agree on them",
                where=f"quantizer {name!r}",
                allowed=f"{100 * allowed:g} %",
                hint="use scales that are powers of two, or raise rounded_share; each is proven to be rounding",
            )
    return Agreement(len(items), count, judge.rounded, np.concatenate(outputs), np.concatenate(floats))


@define
class _Judge:
    """Looks at batches."""

    lowering: Lowering
    segments: Segments
    run: Any
    forward: Callable[[], Forward]
    """The model from end to end, opened when it is wanted."""
    worths: Mapping[str, Worth]
    """By value that is fed."""
    shapes: Mapping[str, tuple[int, ...]]
    rounded: dict[str, int]
    seen: dict[str, int]
    proven: int | None

    @classmethod
    def of(cls, lowering: Lowering, proven: int | None) -> _Judge:
        graph = lowering.graph
        given = {quantizer.node.output[0]: quantizer.value.place.shape for quantizer in lowering.quantized}
        value = next(value for value in graph.proto.graph.input if value.name == graph.input)
        batch = value.type.tensor_type.shape.dim[0].dim_value
        given[lowering.input_tensor] = lowering.entered.place.shape
        asked = [*(quantizer.node.input[0] for quantizer in lowering.quantized), graph.proto.graph.output[0].name]
        segments = cut(graph, lowering.constants, given, asked, batch=batch)
        shapes = {**given, **segments.shapes()}
        names = [quantizer.node.name for quantizer in lowering.quantized]
        return cls(
            lowering,
            segments,
            segments.open(),
            cache(partial(Forward.of, lowering, given, batch)),
            {
                **{quantizer.node.output[0]: Worth.of(quantizer.value) for quantizer in lowering.quantized},
                lowering.input_tensor: Worth.of(lowering.entered),
            },
            shapes,
            dict.fromkeys(names, 0),
            dict.fromkeys(names, 0),
            proven,
        )

    @property
    def wanted(self) -> frozenset[str]:
        """Tensors of the lowered model that are compared, or compared with."""
        lowering = self.lowering
        ends = (lowering.proto.graph.input[0].name, lowering.proto.graph.output[0].name, lowering.tensor)
        return frozenset((*ends, *(quantizer.tensor for quantizer in lowering.quantized)))

    def take(self, values: Mapping[str, NDArray[np.float64]], start: int) -> tuple[int, NDArray[np.float32]]:
        """Compare one batch; return how many codes were compared, and the outputs in float32."""
        import numpy as np

        lowering = self.lowering
        whole = {quantizer.node.output[0]: integers(quantizer, values) for quantizer in lowering.quantized}
        fed = {
            quantizer.node.output[0]: self.worths[quantizer.node.output[0]].values(whole[quantizer.node.output[0]])
            for quantizer in lowering.quantized
        }
        source = lowering.input_tensor
        codes = values[lowering.proto.graph.input[0].name]
        fed[source] = self.worths[source].values(codes.reshape(-1, *self.shapes[source]))
        found = self.run({name: fed[name] for name in self.segments.fed})
        elements = self._elements(whole, codes)
        count, rounded = 0, np.zeros(len(codes), dtype=bool)
        for quantizer in lowering.quantized:
            before = found.get(quantizer.node.input[0], fed.get(quantizer.node.input[0]))
            assert before is not None
            mine = whole[quantizer.node.output[0]]
            differs = np.argwhere(float_codes(quantizer, lowering, before).reshape(mine.shape) != mine)
            rounded[differs[:, 0]] = True
            self._compare(quantizer, before, mine, differs, elements, start)
            count += mine.size
        output = lowering.graph.proto.graph.output[0].name
        exact, bound, host = output_bounds(lowering.output, values[lowering.tensor])
        self._compare_outputs("float32", found.get(output), exact, bound, start)
        given = values[lowering.proto.graph.output[0].name]
        self._compare_outputs("the host", given, exact, host, start)
        outputs = found[output] if output in found else fed[output]
        if rounded.any():  # there float32 goes another way from its first code on that differs
            outputs = outputs.copy()
            outputs[rounded] = self.forward().outputs(lowering, fed[source][rounded])
        return count, outputs

    def _elements(self, whole: Mapping[str, NDArray[np.float64]], codes: NDArray[np.float64]) -> Elements:
        lowering, source = self.lowering, self.lowering.input_tensor
        given = {**whole, source: codes.reshape(-1, *self.shapes[source])}
        fed = {name: Integers(given[name], worth.scale, worth.shift) for name, worth in self.worths.items()}
        return Elements(lowering.graph, lowering.constants, fed, self.shapes, RULES)

    def _compare(
        self,
        quantizer: QuantizedValue,
        before: NDArray[np.float32],
        whole: NDArray[np.float64],
        differs: NDArray[np.int64],
        elements: Elements,
        start: int,
    ) -> None:
        name = quantizer.node.name
        self.seen[name] += whole.size
        self.rounded[name] += len(differs)
        for place in differs[:: -(-len(differs) // self.proven) if self.proven and len(differs) else 1]:
            index = tuple(int(i) for i in place)
            exact, error = elements.at(quantizer.node.input[0], index)
            code, found = int(whole[index]), float(before[index])
            key = (name, _scale_at(quantizer, self.lowering, index), id(exact), code, found)
            if key not in elements.known:  # with the number itself, so that its id stays its own
                right = code_is(quantizer, self.lowering, exact, index, code)
                elements.known[key] = (right, distance(exact, found), exact)
            right, off, _ = elements.known[key]
            if not (right and off <= error):
                raise StepFailed(
                    f"of {whole.size:,} codes {len(differs):,} differ, and the first is no rounding: the sum is "
                    f"{approximately(exact):.9g}, float32 has {found:.9g} (off by up to {error:.2g}), "
                    f"the lowered model gives code {code}",
                    where=f"quantizer {name!r}, item {start + index[0]}, place {list(index[1:])}",
                    hint="the lowered model is not the model: please report this with the model",
                )

    def _compare_outputs(
        self,
        who: str,
        given: NDArray[Any] | None,
        exact: NDArray[np.float64],
        bound: NDArray[np.float64],
        start: int,
    ) -> None:
        import numpy as np

        if given is None:  # the output is a quantizer's: its codes have been compared
            return
        outputs = given.reshape(exact.shape).astype(np.float64)
        wrong = np.argwhere(~(np.abs(outputs - exact) <= bound))
        if len(wrong):
            index = tuple(int(i) for i in wrong[0])
            raise StepFailed(
                f"{len(wrong):,} of {exact.size:,} outputs differ by more than rounding: the first is "
                f"{exact[index]:.9g} by its integers, and {who} has {outputs[index]:.9g}",
                where=f"output {self.lowering.graph.proto.graph.output[0].name!r}, item {start + index[0]}",
                hint="the lowered model is not the model: please report this with the model",
            )


def integers(quantizer: QuantizedValue, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return a quantizer's integers out of the lowered model's, in the shape of its value."""
    flat = values[quantizer.tensor]
    flat = flat.reshape(len(flat), -1)
    found: NDArray[np.float64] = flat[:, quantizer.value.place]
    given = quantizer.value.operator.given
    return found if given is None else found * given[quantizer.value.place % quantizer.value.frame[2]]


def code_is(quantizer: QuantizedValue, lowering: Lowering, exact: Number, index: tuple[int, ...], whole: int) -> bool:
    """Whether a quantizer's code of an exact number is what the lowered model has."""
    if quantizer.node.op_type == "Trunc":
        return _truncated(read_truncation(quantizer.node, lowering.constants.arrays), exact, whole)
    scale, zero, grid, mode = settings(quantizer, lowering)
    if quantizer.node.op_type == "BipolarQuant":
        return holds(AtLeast(Fraction(0)), exact) == (whole > 0)
    ratio = added(times(exact, 1 / pick(scale, index)), Fraction(zero))
    if grid.bipolar:
        return holds(AtLeast(Fraction(0)), ratio) == (whole > 0)
    code = whole + offset(zero, grid)
    begins = BEGINS[mode]
    above = code == grid.low or holds(begins(code), ratio)
    below = code == grid.high or not holds(begins(code + 1), ratio)
    return grid.low <= code <= grid.high and above and below


def _scale_at(quantizer: QuantizedValue, lowering: Lowering, index: tuple[int, ...]) -> Fraction:
    """Return the scale of a number at an index."""
    return pick(lowering.constants.arrays[quantizer.node.input[1]], index)


def _truncated(given: Truncation, exact: Number, code: int) -> bool:
    ratio, grid = times(exact, 1 / given.scale), given.grid
    above = (grid is not None and code == grid.low) or holds(given.begins(code), ratio)
    below = (grid is not None and code == grid.high) or not holds(given.begins(code + 1), ratio)
    return above and below


def distance(exact: Number, found: float) -> float:
    """Return how far float32 is off, rounded up."""
    low, high = interval(added(exact, negated(Fraction(found))), 96)
    return float(max(abs(low), abs(high))) * (1 + UNIT)
