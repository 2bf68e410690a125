# SPDX-License-Identifier: Apache-2.0
"""Write operators on integers as FINN's hardware layers: the DATAFLOW form, every PE and SIMD 1."""

from __future__ import annotations

from collections.abc import Sequence

from drawplate_quant_finn.lowering.streams import images, joins
from drawplate_quant_finn.lowering.streams.codes import (
    Readers,
    level_type,
    levels_of,
    only_multiplied,
    start_of,
    threshold_type,
)
from drawplate_quant_finn.lowering.streams.operators import (
    Add,
    Border,
    Concat,
    Input,
    Linear,
    MaxPool,
    Operator,
    Sum,
    Threshold,
    Upsample,
)
from drawplate_quant_finn.lowering.streams.products import write_linear
from drawplate_quant_finn.lowering.streams.signs import in_order, readers_of
from drawplate_quant_finn.lowering.streams.types import limits
from drawplate_quant_finn.lowering.streams.writer import Writer, shape_of


def write(writer: Writer, output: Operator, shape: Sequence[int]) -> str:
    """Write all operators that an output depends on; return its tensor.

    Args:
        writer: where to.
        output: the last operator.
        shape: of the model's input.
    """
    operators = in_order(output)
    readers = readers_of(operators)
    fused: set[int] = set()
    for operator in operators:
        if id(operator) in fused:
            continue
        writer.layer = operator.layer
        following = readers[id(operator)]
        if isinstance(operator, Linear) and len(following) == 1 and isinstance(following[0], Threshold):
            fused.add(id(following[0]))
            write_linear(writer, operator, following[0], readers)
        elif isinstance(operator, Linear):
            write_linear(writer, operator, None, readers)
        else:
            _WRITERS[type(operator)](writer, operator, readers, shape)
    return writer.take(output)


def _write_input(writer: Writer, operator: Operator, readers: Readers, shape: Sequence[int]) -> None:
    assert isinstance(operator, Input)
    type_ = operator.datatype
    if type_ == "BIPOLAR" and not only_multiplied(operator, readers):
        type_ = "INT2"
    writer.describe(writer.input, shape, type_)
    writer.kinds[id(operator)] = type_
    name = writer.input
    if operator.image:
        name = _channels_last(writer, name, operator, shape, type_)
    elif len(shape) > 2:
        (name,) = writer.add("Flatten", [name], shape_of(operator), type_, hardware=False)
    writer.give(operator, name, len(readers[id(operator)]))


def _channels_last(writer: Writer, name: str, operator: Operator, shape: Sequence[int], type_: str) -> str:
    """Turn the input; a line of pixels, [N, C, L], becomes an image of one column."""
    import numpy as np

    if len(shape) == 3:
        image = [*shape, 1]
        target = writer.constant(f"{name}.shape", np.array(image, dtype=np.int64), "INT64")
        (name,) = writer.add("Reshape", [name, target], image, type_, hardware=False)
    (name,) = writer.add("Transpose", [name], shape_of(operator), type_, hardware=False, perm=[0, 2, 3, 1])
    return name


def _write_threshold(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    assert isinstance(operator, Threshold)
    taken, type_ = writer.take(operator.source), writer.kinds[id(operator.source)]
    out = threshold_type(operator, readers)
    levels = levels_of(operator, *limits(type_), out)
    if (levels == levels[0]).all():
        levels = levels[:1]
    shape = shape_of(operator)
    kind = level_type(type_)
    (name,) = writer.add(
        "Thresholding",
        [taken],
        shape,
        out,
        constants=[(levels, kind)],
        ActVal=start_of(operator, out),
        NumChannels=operator.channels,
        PE=1,
        inputDataType=type_,
        numInputVectors=shape[:-1],
        numSteps=levels.shape[1],
        outputDataType=out,
        weightDataType=kind,
    )
    writer.kinds[id(operator)] = out
    writer.give(operator, name, len(readers[id(operator)]))


_WRITERS = {
    Input: _write_input,
    Threshold: _write_threshold,
    Border: images.write_border,
    MaxPool: images.write_pool,
    Sum: images.write_sum,
    Upsample: images.write_upsample,
    Add: joins.write_add,
    Concat: joins.write_concat,
}
