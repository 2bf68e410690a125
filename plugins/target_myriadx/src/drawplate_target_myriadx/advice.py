# SPDX-License-Identifier: Apache-2.0
"""What this chip rewards: where a layer's cost steps with its channels, and which layers waste most.

Plain Python on the ONNX graph, without the compiler: a search may call it for every candidate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from attrs import frozen

from drawplate import Metric
from drawplate.errors import DrawplateError
from drawplate.metric import Source
from drawplate_target_myriadx.latency.model import CLOCK_HZ, LatencyModel
from drawplate_target_myriadx.latency.work import Work
from drawplate_target_myriadx.nce import (
    MACS_PER_CYCLE,
    Steps,
    Tiling,
    conv_cycles,
    depthwise_cycles,
    depthwise_stages,
    steps,
)

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

    from drawplate import Job

NAMED: Final = 3
LISTED: Final = 8
WORTH_NAMING_MS: Final = 0.005


@frozen(kw_only=True)
class LayerCost:
    """A convolution on the NCE, by its shape alone."""

    layer: str
    inputs: int
    outputs: int
    kernel: int
    pixels: int
    """Of the output."""
    depthwise: bool

    @property
    def cycles(self) -> float:
        """NCE cycles of the layer."""
        one = depthwise_cycles if self.depthwise else None
        per_pixel = one(self.outputs, self.kernel) if one else conv_cycles(self.inputs, self.outputs, self.kernel)
        return float(per_pixel * self.pixels)

    @property
    def ideal(self) -> float:
        """Cycles with every multiplier busy."""
        taken = 1 if self.depthwise else self.inputs
        return taken * self.outputs * self.kernel**2 * self.pixels / MACS_PER_CYCLE

    @property
    def stages(self) -> int:
        """Stages that the layer becomes."""
        return depthwise_stages(self.outputs, self.kernel) if self.depthwise else 1

    def wasted_ms(self, model: LatencyModel) -> float:
        """Time for multipliers that multiply nothing, and for launches beside the first."""
        extra = (self.stages - 1) * model.prices.launch_us / 1e3
        return model.prices.nce_scale * (self.cycles - self.ideal) / CLOCK_HZ * 1e3 + extra

    def steps(self, model: LatencyModel) -> Steps | None:
        """Where the cost changes with the output channels; None for a depthwise layer: its input decides."""

        def milliseconds(tiling: Tiling) -> float:
            work = Work(nce_cycles=tiling.cycles * self.pixels, descriptors=tiling.descriptors - 1)
            return model.prices.milliseconds(work)

        return None if self.depthwise else steps(self.inputs, self.outputs, self.kernel, milliseconds)


def layer_costs(proto: ModelProto) -> list[LayerCost]:
    """Return the cost of every square convolution, dense or depthwise, that the NCE can run."""
    from drawplate.count import infer_shapes

    shapes = infer_shapes(proto)
    found = []
    for node in proto.graph.node:
        if node.op_type == "Conv" and node.input[1] in shapes and node.output[0] in shapes:
            cost = _layer_cost(node, shapes[node.input[1]], shapes[node.output[0]])
            if cost is not None:
                found.append(cost)
    return found


def _layer_cost(node: NodeProto, weight: Sequence[int], result: Sequence[int]) -> LayerCost | None:
    from drawplate.graph.nodes import attribute, name_of

    outputs, inputs, *kernel = weight
    groups = attribute(node, "group", 1)
    depthwise = groups > 1 and groups == outputs and inputs == 1
    if len(kernel) != 2 or kernel[0] != kernel[1] or (groups > 1 and not depthwise):
        return None
    cost = LayerCost(
        layer=name_of(node),
        inputs=inputs,
        outputs=outputs,
        kernel=kernel[0],
        pixels=math.prod(result[2:]),
        depthwise=depthwise,
    )
    try:
        cost.cycles  # noqa: B018 - raises where the NCE cannot run it
    except DrawplateError:
        return None
    return cost


def advice(costs: Sequence[LayerCost], model: LatencyModel) -> list[Metric]:
    """Return how busy each layer keeps the NCE, and the time that it wastes."""
    return [
        Metric(name=name, value=value, unit=unit, source=Source.ESTIMATED, layer=cost.layer)
        for cost in costs
        for name, value, unit in (
            ("nce_use", 100 * cost.ideal / cost.cycles, "%"),
            ("wasted_ms", cost.wasted_ms(model), "ms"),
        )
    ]


def record_waste(job: Job, costs: Sequence[LayerCost], model: LatencyModel) -> None:
    """Put into the record of the run which layers waste most, and the channel counts at which their cost changes."""
    for cost in _worst(costs, model)[:LISTED]:
        change = cost.steps(model)
        row = {"layer": cost.layer, "wasted_ms": round(cost.wasted_ms(model), 4), "stages": cost.stages}
        row |= {"nce_use": round(100 * cost.ideal / cost.cycles, 1), "channels": cost.outputs}
        if change is not None:
            row |= {"free_up_to": change.up_to, "pays_off_from": change.below}
        job.row("waste", cost.layer, row)


def _worst(costs: Sequence[LayerCost], model: LatencyModel) -> list[LayerCost]:
    return sorted(costs, key=lambda cost: cost.wasted_ms(model), reverse=True)


def advice_lines(costs: Sequence[LayerCost], model: LatencyModel) -> list[str]:
    """Say in words which layers waste most, and what would help."""
    return [_line(cost, model) for cost in _worst(costs, model)[:NAMED] if cost.wasted_ms(model) >= WORTH_NAMING_MS]


def _line(cost: LayerCost, model: LatencyModel) -> str:
    head = (
        f"{cost.layer} wastes {cost.wasted_ms(model):.2f} ms ({100 * cost.ideal / cost.cycles:.0f} % of the NCE used)"
    )
    change = cost.steps(model)
    if change is None:
        return f"{head}: depthwise, {cost.stages} stages of dense convolutions"
    free = f"up to {change.up_to} channels cost the same as its {cost.outputs}"
    if change.up_to == cost.outputs:
        free = f"its {cost.outputs} channels fill their blocks"
    return f"{head}: {free}; fewer pay off from {change.below} down" if change.below else f"{head}: {free}"
