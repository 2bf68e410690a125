# SPDX-License-Identifier: Apache-2.0
"""The steps of preparation, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.data import Normalisation
from drawplate.errors import ModelError
from drawplate.graph.nodes import constants, layer
from drawplate_target_myriadx.prepare.dense_norms import fold_dense_norms
from drawplate_target_myriadx.prepare.names import origins, restore_names
from drawplate_target_myriadx.prepare.opset import lower_opset
from drawplate_target_myriadx.prepare.pixels import fold_normalisation
from drawplate_target_myriadx.prepare.quantizers import write_quantizers
from drawplate_target_myriadx.prepare.rewrites import rewrite, spell_out
from drawplate_target_myriadx.prepare.shapes import check_input_is_read, fix_shapes
from drawplate_target_myriadx.prepare.support import check_domains, check_operators

if TYPE_CHECKING:
    from onnx import ModelProto

LARGEST_HALF = 65504.0


@frozen(kw_only=True)
class Prepared:
    """A model of opset 9 to 13, of operators that the chip has, with fixed shapes and constants folded."""

    proto: ModelProto
    notes: tuple[str, ...]
    """What was changed, for the reader."""


def prepare(source: ModelProto, *, activations: str = "round", pixels: Normalisation | None = None) -> Prepared:
    """Prepare a model for the compiler.

    Args:
        source: a FLOAT or QONNX model; it is left as it is.
        activations: what becomes of quantizers of activations, ``round`` or ``clip``.
        pixels: the normalisation to fold in, for an input of bytes; None leaves the input as it is.

    Raises:
        ModelError: by layer name, for what cannot run on a Myriad X.
    """
    import onnx

    from drawplate.ort import optimise, to_standard_onnx

    proto = onnx.ModelProto()
    proto.CopyFrom(source)
    fix_shapes(proto)
    notes = [*write_quantizers(proto, activations)]
    proto = to_standard_onnx(proto)
    check_domains(proto)
    standard, proto = proto, optimise(proto, exact=False)
    restore_names(proto, standard)
    check_domains(proto)
    check_input_is_read(proto)
    notes += fold_dense_norms(proto)
    notes += rewrite(proto)
    check_operators(proto, origins(proto, standard))
    notes += lower_opset(proto)
    spell_out(proto)
    _check_range(proto)
    if pixels is not None:
        notes.append(fold_normalisation(proto, pixels))
    _drop_unused(proto)
    return Prepared(proto=proto, notes=tuple(notes))


def _drop_unused(proto: ModelProto) -> None:
    """Leave out constants that nothing reads any more."""
    read = {name for node in proto.graph.node for name in node.input} | {value.name for value in proto.graph.output}
    for index in reversed(range(len(proto.graph.initializer))):
        if proto.graph.initializer[index].name not in read:
            del proto.graph.initializer[index]


def _check_range(proto: ModelProto) -> None:
    """Refuse weights that are no numbers, or infinite in FP16.

    Raises:
        ModelError: by layer name.
    """
    import numpy as np

    known = constants(proto)
    for node in proto.graph.node:
        for name in node.input:
            value = known.get(name)
            if value is None or value.dtype.kind != "f" or not value.size:
                continue
            if np.isnan(value).any():
                raise ModelError(
                    f"its constant {name!r} holds what is no number (NaN)",
                    where=layer(node),
                    hint="its training diverged: train it again, with a lower learning rate",
                )
            if np.abs(value).max() > LARGEST_HALF:
                raise ModelError(
                    f"its constant {name!r} reaches {np.abs(value).max():g}, beyond FP16",
                    where=layer(node),
                    allowed=f"up to {LARGEST_HALF:g}",
                    hint="scale the layer down, or clip its weights",
                )
