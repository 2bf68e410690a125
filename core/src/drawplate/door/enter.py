# SPDX-License-Identifier: Apache-2.0
"""The way through the door, in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.door.batch import leave_out_zero_states
from drawplate.door.branches import refuse_endless, take_branches
from drawplate.door.check import check
from drawplate.door.dims import fix_dims, free_dims, shape_outputs
from drawplate.door.ends import HEAD, TAIL, remember
from drawplate.door.fake import fake_to_quant
from drawplate.door.floats import to_float32
from drawplate.door.fold import fold
from drawplate.door.functions import check_size, inline
from drawplate.door.head import cut_head
from drawplate.door.hoist import numbers_first
from drawplate.door.imports import mend_imports
from drawplate.door.inactive import (
    drop_dropout,
    drop_identity,
    dropout_at_inference,
    norms_at_inference,
    own_statistics,
)
from drawplate.door.items import single_items
from drawplate.door.kernels import tell_kernels
from drawplate.door.layout import cancel_transposes, images_first, join_reshapes
from drawplate.door.linear import write_linear
from drawplate.door.names import name_nodes
from drawplate.door.opset import convert, raise_ir
from drawplate.door.order import sort_nodes
from drawplate.door.outputs import choose_outputs
from drawplate.door.qdq import ODD, refuse_integer_layers, to_quant
from drawplate.door.quantizers import plain_quantizers
from drawplate.door.settings import check_quantizers
from drawplate.door.splits import tell_sizes
from drawplate.door.tail import cut_tail
from drawplate.door.tidy import drop_unused, write_shapes
from drawplate.door.weights import lift_weights
from drawplate.door.wish import Wish
from drawplate.errors import DrawplateError, ModelError
from drawplate.model_file import check_model

if TYPE_CHECKING:
    import onnx_ir as ir
    from onnx import ModelProto


@frozen
class Entered:
    """A model that every step can take."""

    proto: ModelProto
    changes: tuple[str, ...]
    """What was changed at the door; nothing, and the very same model, where it was tidy."""


def take_in(source: ModelProto, wish: Wish | None = None) -> Entered:
    """Tidy a model, and check it against what it was.

    Args:
        source: as it was read; it is left as it is.
        wish: what the flow says of it.

    Raises:
        ModelError: by layer name, for what cannot be tidied.
    """
    import onnx
    import onnx_ir as ir

    wish = wish or Wish()
    proto = onnx.ModelProto()
    proto.CopyFrom(source)
    changes = [*mend_imports(proto), *raise_ir(proto), *free_dims(proto), *sort_nodes(proto), *fix_dims(proto, wish)]
    changes += choose_outputs(proto, wish.outputs)
    if proto.functions:
        check_size(ir.from_proto(proto))
    changes += shape_outputs(proto)
    check_model(proto)
    if _has_dataflow(proto):
        return Entered(proto if changes else source, tuple(changes))
    changes += single_items(proto)
    original = onnx.ModelProto()
    original.CopyFrom(proto)
    with _blamed("opset"):
        proto, said = convert(proto)
        changes += said
    with _blamed("graph"):
        proto, said, original = _tidied(proto, original, wish)
        changes += said
    if not changes:
        return Entered(source, ())
    check_model(proto)
    told = {what: any(word in change for change in changes) for what, word in SAID.items()}
    changes += check(original, proto, **told)
    return Entered(proto, tuple(changes))


SAID = {"rough": "FLOAT16", "ties": ODD, "double": "DOUBLE"}
"""What the check has to know, and the word by which a change tells it."""


def _has_dataflow(proto: ModelProto) -> bool:
    from drawplate.artifact import Form
    from drawplate.model_file import detect_form

    return detect_form(proto) is Form.DATAFLOW


def _tidied(proto: ModelProto, original: ModelProto, wish: Wish) -> tuple[ModelProto, list[str], ModelProto]:
    import onnx_ir as ir

    model = ir.from_proto(proto)
    refuse_integer_layers(model)
    changes = inline(model)
    changes += name_nodes(model)
    modes = norms_at_inference(model) + dropout_at_inference(model)
    told = fake_to_quant(model) + plain_quantizers(model)
    if modes or told:
        original = ir.to_proto(model)
    changes += modes + told
    if not wish.keep_dropout:
        changes += drop_dropout(model)
    changes += to_float32(model) + write_linear(model)
    changes += drop_identity(model)
    changes += lift_weights(model)
    changes += fold(model)
    changes += _branches(model)
    refuse_endless(model)
    changes += leave_out_zero_states(model)
    changes += to_quant(model)
    check_quantizers(model)
    changes += drop_identity(model) + lift_weights(model) + own_statistics(model)
    changes += tell_kernels(model) + tell_sizes(model)
    changes += numbers_first(model)
    head, said = cut_head(model, wish.data)
    changes += said
    head, said = images_first(model, wish.data, head)
    changes += said
    changes += cancel_transposes(model) + join_reshapes(model)
    tail, said = cut_tail(model, gates=_sigmoid_is_tail(model, wish))
    changes += said
    changes += drop_unused(model)
    changes += name_nodes(model)
    if not changes:
        return proto, [], original
    written = ir.to_proto(model)
    write_shapes(written)
    if head is not None:
        remember(written, HEAD, head)
    if tail is not None:
        remember(written, TAIL, tail)
    return written, changes, original


def _branches(model: ir.Model) -> list[str]:
    changes: list[str] = []
    while said := take_branches(model):
        changes += said
        changes += name_nodes(model) + fold(model)
    return changes


def _sigmoid_is_tail(model: ir.Model, wish: Wish) -> bool:
    """A Sigmoid makes probabilities unless the output is a picture, or the flow's task wants quantities."""
    if wish.task is not None:
        return wish.task in ("classification", "binary", "labels")
    return all(out.shape is None or len(out.shape) <= 2 for out in model.graph.outputs)


@contextmanager
def _blamed(what: str) -> Iterator[None]:
    """Turn what a library raises for a strange model into a message about the model."""
    try:
        yield
    except DrawplateError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, NotImplementedError, RuntimeError) as error:
        said = (str(error).strip().splitlines() or [""])[0]
        raise ModelError(
            f"its {what} is not understood: {type(error).__name__}: {said}", hint="simplify it, or export it again"
        ) from error
