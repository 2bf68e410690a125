# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Forty quantizers of Brevitas side by side in one network, and one training step of theirs and of ours."""

from __future__ import annotations

import math

import numpy as np
import torch
from attrs import frozen
from brevitas import nn as qnn
from brevitas import quant
from brevitas.inject.enum import BitWidthImplType, FloatToIntImplType, RestrictValueType, ScalingImplType
from torch import Tensor, nn

from drawplate.door import Wish, take_in
from drawplate.torch import OnnxModule
from drawplate.torch.exporter import Given
from drawplate_quant_finn.from_brevitas.export import exported
from drawplate_quant_finn.training.torch_ops import handlers

assert BitWidthImplType
ITEMS, FEATURES, OUTPUTS = 64, 24, 6
MAX, PARAMETER, CONSTANT = "largest weight", "parameter", "constant"


def weight(bits: int, scale: str, *, channel: bool = False, **more: object) -> nn.Module:
    """Return a linear layer with a weight quantizer."""
    kinds = {
        MAX: {"weight_quant": quant.Int8WeightPerTensorFloat},
        PARAMETER: {"weight_quant": quant.Int8WeightPerTensorFloatMSE},
        CONSTANT: {
            "weight_quant": quant.Int8WeightPerTensorFloat,
            "weight_scaling_impl_type": ScalingImplType.CONST,
            "weight_scaling_init": 0.3,
        },
    }
    options = {**kinds[scale], "weight_bit_width": bits, **more}
    return qnn.QuantLinear(FEATURES, OUTPUTS, bias=False, weight_scaling_per_output_channel=channel, **options)


def activation(kind: type, bits: int, scale: str, **more: object) -> nn.Module:
    """Return an activation quantizer whose scale is a parameter or a constant of 2."""
    scaling = ScalingImplType.PARAMETER if scale == PARAMETER else ScalingImplType.CONST
    return kind(bit_width=bits, scaling_impl_type=scaling, scaling_init=2.0, **more)


def rounds(mode: str) -> FloatToIntImplType:
    """Return Brevitas' name of a rounding mode."""
    return FloatToIntImplType[mode]


def forty() -> dict[str, nn.Module]:
    """Return the layers by what is special about each."""
    found: dict[str, nn.Module] = {}
    for bits in (2, 3, 4, 8):
        for channel in (False, True):
            where = "per channel" if channel else "per tensor"
            for scale in (MAX, PARAMETER):
                found[f"weights, {bits} bits, {where}, {scale}"] = weight(bits, scale, channel=channel)
    for bits in (3, 6):
        found[f"weights, {bits} bits, per tensor, constant"] = weight(bits, CONSTANT)
    found["weights, 4 bits, not narrow, largest weight"] = weight(4, MAX, weight_narrow_range=False)
    for mode in ("FLOOR", "CEIL", "ROUND_TO_ZERO"):
        found[f"weights, 4 bits, {mode}, constant"] = weight(4, CONSTANT, weight_float_to_int_impl_type=rounds(mode))
    found["weights, 4 bits, power of two"] = qnn.QuantLinear(
        FEATURES, OUTPUTS, bias=False, weight_quant=quant.Int8WeightPerTensorFixedPoint, weight_bit_width=4
    )
    found["weights, sign"] = qnn.QuantLinear(
        FEATURES, OUTPUTS, bias=False, weight_quant=quant.SignedBinaryWeightPerTensorConst
    )
    for bits in (1, 2, 4, 8):
        found[f"unsigned, {bits} bits, parameter"] = activation(qnn.QuantReLU, bits, PARAMETER)
    for bits in (2, 4, 6, 8):
        found[f"signed, {bits} bits, parameter"] = activation(qnn.QuantIdentity, bits, PARAMETER)
    found["signed, 4 bits, narrow, parameter"] = activation(qnn.QuantIdentity, 4, PARAMETER, narrow_range=True)
    found["unsigned, 4 bits, constant"] = activation(qnn.QuantReLU, 4, CONSTANT)
    found["signed, 3 bits, constant"] = activation(qnn.QuantIdentity, 3, CONSTANT)
    for mode in ("FLOOR", "CEIL"):
        more = {"float_to_int_impl_type": rounds(mode)}
        found[f"unsigned, 4 bits, {mode}, constant"] = activation(qnn.QuantReLU, 4, CONSTANT, **more)
    power = {"restrict_scaling_type": RestrictValueType.POWER_OF_TWO}
    found["signed, 4 bits, power of two"] = activation(qnn.QuantIdentity, 4, CONSTANT, **power)
    found["hard tanh, 3 bits, constant"] = qnn.QuantHardTanh(bit_width=3, min_val=-1.0, max_val=1.0)
    found["sign of activations"] = qnn.QuantIdentity(act_quant=quant.SignedBinaryActPerTensorConst)
    return found


