# SPDX-License-Identifier: Apache-2.0
"""A graph as people draw it: a block is a layer with the small operations that follow it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from drawplate.graph.nodes import attribute, constants, is_quantizer, name_of

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

LAYERS: Final = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul", "MVAU", "VVAU"})
"""Operators with weights; each begins a block."""
FACTS: Final = ("PE", "SIMD", "kernel_shape", "strides", "ConvKernelDim", "Stride", "group")
"""Attributes that a block shows, in this order."""
FOLDING: Final = ("PE", "SIMD")
HIDDEN: Final = ([1], [1, 1], 1)
"""Values that go without saying."""


@define
class Block:
    """One box of the drawing."""

    name: str
    kind: str
    facts: list[str] = field(factory=list)
    """Shape of the weights, kernels, PE and SIMD."""
    follows: list[str] = field(factory=list)
    """Operators that only work on what this block gives."""
    takes: list[str] = field(factory=list)
    """Names of the blocks before it; empty for the input."""
    weight_bits: str = ""
    act_bits: str = ""


def blocks_of(proto: ModelProto) -> list[Block]:
    """Read a model's blocks in the order of its graph; what only prepares weights is part of the layer."""
    known = constants(proto)
    readers: dict[str, int] = {}
    for node in proto.graph.node:
        for value in node.input:
            readers[value] = readers.get(value, 0) + 1
    inputs = [value.name for value in proto.graph.input if value.name not in known]
    maker = {name: Block(name=name, kind="input") for name in inputs}
    blocks = list(maker.values())
    makers = {output: node for node in proto.graph.node for output in node.output}
    for node in proto.graph.node:
        sources = [value for value in node.input if value in maker]
        if not sources:
            continue
        before = maker[sources[0]]
        if is_quantizer(node):
            block, before.act_bits = before, _bits(node, known)
        elif _joins(node, sources, before, readers):
            block = before
            block.follows.append(node.op_type)
        else:
            block = _block(node, sources, maker, known, makers)
            blocks.append(block)
        for value in node.output:
            maker[value] = block
    return blocks


def _joins(node: NodeProto, sources: Sequence[str], before: Block, readers: Mapping[str, int]) -> bool:
    alone = len(sources) == 1 and readers.get(sources[0], 0) == 1
    return alone and node.op_type not in LAYERS and "Pool" not in node.op_type and before.kind != "input"


def _block(
    node: NodeProto,
    sources: Sequence[str],
    maker: Mapping[str, Block],
    known: Mapping[str, Any],
    makers: Mapping[str, NodeProto],
) -> Block:
    block = Block(name=name_of(node), kind=node.op_type)
    block.takes = list(dict.fromkeys(maker[value].name for value in sources))
    for value in node.input:
        weight, bits = _weight(value, known, makers)
        if weight is not None and weight.ndim > 1 and node.op_type in LAYERS and not block.facts:
            shape = weight.shape[:2] if "kernel_shape" in {entry.name for entry in node.attribute} else weight.shape
            block.facts.append(" x ".join(map(str, shape)))
            block.weight_bits = bits or _type_bits(attribute(node, "weightDataType", ""))
    block.act_bits = _type_bits(attribute(node, "outputDataType", "")) if attribute(node, "weightDataType") else ""
    block.facts += _shown(node)
    return block


def _weight(value: str, known: Mapping[str, Any], makers: Mapping[str, NodeProto]) -> tuple[Any, str]:
    """Find the array behind a weight, through quantizers and what turns it."""
    bits = ""
    while value not in known and value in makers and makers[value].input:
        node = makers[value]
        bits = _bits(node, known) if is_quantizer(node) else bits
        value = node.input[0]
    return known.get(value), bits


def _bits(node: NodeProto, known: Mapping[str, Any]) -> str:
    if node.op_type == "BipolarQuant":
        return "1"
    found = known.get(node.input[3]) if len(node.input) > 3 else None
    return "" if found is None else f"{float(found.max()):g}"


def _type_bits(name: str) -> str:
    """Bits of one of FINN's types: INT3, UINT8, BIPOLAR."""
    return "1" if name in {"BIPOLAR", "BINARY"} else name.lstrip("UINT") if name else ""


def _shown(node: NodeProto) -> Iterator[str]:
    for name in FACTS:
        value = attribute(node, name)
        if value is None or (name not in FOLDING and list_or(value) in HIDDEN):
            continue
        text = " x ".join(map(str, value)) if isinstance(list_or(value), list) else str(value)
        yield {
            "kernel_shape": text,
            "ConvKernelDim": text,
            "strides": f"stride {text}",
            "Stride": f"stride {text}",
        }.get(name, f"{name} {text}")


def list_or(value: Any) -> Any:
    """Return a list for what ONNX has as a sequence."""
    return value if isinstance(value, int | float | str) else list(value)
