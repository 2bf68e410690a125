# SPDX-License-Identifier: Apache-2.0
"""Build a drawn network of Brevitas' layers, and let Brevitas export it."""
# ruff: noqa: TID253

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import torch
from attrs import evolve
from brevitas import nn as quantized_nn
from brevitas import quant as q
from brevitas.export import export_qonnx
from torch import nn

from differential.spec import Layer, Network, Quantizer

WARMING = 12
"""Batches in training mode, from which Brevitas takes the scales of activations."""


def export(network: Network) -> onnx.ModelProto:
    """Return what Brevitas exports of a network for one image."""
    torch.manual_seed(network.seed)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    parts, _ = _chain(network.layers, network.shape)
    module = nn.Sequential(*([_activation(network.input, "")] if network.input else []), *parts)
    module.train()
    with torch.no_grad(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for _ in range(WARMING):
            module(torch.randn(16, *network.shape))
        _disturb(module, network.seed)
        module.eval()
        with TemporaryDirectory(prefix="drawplate-") as folder:
            path = Path(folder) / "model.onnx"
            export_qonnx(module, torch.randn(1, *network.shape), export_path=str(path), dynamo=network.seed % 8 == 0)
            return onnx.load(path)


def _disturb(module: nn.Module, seed: int) -> None:
    """Give normalisations what training gives them."""
    rng = np.random.default_rng(seed)
    for norm in (part for part in module.modules() if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d)):
        count = norm.num_features
        signs = np.where(rng.random(count) < getattr(norm, "negative", 0.0), -1, 1)
        signs = np.where(rng.random(count) < getattr(norm, "zero", 0.0), 0, signs)
        norm.weight.data = torch.from_numpy((rng.uniform(0.4, 1.6, count) * signs).astype(np.float32))
        norm.bias.data = torch.from_numpy((rng.normal(size=count) * 0.3).astype(np.float32))


def _weights(spec: Quantizer) -> dict[str, Any]:
    if spec.bits == 1:
        return {"weight_quant": q.SignedBinaryWeightPerTensorConst, "weight_scaling_init": 2.0**spec.scale.exponent}
    if spec.scale.mantissa == 1:
        kind: Any = q.Int8WeightPerTensorFixedPoint
    else:
        kind = q.Int8WeightPerChannelFloat if spec.scale.channels else q.Int8WeightPerTensorFloat
    return {"weight_quant": kind, "weight_bit_width": spec.bits, "weight_narrow_range": bool(spec.narrow)}


def _activation(spec: Quantizer, act: str) -> nn.Module:
    layers = {
        "Relu": quantized_nn.QuantReLU,
        "Tanh": quantized_nn.QuantTanh,
        "Sigmoid": quantized_nn.QuantSigmoid,
        "Clip": quantized_nn.QuantHardTanh,
    }
    layer: Any = partial(layers.get(act, quantized_nn.QuantIdentity), return_quant_tensor=True)
    unsigned = act in {"Relu", "Sigmoid"}
    if spec.bits == 1 and not unsigned:
        return layer(act_quant=q.SignedBinaryActPerTensorConst, **({} if act == "Tanh" else {"scaling_init": 0.5}))
    power = spec.scale.mantissa == 1
    if act == "Clip":
        return layer(bit_width=spec.bits, min_val=-1.0, max_val=1.0)
    if act == "Tanh":
        return layer(bit_width=spec.bits)
    if spec.zero_point:
        return layer(act_quant=q.ShiftedUint8ActPerTensorFloat, bit_width=spec.bits)
    if unsigned:
        kind: Any = q.Uint8ActPerTensorFixedPoint if power else q.Uint8ActPerTensorFloat
    else:
        kind = q.Int8ActPerTensorFixedPoint if power else q.Int8ActPerTensorFloat
    return layer(act_quant=kind, bit_width=spec.bits, **({} if unsigned else {"narrow_range": bool(spec.narrow)}))


class _Residual(nn.Module):
    def __init__(self, branch: nn.Module, spec: Layer) -> None:
        super().__init__()
        quant = spec.tail.quant or Quantizer()
        self.branch, self.shared = branch, _activation(evolve(quant, bits=max(2, quant.bits)), "")
        self.after = _activation(quant, spec.tail.act)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.after(self.shared(self.branch(x)) + self.shared(x))


