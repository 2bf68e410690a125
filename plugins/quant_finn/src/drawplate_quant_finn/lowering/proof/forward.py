# SPDX-License-Identifier: Apache-2.0
"""A QONNX model as float32 runs it, from quantizer to quantizer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from drawplate_quant_finn.lowering.network import Lowering, QuantizedValue
from drawplate_quant_finn.lowering.proof.segments import cut
from drawplate_quant_finn.lowering.proof.values import Worth, float_codes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = Mapping[str, NDArray[np.float32]]


@frozen
class Stage:
    """What comes before a quantizer, or before the output."""

    asked: str
    quantizer: QuantizedValue | None
    """None at the output."""
    fed: tuple[str, ...]
    worth: Worth | None
    """Of the quantizer's codes."""
    run: Callable[[Values], Values] | None
    """None where nothing comes between."""


@frozen
class Forward:
    """A model in stages, each of which is fed what float32 made of those before."""

    source: str
    stages: tuple[Stage, ...] = field(repr=False)

    @classmethod
    def of(cls, lowering: Lowering, shapes: Mapping[str, tuple[int, ...]], batch: int) -> Forward:
        """Cut a model; shapes are those of what quantizers give, ``batch`` as of :func:`.segments.cut`."""

        def stage(asked: str, quantizer: QuantizedValue | None) -> Stage:
            segments = cut(lowering.graph, lowering.constants, shapes, [asked], batch=batch)
            worth = Worth.of(quantizer.value) if quantizer else None
            return Stage(asked, quantizer, segments.fed, worth, segments.open() if segments.asked else None)

        ends = [stage(quantizer.node.input[0], quantizer) for quantizer in lowering.quantized]
        return cls(lowering.input_tensor, (*ends, stage(lowering.graph.proto.graph.output[0].name, None)))

    def outputs(self, lowering: Lowering, entered: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the outputs for what the codes of the input stand for, shapes (n, ...)."""
        values = {self.source: entered}
        for stage in self.stages:
            if stage.run is not None:
                values[stage.asked] = stage.run({name: values[name] for name in stage.fed})[stage.asked]
            if stage.quantizer is not None and stage.worth is not None:
                value, before = stage.quantizer.value, values[stage.asked]
                codes = float_codes(stage.quantizer, lowering, before).reshape(len(before), *value.place.shape)
                values[stage.quantizer.node.output[0]] = stage.worth.values(codes.astype("float64"))
        return values[self.stages[-1].asked]
