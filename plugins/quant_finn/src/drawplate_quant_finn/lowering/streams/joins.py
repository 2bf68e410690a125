# SPDX-License-Identifier: Apache-2.0
"""Write what reads several streams as FINN's layers: sums, differences, channels side by side."""

from __future__ import annotations

from collections.abc import Sequence

from drawplate_quant_finn.lowering.streams.codes import Readers
from drawplate_quant_finn.lowering.streams.operators import Add, Operator
from drawplate_quant_finn.lowering.streams.types import datatype, limits
from drawplate_quant_finn.lowering.streams.writer import Writer, shape_of


def write_add(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    """Write ElementwiseAdd or ElementwiseSub."""
    first, second = operator.sources
    taken = [writer.take(first), writer.take(second)]
    types = [writer.kinds[id(source)] for source in operator.sources]
    (low, high), (least, most) = (limits(type_) for type_ in types)
    assert isinstance(operator, Add)
    low, high = (low - most, high - least) if operator.subtract else (low + least, high + most)
    out, shape = datatype(low, high), shape_of(operator)
    (name,) = writer.add(
        "ElementwiseSub" if operator.subtract else "ElementwiseAdd",
        taken,
        shape,
        out,
        lhs_dtype=types[0],
        lhs_shape=shape,
        lhs_style="input",
        out_dtype=out,
        out_shape=shape,
        rhs_dtype=types[1],
        rhs_shape=shape,
        rhs_style="input",
        PE=1,
    )
    writer.kinds[id(operator)] = out
    writer.give(operator, name, len(readers[id(operator)]))


def write_concat(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    """Write StreamingConcat."""
    taken = [writer.take(source) for source in operator.sources]
    types = [writer.kinds[id(source)] for source in operator.sources]
    ends = [limits(type_) for type_ in types]
    alike = len(set(types)) == 1
    out = types[0] if alike else datatype(min(low for low, _ in ends), max(high for _, high in ends))
    shape = shape_of(operator)
    (name,) = writer.add(
        "StreamingConcat",
        taken,
        shape,
        out,
        ChannelsPerStream=[source.channels for source in operator.sources],
        SIMD=1,
        inFIFODepths=[2] * len(taken),
        inputDataTypes=types,
        numInputVectors=shape[:-1],
    )
    writer.kinds[id(operator)] = out
    writer.give(operator, name, len(readers[id(operator)]))