def _chain(layers: tuple[Layer, ...], shape: tuple[int, ...]) -> tuple[list[nn.Module], tuple[int, ...]]:
    """Return modules, and the shape that they give."""
    parts: list[nn.Module] = []
    for layer in layers:
        made, shape = _made(layer, shape)
        parts += made
    return parts, shape


def _made(spec: Layer, shape: tuple[int, ...]) -> tuple[list[nn.Module], tuple[int, ...]]:
    quant = spec.tail.quant
    match spec.kind:
        case "dense":
            made = quantized_nn.QuantLinear(shape[0], spec.outputs, **_parameters(spec))
            return _with_tail(spec, [made], (spec.outputs,))
        case "conv":
            return _convolution(spec, shape)
        case "flatten":
            found: list[nn.Module] = [nn.Flatten()]
        case "maxpool":
            pool = nn.MaxPool1d if len(shape) == 2 else nn.MaxPool2d
            found = [pool(spec.kernel[0], spec.stride[0], padding=min(spec.pads[0], spec.kernel[0] // 2))]
        case "avgpool" | "globalpool":
            return _average(spec, shape)
        case "residual":
            return [_Residual(nn.Sequential(*_chain(spec.branch, shape)[0]), spec)], shape
        case _:
            return ([_activation(quant, "")] if quant else []), shape
    return found, _through(found[0], shape)


def _parameters(spec: Layer) -> dict[str, Any]:
    """Return weights and bias; a bias that is added later in the drawn network is quantized here."""
    quantized = {"bias_quant": q.Int32Bias} if spec.tail.bias == "add" else {}
    return {"bias": bool(spec.tail.bias), **quantized, **_weights(spec.weights)}


def _convolution(spec: Layer, shape: tuple[int, ...]) -> tuple[list[nn.Module], tuple[int, ...]]:
    channels, *sizes = shape
    rank = len(sizes)
    outputs, groups = spec.outputs, spec.groups
    top, left, bottom, right = spec.pads
    geometry = {
        "kernel_size": spec.kernel[:rank],
        "stride": spec.stride[:rank],
        "padding": (max(top, bottom), max(left, right))[:rank],  # torch pads alike on both sides
        "dilation": spec.dilation[:rank],
        "groups": groups,
    }
    layer: Any = quantized_nn.QuantConv1d if rank == 1 else quantized_nn.QuantConv2d
    plain: Any = nn.Conv1d if rank == 1 else nn.Conv2d
    made = layer(channels, outputs, **geometry, **_parameters(spec))
    return _with_tail(spec, [made], _through(plain(channels, outputs, **geometry), shape))


def _average(spec: Layer, shape: tuple[int, ...]) -> tuple[list[nn.Module], tuple[int, ...]]:
    quant = spec.tail.quant
    if spec.kind == "globalpool":
        whole: Any = nn.AdaptiveAvgPool1d if len(shape) == 2 else nn.AdaptiveAvgPool2d
        return [whole(1), *([_activation(quant, "Relu")] if quant else [])], _through(whole(1), shape)
    plain = (nn.AvgPool1d if len(shape) == 2 else nn.AvgPool2d)(spec.kernel[0], spec.stride[0])
    if spec.form == "Trunc":
        pool = quantized_nn.TruncAvgPool2d(spec.kernel[0], spec.stride[0], bit_width=spec.weights.bits)
        return [pool], _through(plain, shape)
    return [plain, *([_activation(quant, "Relu")] if quant else [])], _through(plain, shape)


def _with_tail(spec: Layer, made: list[nn.Module], shape: tuple[int, ...]) -> tuple[list[nn.Module], tuple[int, ...]]:
    tail, rank = spec.tail, len(shape)
    if tail.norm:
        norm: Any = (nn.BatchNorm2d if rank == 3 else nn.BatchNorm1d)(shape[0])
        norm.negative, norm.zero = 0.5 * tail.norm.negative, 0.4 * tail.norm.zero
        made.append(norm)
    if tail.pool and rank > 1:
        made.append((nn.MaxPool2d if rank == 3 else nn.MaxPool1d)(*tail.pool))
        shape = _through(made[-1], shape)
    if tail.quant:
        made.append(_activation(tail.quant, tail.act))
    return made, shape


def _through(module: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    with torch.no_grad():
        return tuple(module(torch.zeros(2, *shape)).shape[1:])