class SideBySide(nn.Module):
    """Every layer on numbers of its own, which stand one behind the other as the outputs do."""

    def __init__(self, layers: dict[str, nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers.values())

    def forward(self, x: Tensor) -> Tensor:
        """Return float32 (N, all outputs)."""
        parts = torch.split(x, FEATURES, dim=1)
        return torch.cat([layer(part) for layer, part in zip(self.layers, parts, strict=True)], dim=1)


@frozen
class Step:
    """One training step of one quantizer, theirs against ours: largest differences, relative to the largest value.

    Outputs are those of float32, gradients those of float64.
    """

    outputs: float
    inputs: float
    """Gradient of what is fed."""
    weights: float | None
    """Gradient of the weights, None for activations; without that of the largest weight where the scale follows it."""
    scale: float | None
    """Gradient of a trained scale, ours divided by its 1 / sqrt(values * largest code)."""


def steps() -> dict[str, Step]:
    """Train both networks for one step from the same weights and compare, quantizer by quantizer."""
    torch.manual_seed(0)
    layers = forty()
    theirs = SideBySide(layers)
    shape = (ITEMS, FEATURES * len(layers))
    given = torch.from_numpy(np.random.default_rng(0).normal(size=shape).astype(np.float32))
    found = exported(theirs, Given(shape=shape[1:], seed=0, fed=True, items=lambda count: given[:count].numpy()))
    ours = OnnxModule(take_in(found.proto, Wish(keep_dropout=True)).proto, handlers())
    slope = torch.from_numpy(np.random.default_rng(1).normal(size=(ITEMS, sum(widths(layers)))).astype(np.float32))
    networks, results = (theirs.train(), ours.train()), []
    with torch.no_grad():
        single = [torch.split(network(given), widths(layers), dim=1) for network in networks]
    for network in networks:
        network.double()
    _same_scales(layers, ours)
    for network in networks:  # in float64: of the sum that a scale's gradient is, float32 leaves few digits
        x = given.double().requires_grad_()
        (network(x) * slope).sum().backward()
        results.append(torch.split(x.grad, FEATURES, dim=1))
    compared = {}
    for number, (name, layer) in enumerate(layers.items()):
        compared[name] = Step(
            apart(single[0][number], single[1][number]),
            apart(results[0][number], results[1][number]),
            _weights(layer, ours, number),
            _scale(layer, ours, number),
        )
    return compared


def widths(layers: dict[str, nn.Module]) -> list[int]:
    """Return how many outputs each layer has."""
    return [OUTPUTS if hasattr(layer, "weight_quant") else FEATURES for layer in layers.values()]


def apart(first: Tensor, second: Tensor) -> float:
    """Return the largest difference, relative to the largest value."""
    return float((first - second).abs().max() / first.abs().max().clamp(min=1e-12))


def _weights(layer: nn.Module, ours: OnnxModule, number: int) -> float | None:
    if not hasattr(layer, "weight_quant"):
        return None
    theirs, mine = layer.weight.grad, ours.parameter(f"layers.{number}.weight").grad
    if "StatsFromParameter" in type(layer.weight_quant.tensor_quant.scaling_impl).__name__:
        flat = layer.weight.detach().abs()
        scale = layer.quant_weight().scale.detach()
        largest = flat.amax(dim=1, keepdim=True) if scale.numel() > 1 else flat.max()
        theirs, mine = (torch.where(flat == largest, 0.0, gradient) for gradient in (theirs, mine))
    return apart(theirs, mine)


def _same_scales(layers: dict[str, nn.Module], ours: OnnxModule) -> None:
    """Give Brevitas the scales of the exported model, which are float32."""
    for number, layer in enumerate(layers.values()):
        value, mine = _trained(layer, ours, number)
        if value is not None and mine is not None:
            ratio = (value.detach().reshape(mine.shape) / mine.detach()).round()
            value.data = (mine.detach() * ratio).reshape(value.shape)


def _trained(layer: nn.Module, ours: OnnxModule, number: int) -> tuple[nn.Parameter | None, nn.Parameter | None]:
    """Return Brevitas' parameter of a scale, which is the end of the range, and the exported scale."""
    weights = hasattr(layer, "weight_quant")
    proxy = layer.weight_quant if weights else layer.act_quant.fused_activation_quant_proxy
    value = getattr(proxy.tensor_quant.scaling_impl, "value", None)
    name = f"layers.{number}.{'weight_quant' if weights else 'act_quant'}.scale"
    if not isinstance(value, nn.Parameter) or name not in ours._keys:
        return None, None
    return value, ours.parameter(name)


def _scale(layer: nn.Module, ours: OnnxModule, number: int) -> float | None:
    weights = hasattr(layer, "weight_quant")
    value, mine = _trained(layer, ours, number)
    if value is None or mine is None:
        return None
    scale = mine.detach()
    count = (layer.weight.numel() if weights else ITEMS * FEATURES) / scale.numel()
    signed = weights or not isinstance(layer, qnn.QuantReLU)
    bits = int(layer.weight_quant.bit_width() if weights else layer.act_quant.bit_width())
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
    ratio = (value.detach().reshape(scale.shape) / scale).abs()
    factor = 1 / math.sqrt(count * high)
    return apart(value.grad.reshape(scale.shape) * ratio, mine.grad / factor)
