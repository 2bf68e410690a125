# SPDX-License-Identifier: Apache-2.0
"""FINN's composed transformations and folding of constants, without the tidying up that has nothing to tidy.

FINN copies the model, and names, sorts and infers everything anew, after every member of a composition, although most
find nothing to do; and infers all shapes anew after every constant.  The models that come out are the same, byte for
byte; a ResNet-8x4 is lowered in a quarter of the time.
"""
# ruff: noqa: TID253 - runs only in the tool environment

from __future__ import annotations

from collections import Counter

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_node
from qonnx.transformation.base import Transformation
from qonnx.transformation.composed import ComposedTransformation
from qonnx.transformation.general import GiveReadableTensorNames, GiveUniqueNodeNames
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.infer_shapes import InferShapes
from qonnx.transformation.remove import RemoveIdentityOps

QUANTIZERS = ("Quant", "BipolarQuant")
CIRCLES = 4
"""How often the same operators in the same order show that passes undo each other: each pass has changed something."""


class NeverEnds(Exception):
    """Some of FINN's transformations undo each other, as they do around averages that no Trunc follows."""


class Sparing(Transformation):  # type: ignore[misc]
    """Applies the members of a composition as FINN does, and tidies up after those that changed something.

    Raises:
        NeverEnds: when the graph comes back to what it was.
    """

    def __init__(self, composed: ComposedTransformation) -> None:
        super().__init__()
        self.members = [
            Sparing(member) if isinstance(member, ComposedTransformation) else member
            for member in composed.transformations
        ]
        self.seen: Counter[tuple[str, ...]] = Counter()

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        """Apply every member until it finds nothing to do."""
        active: list[str] = []
        for member in self.members:
            model, changed = _exhausted(model, member)
            if changed and not isinstance(member, Sparing):
                model = tidied(model)
            active += [type(member).__name__] * changed
        if active:
            self._note(model, active)
        return model, bool(active)

    def _note(self, model: ModelWrapper, active: list[str]) -> None:
        operators = tuple(node.op_type for node in model.graph.node)
        self.seen[operators] += 1
        if self.seen[operators] == CIRCLES:
            raise NeverEnds(f"its transformations undo each other without end ({', '.join(active)})")


def tidied(model: ModelWrapper) -> ModelWrapper:
    """Do what FINN does after every member."""
    model.cleanup()
    steps = (RemoveIdentityOps(), GiveUniqueNodeNames(), GiveReadableTensorNames(), InferShapes(), InferDataTypes())
    for step in steps:
        model = model.transform(step, make_deepcopy=False)
    return model


def _exhausted(model: ModelWrapper, member: Transformation) -> tuple[ModelWrapper, bool]:
    modified, again = False, True
    while again:
        model, again = member.apply(model)
        modified = modified or again
    return model, modified


class FoldConstants(Transformation):  # type: ignore[misc]
    """Replace what only constants go into by its value: qonnx's, which infers all shapes anew after every node."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        """Fold everything in one pass, quantizers excepted."""
        opset = model.model.opset_import[0].version
        known = {tensor.name for tensor in model.graph.initializer}
        folded = []
        context = model.make_empty_exec_context()
        for node in model.graph.node:
            if node.op_type in QUANTIZERS or not known.issuperset(node.input):
                continue
            for name in node.input:  # where it is missing, it is noted
                model.get_tensor_shape(name, fix_missing_init_shape=True)
            execute_node(node, context, model.graph, opset_version=opset)
            model.set_initializer(node.output[0], context[node.output[0]])
            known.add(node.output[0])
            folded.append(node)
        for node in folded:
            model.graph.node.remove(node)
        return model.transform(InferShapes()) if folded else model, False
