# SPDX-License-Identifier: Apache-2.0
"""QONNX's quantizers written out in standard ONNX operators, value for value.

Each operation of the reference executor (``qonnx.custom_op.general``: ``int_quant``, ``binary_quant``, ``trunc_v1``
and ``trunc_v2``) becomes one ONNX operator on the same float32 values in the same order; only additions of a zero
point that is 0 are left out, which can change nothing but the sign of a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import define, field

from drawplate.errors import ModelError
from drawplate.graph.facts import DEFAULTS
from drawplate.graph.nodes import attribute, constants, drop_unused_domains, is_quantizer, layer, opset

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

    Scalar = NDArray[np.float32]
    Known = Mapping[str, NDArray[Any]]

OLDEST_OPSET = 11  # Round, and Clip with its limits as inputs
ROUNDING = ("ROUND", "HALF_EVEN", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN")


def to_standard_onnx(proto: ModelProto) -> ModelProto:
    """Return a copy of a QONNX model without foreign quantizers.

    Raises:
        ModelError: for a quantizer that cannot be written out, by layer name.
    """
    import onnx

    model = onnx.ModelProto()
    model.CopyFrom(proto)
    quantizers = [node for node in model.graph.node if is_quantizer(node)]
    if not quantizers:
        return model
    if opset(model) < OLDEST_OPSET:
        raise ModelError(f"has opset {opset(model)}", allowed=f"{OLDEST_OPSET} or later", hint="export it again")
    nodes: list[NodeProto] = []
    known = constants(model)
    for node in model.graph.node:
        nodes.extend(_written_out(node, model, known) if is_quantizer(node) else [node])
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    del model.graph.quantization_annotation[:]  # they name datatypes that only QONNX knows
    drop_unused_domains(model)
    return model


def _written_out(node: NodeProto, model: ModelProto, known: Known) -> list[NodeProto]:
    if node.op_type not in _WRITERS:
        raise ModelError(
            f"{node.op_type} cannot be written in standard operators",
            where=layer(node),
            allowed=sorted(_WRITERS),
        )
    chain = _Chain(node, model, known)
    _WRITERS[node.op_type](chain)
    return chain.finish()


@define
class _Chain:
    """The operators that take the place of one quantizer."""

    node: NodeProto
    model: ModelProto
    constants: Known
    value: str = ""
    """Name of the last value."""
    nodes: list[NodeProto] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.value = self.node.input[0]

    @property
    def where(self) -> str:
        return layer(self.node)

    def attribute(self, name: str, default: Any) -> Any:
        """Return an attribute of the quantizer."""
        return attribute(self.node, name, default)

    def known(self, position: int) -> Scalar | None:
        """Return an input's value as float32 where it is a constant."""
        found = self.constants.get(self.node.input[position])
        return None if found is None else np.asarray(found, np.float32)

    def constant(self, position: int, what: str) -> Scalar:
        """Return an input that has to be one known number."""
        found = self.known(position)
        if found is None or found.size != 1:
            raise ModelError(f"its {what} is not one constant", where=self.where)
        return found.reshape(())

    def add(self, kind: str, *inputs: str, first: bool = False, **attributes: Any) -> str:
        """Append an operator on the last value; ``first`` puts the given inputs before it."""
        from onnx import helper

        name = f"{self.node.output[0]}/{len(self.nodes)}.{kind}"
        taken = [*inputs, self.value] if first else [self.value, *inputs]
        self.nodes.append(helper.make_node(kind, taken, [name], name=name, **attributes))
        self.value = name
        return name

    def number(self, name: str, value: Any) -> str:
        """Append a constant to the graph."""
        from onnx import numpy_helper

        full = f"{self.node.output[0]}/{name}"
        self.model.graph.initializer.append(numpy_helper.from_array(np.asarray(value, np.float32), full))
        return full

    def finish(self) -> list[NodeProto]:
        """Give the last operator the quantizer's output."""
        self.nodes[-1].output[0] = self.node.output[0]
        return self.nodes

    # pieces that quantizers share ---------------------------------------------------------------------------------

    def divide(self, scale: str, zero: str | None) -> None:
        """Scale to integers."""
        self.add("Div", scale)
        if zero:
            self.add("Add", zero)

    def multiply(self, scale: str, zero: str | None) -> None:
        """Scale back."""
        if zero:
            self.add("Sub", zero)
        self.add("Mul", scale)

    def zero_point(self) -> str | None:
        """Name of the zero point; None where it is 0."""
        zero = self.known(2)
        return None if zero is not None and not zero.any() else self.node.input[2]

    def clip(self, bits: Scalar, *, signed: bool, narrow: bool) -> None:
        """Limit to the integers of a bit width."""
        low, high = limits(bits, signed=signed, narrow=narrow)
        self.add("Clip", self.number("low", low), self.number("high", high))

    def round(self, mode: str) -> None:
        """Round to integers.  All but the first four work on the magnitude."""
        mode = mode.upper()
        if mode not in ROUNDING:
            raise ModelError(f"rounding_mode is {mode!r}", where=self.where, allowed=ROUNDING)
        simple = {"ROUND": "Round", "HALF_EVEN": "Round", "CEIL": "Ceil", "FLOOR": "Floor"}
        if mode in simple:
            self.add(simple[mode])
            return
        before = self.value
        sign = self.add("Sign")
        self.value = before
        self.add("Abs")
        if mode == "HALF_UP":
            self.add("Add", self.number("half", 0.5))
        if mode == "HALF_DOWN":
            self.add("Sub", self.number("half", 0.5))
        self.add("Ceil" if mode in ("UP", "HALF_DOWN") else "Floor")
        self.add("Mul", sign)

    def sign(self) -> None:
        """Take +1 from zero on, else -1."""
        self.add("Less", self.number("zero", 0.0))
        self.add("Where", self.number("minus", -1.0), self.number("plus", 1.0))


