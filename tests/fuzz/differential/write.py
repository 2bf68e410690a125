# SPDX-License-Identifier: Apache-2.0
"""Write a drawn network as QONNX, and images that go to its edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from attrs import define, evolve, field
from onnx import ModelProto, NodeProto, helper, numpy_helper

from differential.shapes import after, edges, pooled, slid
from differential.spec import Layer, Network, Norm, Quantizer, Scale, Tail


def write(network: Network) -> ModelProto:
    """Return the QONNX model of a network."""
    if network.writer == "brevitas":
        from differential.modules import export

        return export(network)
    writer = _Writer(network)
    value = writer.start()
    for layer in network.layers:
        value = writer.layer(layer, value)
    if network.last:
        attributes = {"axis": 1} if network.last != "Sigmoid" else {}
        value = writer.node(network.last, [value], **attributes)
    return writer.model(value)


@define
class _Writer:
    network: Network
    nodes: list[NodeProto] = field(factory=list)
    arrays: dict[str, np.ndarray] = field(factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(factory=dict)
    scales: dict[str, str] = field(factory=dict)
    """The initializer of the scale, by quantized value."""
    rng: np.random.Generator = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.rng = np.random.default_rng(self.network.seed)

    # pieces -------------------------------------------------------------------------------------------------------

    def constant(self, value: object, kind: type = np.float32) -> str:
        name = f"c{len(self.arrays)}"
        array = np.asarray(value, kind)
        self.arrays[name] = array
        if self.network.constants == "node":
            tensor = numpy_helper.from_array(array, f"{name}.value")
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        return name

    def node(self, kind: str, inputs: list[str], shape: tuple[int, ...] | None = None, **attributes: object) -> str:
        name = f"v{len(self.nodes)}"
        domain = self.network.domain if kind in {"Quant", "BipolarQuant", "Trunc"} else ""
        label = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=label, domain=domain, **attributes))
        self.shapes[name] = self.shapes[inputs[0]] if shape is None else shape
        return name

    def start(self) -> str:
        shape, before = self.network.shape, self.network.before
        self.shapes["input"] = shape if before != "nhwc" else (*shape[1:], shape[0])
        value = "input"
        if before == "nhwc":
            value = self.node("Transpose", [value], shape, perm=[0, 3, 1, 2])
        elif before == "affine":
            value = self.node("Mul", [value, self.constant(2.0)])
            value = self.node("Sub", [value, self.constant(1.0)])
        elif before == "norm":
            value = self.norm(Norm(), value)
        return value if self.network.input is None else self.quantized(self.network.input, value)

    def quantized(self, spec: Quantizer, value: str, scale: str | None = None) -> str:
        scale = scale or self.scale(spec, value)
        if spec.bipolar:
            found = self.node("BipolarQuant", [value, scale])
        else:
            given = {"signed": int(spec.signed)} if spec.signed_given else {}
            given |= {} if spec.narrow is None else {"narrow": int(spec.narrow)}
            given |= {} if spec.rounding is None else {"rounding_mode": spec.rounding}
            zero, bits = self.constant(float(spec.zero_point)), self.constant(float(spec.bits))
            found = self.node("Quant", [value, scale, zero, bits], **given)
        self.scales[found] = scale
        return found

    def scale(self, spec: Quantizer, value: str) -> str:
        shape = self.shapes[value]
        return self.constant(scale_values(spec.scale, shape[0], len(shape), self.rng))

    def weights(self, spec: Quantizer, shape: tuple[int, ...], axis: int) -> str:
        """Write random weights and their quantizer; ``axis`` counts outputs."""
        sizes = [1] * len(shape)
        sizes[axis] = shape[axis]
        count = shape[axis] if spec.scale.channels else 1
        step = scale_values(spec.scale, count, 0, self.rng).reshape(sizes if spec.scale.channels else ())
        array = weight_values(spec, shape, step, self.rng)
        name = self.constant(array)
        self.shapes[name] = shape
        scale = self._computed(spec, name) if spec.scale.computed else self.constant(step)
        return self.quantized(spec, name, scale)

    def _computed(self, spec: Quantizer, weights: str) -> str:
        largest = self.node("ReduceMax", [self.node("Abs", [weights], ())], (), keepdims=0)
        return self.node("Div", [largest, self.constant(float(max(1, 2 ** (spec.bits - 1) - 1)))], ())

    def norm(self, spec: Norm, value: str) -> str:
        count = self.shapes[value][0]
        parameters = [self.constant(array) for array in norm_values(spec, count, self.rng)]
        given = {} if spec.epsilon is None else {"epsilon": spec.epsilon}
        return self.node("BatchNormalization", [value, *parameters], **given)

    # layers -------------------------------------------------------------------------------------------------------

    def layer(self, spec: Layer, value: str) -> str:
        return getattr(self, f"_{spec.kind}")(spec, value)

    def _dense(self, spec: Layer, value: str) -> str:
        features = self.shapes[value][-1]
        bias = self._bias(spec, spec.outputs) if spec.tail.bias == "operand" else None
        if spec.form == "Gemm" or bias:
            turned = spec.form == "Gemm"
            shape = (spec.outputs, features) if turned else (features, spec.outputs)
            weights = self.weights(spec.weights, shape, 0 if turned else 1)
            inputs = [value, weights, *([bias] if bias else [])]
            value = self.node("Gemm", inputs, (spec.outputs,), transB=int(turned))
        elif spec.form == "turned":
            weights = self.weights(spec.weights, (spec.outputs, features), 0)
            weights = self.node("Transpose", [weights], (features, spec.outputs), perm=[1, 0])
            value = self.node("MatMul", [value, weights], (spec.outputs,))
        else:
            weights = self.weights(spec.weights, (features, spec.outputs), 1)
            value = self.node("MatMul", [value, weights], (spec.outputs,))
        return self.tail(spec, value)

    def _bias(self, spec: Layer, outputs: int, trailing: int = 0) -> str:
        unit = 2.0**spec.weights.scale.exponent / 4
        return self.constant((unit * self.rng.integers(-20, 21, outputs)).reshape(-1, *[1] * trailing))

    def _conv(self, spec: Layer, value: str) -> str:
        channels, *sizes = self.shapes[value]
        rank = len(sizes)
        kernel = spec.kernel[:rank]
        weights = self.weights(spec.weights, (spec.outputs, channels // spec.groups, *kernel), 0)
        pads = edges(spec, rank)
        given: dict[str, object] = {
            "kernel_shape": kernel, "strides": spec.stride[:rank], "pads": pads, "dilations": spec.dilation[:rank],
            "group": spec.groups,
        }  # fmt: skip
        if not spec.explicit:
            plain = {"strides": [1] * rank, "pads": [0] * 2 * rank, "dilations": [1] * rank, "group": 1}
            given = {key: v for key, v in given.items() if (list(v) if isinstance(v, tuple) else v) != plain.get(key)}
            del given["kernel_shape"]
        inputs = [value, weights, *([self._bias(spec, spec.outputs)] if spec.tail.bias == "operand" else [])]
        shape = (spec.outputs, *slid(sizes, kernel, spec.stride, pads, spec.dilation))
        return self.tail(spec, self.node("Conv", inputs, shape, **given))

    def tail(self, spec: Layer, value: str) -> str:
        tail: Tail = spec.tail
        if tail.bias == "add":
            value = self.node("Add", [value, self._bias(spec, spec.outputs, len(self.shapes[value]) - 1)])
        if tail.norm:
            value = self.norm(tail.norm, value)
        if tail.pool:
            kernel, stride = tail.pool
            value = self._maxpool(Layer(kind="maxpool", kernel=(kernel, kernel), stride=(stride, stride)), value)
        if tail.act:
            value = self._act(tail, value)
        return self.quantized(tail.quant, value) if tail.quant else value

    def _act(self, tail: Tail, value: str) -> str:
        if tail.act == "Clip":
            return self.node("Clip", [value, self.constant(-1.0), self.constant(1.0)])
        if tail.act == "PRelu":
            channels, *sizes = self.shapes[value]
            slopes = self.rng.integers(0, 9, channels) / 8 if tail.slope is None else np.full(channels, tail.slope)
            return self.node("PRelu", [value, self.constant(slopes.reshape(-1, *[1] * len(sizes)))])
        given = {"alpha": tail.slope} if tail.act == "LeakyRelu" and tail.slope is not None else {}
        return self.node(tail.act, [value], **given)

    def _window(self, spec: Layer, value: str, **given: object) -> dict[str, Any]:
        """Return shape and attributes of a pool."""
        channels, *sizes = self.shapes[value]
        rank = len(sizes)
        ceil = {"ceil_mode": 1} if spec.form == "ceil" else {}
        return {
            "shape": (channels, *pooled(sizes, spec)), "kernel_shape": list(spec.kernel[:rank]),
            "strides": list(spec.stride[:rank]), "pads": edges(spec, rank), **ceil, **given,
        }  # fmt: skip

    def _maxpool(self, spec: Layer, value: str) -> str:
        return self.node("MaxPool", [value], **self._window(spec, value))

    def _avgpool(self, spec: Layer, value: str) -> str:
        area = math.prod(spec.kernel[: len(self.shapes[value]) - 1])
        scale = self.scales.get(value)
        counted = {"count_include_pad": 1} if any(spec.pads) else {}
        value = self.node("AveragePool", [value], **self._window(spec, value, **counted))
        if spec.form == "Trunc" and scale:
            bits = spec.weights.bits
            grown = bits + math.ceil(math.log2(area))
            unit = self.constant(self.arrays[scale] / np.float32(area)) if scale in self.arrays else scale
            inputs = [value, unit, self.constant(0.0), self.constant(float(grown)), self.constant(float(bits))]
            value = self.node("Trunc", inputs, rounding_mode="FLOOR")
        return self.quantized(spec.tail.quant, value) if spec.tail.quant else value

    def _globalpool(self, spec: Layer, value: str) -> str:
        shape = self.shapes[value]
        axes, one = list(range(1 - len(shape), 0)), (shape[0], *[1] * (len(shape) - 1))
        if spec.form.startswith("Reduce"):
            # from operator set 18 on, axes are an input
            given = {"axes": axes} if self.network.opset < 18 else {}
            inputs = [value] if given else [value, self.constant(axes, np.int64)]
            value = self.node(spec.form, inputs, one, keepdims=1, **given)
        elif spec.form == "AveragePool":
            value = self.node("AveragePool", [value], one, kernel_shape=list(shape[1:]))
        else:
            value = self.node(spec.form or "GlobalAveragePool", [value], one)
        return self.quantized(spec.tail.quant, value) if spec.tail.quant else value

    def _upsample(self, spec: Layer, value: str) -> str:
        shape = after(spec, self.shapes[value])
        factors = [1.0, 1.0, *map(float, spec.stride[: len(shape) - 1])]
        region = "" if self.network.opset >= 13 else self.constant([])  # had to be there before operator set 13
        by = [region, self.constant(factors)]
        if spec.form == "sizes" and self.network.batch == "one":
            by = [region, "" if region == "" else self.constant([]), self.constant([1, *shape], np.int64)]
        given = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"} if spec.explicit else {}
        return self.node("Resize", [value, *by], shape, mode="nearest", **given)

    def _quant(self, spec: Layer, value: str) -> str:
        return self.quantized(spec.tail.quant or Quantizer(), value)

    def _identity(self, spec: Layer, value: str) -> str:
        return self.node(spec.form or "Identity", [value])

    def _affine(self, spec: Layer, value: str) -> str:
        count, rank = self.shapes[value][0], len(self.shapes[value]) - 1
        drawn = self.rng.integers(-6, 7, count) / 4
        sizes = (count, *[1] * rank)
        operator = spec.form or "Mul"
        drawn = np.where(drawn == 0, 0.5, drawn) if operator in {"Mul", "Div"} else drawn
        single = operator in {"Mul", "Div"} and spec.explicit
        value = self.node(operator, [value, self.constant(0.5 if single else drawn.reshape(sizes))])
        return self.quantized(spec.tail.quant, value) if spec.tail.quant else value

    def _pad(self, spec: Layer, value: str) -> str:
        rank = len(self.shapes[value]) - 1
        before, behind = edges(spec, rank)[:rank], edges(spec, rank)[rank:]
        widths = [0, 0, *before, 0, 0, *behind]
        return self.node("Pad", [value, self.constant(widths, np.int64)], after(spec, self.shapes[value]))

    def _flatten(self, spec: Layer, value: str) -> str:
        count = math.prod(self.shapes[value])
        if spec.form == "Reshape":
            sizes = [1, -1] if self.network.batch == "one" else [-1, count]
            return self.node("Reshape", [value, self.constant(sizes, np.int64)], (count,))
        if spec.form == "Reshape0":
            return self.node("Reshape", [value, self.constant([0, count], np.int64)], (count,))
        if spec.form == "Shape":
            sizes = self.node("Shape", [value], ())
            first = self.node("Gather", [sizes, self.constant(0, np.int64)], (), axis=0)
            first = self._axes("Unsqueeze", first, [0], ())
            wanted = self.node("Concat", [first, self.constant([-1], np.int64)], (), axis=0)
            return self.node("Reshape", [value, wanted], (count,))
        if spec.form == "Squeeze" and self.shapes[value][1:] == (1, 1):
            return self._axes("Squeeze", value, [2, 3], (count,))
        return self.node("Flatten", [value], (count,), axis=1)

    def _axes(self, kind: str, value: str, axes: list[int], shape: tuple[int, ...]) -> str:
        """Write a node whose axes became an input with operator set 13."""
        if self.network.opset < 13:
            return self.node(kind, [value], shape, axes=axes)
        return self.node(kind, [value, self.constant(axes, np.int64)], shape)

    def _residual(self, spec: Layer, value: str) -> str:
        quant = spec.tail.quant
        scale = self.scale(quant, value) if spec.form == "inside" and quant else ""
        if scale and quant:  # what the branch reads is what is joined
            value = self.quantized(quant, value, scale)
        other = value
        for layer in spec.branch:
            other = self.layer(layer, other)
        if scale and quant:
            other = self.quantized(quant, other, scale)
        elif spec.form == "shared" and quant:  # both branches requantized with one scale, as Brevitas' QuantEltwiseAdd
            scale = self.scale(quant, value)
            other, value = self.quantized(quant, other, scale), self.quantized(quant, value, scale)
        shape = self.shapes[value]
        if spec.join == "Concat":
            joined = self.node("Concat", [other, value], (self.shapes[other][0] + shape[0], *shape[1:]), axis=1)
        else:
            joined = self.node(spec.join, [other, value], shape)
        return self.tail(evolve(spec, tail=evolve(spec.tail, bias="")), joined)

    # the whole ----------------------------------------------------------------------------------------------------

    def model(self, value: str) -> ModelProto:
        batch = 1 if self.network.batch == "one" else "N"
        name = "output"
        self.nodes[-1].output[0] = name
        shape = self.shapes[value] if self.network.last != "ArgMax" else (1,)
        kind = 7 if self.network.last == "ArgMax" else 1
        kept = {} if self.network.constants == "node" else self.arrays
        graph = helper.make_graph(
            self.nodes,
            "fuzzed",
            [helper.make_tensor_value_info("input", 1, [batch, *self.shapes["input"]])],
            [helper.make_tensor_value_info(name, kind, [batch, *shape])],
            [numpy_helper.from_array(array, key) for key, array in kept.items()],
        )
        imports = [helper.make_opsetid("", self.network.opset), helper.make_opsetid(self.network.domain, 1)]
        return helper.make_model(graph, opset_imports=imports, ir_version=8)


# numbers --------------------------------------------------------------------------------------------------------------


def scale_values(spec: Scale, channels: int, rank: int, rng: np.random.Generator) -> np.ndarray:
    """Return a scale: one number, or one by channel, shaped (1, channels, 1, ...) for activations of a rank."""
    base = spec.mantissa * 2.0**spec.exponent * (-1 if spec.negative else 1)
    if not spec.channels:
        return np.asarray(base, np.float32)
    factors = 2.0 ** rng.integers(-1, 2, channels)
    factors = factors if spec.mantissa == 1 else factors * rng.uniform(0.7, 1.3, channels)
    values = (base * factors).astype(np.float32)
    return values if rank == 0 else values.reshape(1, channels, *[1] * (rank - 1))


def weight_values(spec: Quantizer, shape: tuple[int, ...], step: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return weights on, between and beyond the codes of their quantizer, some exactly half-way."""
    high = max(1, 2 ** (spec.bits - int(spec.signed)) - 1)
    low = -high - 1 if spec.signed else 0
    ratio = rng.integers(2 * low - 1, 2 * high + 2, shape) / 2
    loose = rng.random(shape) < 0.3
    ratio = np.where(loose, rng.uniform(low - 1, high + 1, shape), ratio)
    return (ratio * step).astype(np.float32)


