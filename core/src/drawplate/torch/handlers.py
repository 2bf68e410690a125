# SPDX-License-Identifier: Apache-2.0
"""How the bridge is taught an operator.

A handler is called once per node when a model is loaded.  It reads attributes and constants off the
:class:`Node` and returns an :class:`Op`, whose ``call`` is run at every forward pass with the node's input
tensors.  A third party teaches an operator with the ``torch_ops`` hook::

    def quant(node: Node) -> Op:
        narrow = bool(node.attribute("narrow", 0))

        def call(x, scale, zero_point, bits): ...

        return Op(call, buffers=(2, 3))  # the scale, input 1, is trained; zero point and bits are not

    @hookimpl
    def torch_ops():
        return {("qonnx.custom_op.general", "Quant"): quant}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen
from numpy.typing import NDArray

from drawplate.errors import ModelError


@frozen(kw_only=True)
class Node:
    """One node of a graph, as a handler sees it."""

    name: str
    """The node's name, or its first output's where it has none."""
    op_type: str
    opset: int
    """Version of the operator set of the node's domain."""
    inputs: tuple[str, ...]
    """Value names; empty for an optional input left out."""
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    """By name: numbers, strings (str), lists of them, or NumPy arrays for tensors."""
    constants: Mapping[str, NDArray[Any]]
    """The graph's initializers and ``Constant`` nodes by value name."""
    batch: int | None = None
    """Images per call that the graph's input is fixed to; training goes on with any number of them."""

    def attribute(self, name: str, default: Any) -> Any:
        """Return an attribute."""
        return self.attributes.get(name, default)

    def has(self, index: int) -> bool:
        """Whether an optional input is given."""
        return index < len(self.inputs) and bool(self.inputs[index])

    def constant(self, index: int) -> NDArray[Any] | None:
        """Return the value of an input that is an initializer or a ``Constant``; None for any other."""
        return self.constants.get(self.inputs[index]) if self.has(index) else None

    def required(self, index: int, what: str) -> NDArray[Any]:
        """Return the value of an input that has to be constant.

        Raises:
            ModelError: when it is computed by the graph.
        """
        value = self.constant(index)
        if value is None:
            raise self.error(f"{what} is not constant")
        return value

    def error(self, what: str) -> ModelError:
        """Make an error that names this node."""
        return ModelError(what, where=f"layer {self.name!r} ({self.op_type})")


@frozen
class Op:
    """What a handler returns."""

    call: Callable[..., Any]
    """Called with the node's input tensors (None for one left out), the static ones excepted; returns a tensor, or a
    tuple of one per output.  An ``nn.Module`` becomes a submodule: it may own parameters and sees train()
    and eval()."""
    buffers: tuple[int, ...] = ()
    """Inputs that are state and not trained, although they are floating-point initializers."""
    static: tuple[int, ...] = ()
    """Inputs that the handler has read at load, and ``call`` does not get."""
    formula: tuple[int, ...] = ()
    """Inputs that are part of a formula, as an exponent is: not trained, wherever else the initializer is read."""
    detached: tuple[int, ...] = ()
    """Inputs through which no gradient passes: what only they need is computed without a graph for one."""


Handler = Callable[[Node], Op]
Handlers = Mapping[tuple[str, str], Handler]
"""By domain (``""`` for the standard one) and operator type."""
