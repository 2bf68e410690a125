# SPDX-License-Identifier: Apache-2.0
"""The lowered model as a file: its layers, what the host does with their output, types and metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate.input_codes import InputCodes
from drawplate_quant_finn.lowering.exact.number import Number, approximately
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.hardware import write
from drawplate_quant_finn.lowering.streams.operators import Input, Operator
from drawplate_quant_finn.lowering.streams.signs import without_turns
from drawplate_quant_finn.lowering.streams.value import Value, equal
from drawplate_quant_finn.lowering.streams.writer import Writer, shape_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto

DOMAINS = ("finn.custom_op.fpgadataflow", "finn.custom_op.general", "qonnx.custom_op.general")


def assembled(source: ModelProto, output: Value, codes: InputCodes) -> tuple[ModelProto, dict[str, Operator]]:
    """Return the lowered model of a QONNX model, and its operators by the tensors that they give.

    Args:
        source: the QONNX model, whose names, input shape and metadata are kept.
        output: what it gives.
        codes: how its input is made.

    Raises:
        ModelError: when the output is not in an order that a stream has.
    """
    from onnx import helper

    if isinstance(output.operator, Input):
        raise refuse(output.node, "nothing is computed before the output", "lower a model that has layers")
    if not output.natural and not output.image:
        raise refuse(output.node, "the output is in another order than channels, rows, columns", _FLATTEN)
    if output.frame[0] * output.frame[1] > 1:
        rows, columns, channels = output.frame
        raise refuse(
            output.node, f"the output is an image of {rows} x {columns} pixels of {channels} channels", _FLATTEN
        )
    value = source.graph.input[0]
    dims = [1, *(d.dim_value for d in value.type.tensor_type.shape.dim[1:])]
    writer = Writer(value.name)
    last = write(writer, without_turns(output.operator), dims)
    name = source.graph.output[0].name
    ends = [helper.make_tensor_value_info(n, 1, s) for n, s in ((value.name, dims), (name, [1, *output.place.shape]))]
    _finish(writer, last, output, name)
    graph = helper.make_graph(
        writer.nodes,
        source.graph.name,
        ends[:1],
        ends[1:],
        sorted(writer.constants, key=lambda entry: str(entry.name)),
        value_info=[writer.infos[key] for key in sorted(writer.infos) if key not in {value.name, name}],
    )
    graph.quantization_annotation.extend(_annotation(key, writer) for key in sorted(writer.types))
    standard = next(entry.version for entry in source.opset_import if entry.domain in {"", "ai.onnx"})
    opsets = [helper.make_opsetid("", standard), *(helper.make_opsetid(domain, 1) for domain in DOMAINS)]
    model = helper.make_model(graph, producer_name="drawplate", opset_imports=opsets, ir_version=source.ir_version)
    model.metadata_props.extend(source.metadata_props)
    codes.record(model)
    entries = sorted(model.metadata_props, key=lambda entry: str(entry.key))
    del model.metadata_props[:]
    model.metadata_props.extend(entries)
    return model, writer.given


_FLATTEN = "end in Flatten and a dense layer, or in GlobalAveragePool"


def _finish(writer: Writer, last: str, output: Value, name: str) -> None:
    """Do the host's part: the scale of the outputs, what is added, the shape that the model says."""
    shape, wanted = shape_of(output.operator), [1, *output.place.shape]
    if len(shape) == 4 and wanted == [1, shape[3], 1, 1]:
        (last,) = writer.add("Transpose", [last], wanted, "FLOAT32", hardware=False, perm=[0, 3, 1, 2])
    elif shape != wanted:
        import numpy as np

        target = writer.constant(f"{name}.shape", np.array(wanted, dtype=np.int64), "INT64")
        (last,) = writer.add("Reshape", [last, target], wanted, "FLOAT32", hardware=False)
    scale, shift = (_numbers(part, wanted) for part in (output.scale, output.shift))
    if (scale != 1).any():
        (last,) = writer.add("Mul", [last], wanted, "FLOAT32", constants=[(scale, "FLOAT32")], hardware=False)
    if shift.any():
        (last,) = writer.add("Add", [last], wanted, "FLOAT32", constants=[(shift, "FLOAT32")], hardware=False)
    for node in writer.nodes:
        for index, made in enumerate(node.output):
            if made == last:
                node.output[index] = name
    writer.given = {name if kept == last else kept: operator for kept, operator in writer.given.items()}
    writer.types[name] = writer.types.pop(last)
    writer.infos.pop(last)


def _numbers(numbers: tuple[Number, ...], wanted: list[int]) -> NDArray[np.float32]:
    """Return what the host multiplies with or adds: one number, or one per output, nearest in float32."""
    import numpy as np

    if all(equal(number, numbers[0]) for number in numbers):
        return np.asarray(approximately(numbers[0]), dtype=np.float32)
    each = np.array([approximately(number) for number in numbers], dtype=np.float32)
    return each.reshape(-1, 1, 1) if wanted[-2:] == [1, 1] and len(wanted) == 4 else each


def _annotation(name: str, writer: Writer) -> Any:
    from onnx import StringStringEntryProto, TensorAnnotation

    note = TensorAnnotation(tensor_name=name)
    note.quant_parameter_tensor_names.append(StringStringEntryProto(key="finn_datatype", value=writer.types[name]))
    return note