def norm_values(spec: Norm, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return gamma, beta, mean and variance."""
    if spec.kind == "power":
        gamma = 2.0 ** rng.integers(-1, 2, count)
        beta, mean = rng.integers(-4, 5, count) / 4, rng.integers(-8, 9, count) / 4
        variance = 4.0 ** rng.integers(-1, 2, count)
    else:
        gamma, beta = rng.uniform(0.3, 1.7, count), rng.normal(size=count) * 0.5
        mean, variance = rng.normal(size=count), rng.uniform(0.2, 3, count)
    if spec.negative:
        gamma = np.where(rng.random(count) < 0.5, -gamma, gamma)
    if spec.zero:
        gamma = np.where(rng.random(count) < 0.4, 0.0, gamma)
    return [np.asarray(values, np.float32) for values in (gamma, beta, mean, variance)]


def images(network: Network, count: int, step: float | None = None) -> np.ndarray:
    """Return inputs on, between and beyond the codes of the input's quantizer; whole steps where it has none.

    Args:
        network: as drawn.
        count: how many.
        step: of the input's quantizer, where the network's writer has chosen it.
    """
    rng = np.random.default_rng(network.seed + 1)
    spec = network.input or Quantizer(bits=4, signed=False)
    shape = (count, *(network.shape if network.before != "nhwc" else (*network.shape[1:], network.shape[0])))
    high = 1 if spec.bipolar else max(1, 2 ** (spec.bits - int(spec.signed)) - 1)
    low = -high - 1 if spec.signed or spec.bipolar else 0
    low, high = low - spec.zero_point, high - spec.zero_point
    step = step or abs(spec.scale.mantissa * 2.0**spec.scale.exponent)
    if network.input is None:
        return rng.integers(0, high + 1, shape).astype(np.float32)
    quarters = rng.integers(4 * low - 2, 4 * high + 3, shape) / 4
    found = np.where(rng.random(shape) < 0.3, rng.uniform(low - 1, high + 1, shape), quarters) * step
    if network.before == "affine":
        found = (found + 1) / 2
    return found.astype(np.float32)
