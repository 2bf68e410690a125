# SPDX-License-Identifier: Apache-2.0
"""What was cut off a model's ends and stays with the host: remembered in its metadata, and put back by exports."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

HEAD, TAIL = "drawplate.head", "drawplate.tail"


@frozen(kw_only=True)
class End:
    """Operators in front of the model's input, or behind its outputs."""

    ops: tuple[str, ...]
    """Their kinds, in order."""
    graph: GraphProto = field(eq=False, repr=False)
    """A head's output is the model's input; a tail's inputs are the model's outputs, position by position."""
    scale: tuple[float, ...] | None = None
    """Of a head that is ``scale * x + shift`` per channel."""
    shift: tuple[float, ...] | None = None
    bytes: bool = False
    """Whether a head takes integers: the pixels as they are stored."""


@frozen
class Ends:
    """Both, where there are any."""

    head: End | None = None
    tail: End | None = None

    def __bool__(self) -> bool:
        """Whether there is one."""
        return self.head is not None or self.tail is not None


def ends_of(proto: ModelProto) -> Ends:
    """Read what a model's metadata say of its ends."""
    return Ends(_read(proto, HEAD), _read(proto, TAIL))


def tail_of(proto: ModelProto) -> End | None:
    """Return what was cut off behind the outputs; None where nothing was."""
    return _read(proto, TAIL)


def _read(proto: ModelProto, key: str) -> End | None:
    import onnx

    text = next((entry.value for entry in proto.metadata_props if entry.key == key), None)
    if text is None:
        return None
    found = json.loads(text)
    return End(
        ops=tuple(found["ops"]),
        graph=onnx.GraphProto.FromString(base64.b64decode(found["graph"])),
        scale=tuple(found["scale"]) if found.get("scale") is not None else None,
        shift=tuple(found["shift"]) if found.get("shift") is not None else None,
        bytes=bool(found.get("bytes", False)),
    )


def remember(proto: ModelProto, key: str, end: End) -> None:
    """Write an end into a model's metadata."""
    value: dict[str, object] = {"ops": end.ops, "graph": base64.b64encode(end.graph.SerializeToString()).decode()}
    if end.scale is not None and end.shift is not None:
        value |= {"scale": end.scale, "shift": end.shift}
    if end.bytes:
        value["bytes"] = True
    proto.metadata_props.add(key=key, value=json.dumps(value, sort_keys=True))


def put_back(proto: ModelProto) -> ModelProto:
    """Return the model with both ends in place: it takes and gives what the file did."""
    import onnx

    whole = onnx.ModelProto()
    whole.CopyFrom(proto)
    ends = ends_of(proto)
    if ends.head is not None:
        _put_head(whole, ends.head.graph)
    if ends.tail is not None:
        _put_tail(whole, ends.tail.graph)
    kept = [entry for entry in proto.metadata_props if entry.key not in (HEAD, TAIL)]
    del whole.metadata_props[:]
    whole.metadata_props.extend(kept)
    return whole


def _put_head(whole: ModelProto, head: GraphProto) -> None:
    held = {tensor.name for tensor in whole.graph.initializer}
    taken = next(value for value in whole.graph.input if value.name not in held)
    _rename_inputs(whole.graph, {taken.name: head.output[0].name})
    nodes = [*head.node, *whole.graph.node]
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del whole.graph.node[:]
    whole.graph.node.extend(copies)
    whole.graph.initializer.extend(head.initializer)
    taken.CopyFrom(head.input[0])


def _put_tail(whole: ModelProto, tail: GraphProto) -> None:
    names = {value.name: given.name for value, given in zip(tail.input, whole.graph.output, strict=True)}
    start = len(whole.graph.node)
    whole.graph.node.extend(tail.node)
    for node in list(whole.graph.node)[start:]:
        for index, name in enumerate(node.input):
            node.input[index] = names.get(name, name)
    whole.graph.initializer.extend(tail.initializer)
    outputs = [type(value).FromString(value.SerializeToString()) for value in tail.output]
    for value in outputs:
        value.name = names.get(value.name, value.name)
    del whole.graph.output[:]
    whole.graph.output.extend(outputs)


def _rename_inputs(graph: GraphProto, names: dict[str, str]) -> None:
    for node in graph.node:
        for index, name in enumerate(node.input):
            if name in names:
                node.input[index] = names[name]
