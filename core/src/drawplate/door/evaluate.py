# SPDX-License-Identifier: Apache-2.0
"""Computing values that depend on constants and shapes alone, by ONNX Runtime."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drawplate.door.walk import inner_graphs
from drawplate.errors import ModelError
from drawplate.graph.facts import STANDARD
from drawplate.graph.shapes import Inferred, infer, skeleton

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

    Values = dict[str, NDArray[Any]]

KEPT = frozenset({"BatchNormalization", "QuantizeLinear", "DequantizeLinear", "Dropout", "Identity", "Constant"})
"""Never folded: they are trained, or quantize, or are dealt with elsewhere."""
RANDOM = frozenset(
    {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"}
)
SMALL = 4096
"""Elements of a value that may be a shape, or be computed from one."""
LARGEST = 2**26
ROUNDS = 64


def shape_values(proto: ModelProto, batch: int) -> tuple[Values, Inferred]:
    """Compute everything that follows from shapes and small constants that are not trained, for one batch size.

    Returns:
        The values that were not known before, by name, and all shapes for this batch.
    """
    import onnx
    from onnx import numpy_helper

    copy = skeleton(proto)
    sizes = _factors(copy)
    trained = [
        tensor
        for tensor in copy.graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT and tensor.name not in sizes
    ]
    inputs = {value.name for value in copy.graph.input}
    copy.graph.input.extend(
        onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
        for tensor in trained
        if tensor.name not in inputs
    )
    weights = {tensor.name for tensor in trained}
    kept = [tensor for tensor in copy.graph.initializer if tensor.name not in weights]
    del copy.graph.initializer[:]
    copy.graph.initializer.extend(kept)
    found: Values = {}
    for _ in range(ROUNDS):
        inferred = infer(copy, batch=batch)
        new = _shapes_told(copy, inferred)
        nodes = _foldable(copy, inferred, {*new, *(t.name for t in copy.graph.initializer)}, SMALL)
        new |= compute(copy, nodes, inferred.types, new)
        if not new:
            break
        found |= new
        rest = [node for node in copy.graph.node if not set(node.output) <= set(new)]
        outputs = {value.name for value in copy.graph.output}
        nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in rest]
        del copy.graph.node[:]
        copy.graph.node.extend(nodes)
        copy.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in new.items())
        if outputs & set(new):
            break
    return found, infer(copy, batch=batch)


def _factors(proto: ModelProto) -> set[str]:
    """Return what says by how much an image is resized: floats that shapes follow from."""
    return {name for node in proto.graph.node if node.op_type in {"Resize", "Upsample"} for name in node.input[1:]}


def constant_values(proto: ModelProto) -> Values:
    """Compute what follows from initializers and constants alone, weights too; see KEPT for what is left."""
    inferred = infer(proto)
    known = {tensor.name for tensor in proto.graph.initializer}
    nodes = _foldable(proto, inferred, known, LARGEST)
    return compute(proto, nodes, inferred.types, {})


def _shapes_told(proto: ModelProto, inferred: Inferred) -> Values:
    import numpy as np

    found: Values = {}
    for node in proto.graph.node:
        if node.op_type not in ("Shape", "Size") or node.domain not in STANDARD:
            continue
        shape = inferred.static(node.input[0])
        if shape is None:
            continue
        if node.op_type == "Size":
            found[node.output[0]] = np.asarray(math.prod(shape), np.int64)
            continue
        limits = {attribute.name: attribute.i for attribute in node.attribute}
        found[node.output[0]] = np.asarray(shape[limits.get("start", 0) : limits.get("end")], np.int64)
    return found


def _foldable(proto: ModelProto, inferred: Inferred, known: set[str], largest: int) -> list[NodeProto]:
    """Nodes that can be computed, in order; Constant nodes among them where something needs them."""
    known = known | {""}
    found = []
    for node in proto.graph.node:
        if node.domain not in STANDARD or (node.op_type in KEPT | RANDOM and node.op_type != "Constant"):
            continue
        if any(True for _ in inner_graphs(node)) or not all(name in known for name in node.input):
            continue
        sizes = [inferred.static(name) for name in node.output if name]
        if any(size is None or math.prod(size) > largest for size in sizes):
            continue
        if not all(name in inferred.types for name in node.output if name):
            continue
        if not node.input and node.op_type != "Constant":
            continue
        known.update(node.output)
        found.append(node)
    return found


def compute(proto: ModelProto, nodes: list[NodeProto], types: Mapping[str, int], more: Values) -> Values:
    """Run nodes whose inputs are all known, and return what they give; nothing where ONNX Runtime cannot."""
    import onnx
    from onnx import numpy_helper

    from drawplate.ort.session import open_session

    wanted = [name for node in nodes if node.op_type != "Constant" for name in node.output if name]
    if not wanted:
        return {}
    read = {name for node in nodes for name in node.input}
    graph = onnx.helper.make_graph(
        nodes,
        "constants",
        [],
        [onnx.helper.make_tensor_value_info(name, types[name], None) for name in wanted],
        [
            *(tensor for tensor in proto.graph.initializer if tensor.name in read),
            *(numpy_helper.from_array(value, name) for name, value in more.items() if name in read),
        ],
    )
    model = onnx.helper.make_model(
        graph, opset_imports=proto.opset_import, ir_version=min(max(proto.ir_version, 4), 10)
    )
    try:
        results = open_session(model, threads=1, exact=True).run(wanted, {})
    except (ModelError, RuntimeError, ValueError, IndexError):
        return {}
    except Exception as error:  # ONNX Runtime's own exceptions share no base
        if type(error).__module__.startswith("onnxruntime"):
            return {}
        raise
    return dict(zip(wanted, results, strict=True))