def limits(bits: Scalar, *, signed: bool, narrow: bool) -> tuple[Scalar, Scalar]:
    """Return the least and greatest integer of a bit width, in float32 as QONNX's executor has them."""
    one, two = np.float32(1), np.float32(2)
    if signed:
        half = two ** (bits - one)
        return np.asarray(-half + (one if narrow else 0), np.float32), np.asarray(half - one, np.float32)
    return np.asarray(0, np.float32), np.asarray(two**bits - (two if narrow else one), np.float32)


def _quant(chain: _Chain) -> None:
    scale, zero, bits = chain.node.input[1], chain.zero_point(), chain.constant(3, "bit width")
    signed = bool(chain.attribute("signed", 1))
    chain.divide(scale, zero)
    if bits == 1 and signed:
        chain.sign()
    else:
        chain.clip(bits, signed=signed, narrow=bool(chain.attribute("narrow", DEFAULTS["Quant"]["narrow"])))
        chain.round(chain.attribute("rounding_mode", "ROUND"))
    chain.multiply(scale, zero)


def _bipolar(chain: _Chain) -> None:
    chain.sign()
    chain.add("Mul", chain.node.input[1])


def _trunc(chain: _Chain) -> None:
    """Write version 1 (five inputs) or 2 (six: the output's scale is given)."""
    scale, zero, mode = chain.node.input[1], chain.zero_point(), chain.attribute("rounding_mode", "FLOOR")
    chain.divide(scale, zero)
    chain.add("Round")
    if len(chain.node.input) == 5:
        step = np.float32(2) ** (chain.constant(3, "input bit width") - chain.constant(4, "output bit width"))
        chain.add("Div", chain.number("step", step))
        chain.round(mode)
        chain.multiply(scale, zero)
        return
    ratio = np.log2(chain.constant(4, "output scale") / chain.constant(1, "scale"))
    step = np.float32(2) ** np.round(ratio)
    chain.add("Div", chain.number("step", step))
    chain.clip(
        chain.constant(5, "output bit width"),
        signed=bool(chain.attribute("signed", 1)),
        narrow=bool(chain.attribute("narrow", 0)),
    )
    chain.round(mode)
    rescaled = chain.number("zero", chain.constant(2, "zero point") / step) if zero else None
    chain.multiply(chain.node.input[4], rescaled)


_WRITERS: Mapping[str, Callable[[_Chain], None]] = {
    "Quant": _quant,
    "IntQuant": _quant,
    "BipolarQuant": _bipolar,
    "Trunc": _trunc,
}
