# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""An ONNX graph as a trainable module."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from drawplate.artifact import Artifact
from drawplate.data import Normalisation, normalisation_of
from drawplate.errors import ModelError, nearest
from drawplate.task.output import Output, output_of, scores_value
from drawplate.torch.graph import Call, compile_graph, take_constant
from drawplate.torch.handlers import Handlers
from drawplate.torch.ops import standard

if TYPE_CHECKING:
    from onnx import ModelProto


class OnnxModule(nn.Module):
    """A module whose parameters are the graph's floating-point initializers.

    Laws: ``OnnxModule(a).to_onnx() == a`` bit for bit, and outputs agree with ONNX Runtime's within 1e-5.
    Running statistics, zero points, bit widths and clip limits are buffers, not parameters.

    Args:
        source: an artifact or a model.  It has one input, whose first dimension is the batch.
        ops: handlers beyond the standard operators, as ``job.contributions("torch_ops")`` gives them; None for those of
            all installed plugins.

    Raises:
        ModelError: when nobody handles an operator; all that are missing are named.
    """

    def __init__(self, source: Artifact | ModelProto, ops: Handlers | None = None) -> None:
        super().__init__()
        self._proto = source.proto() if isinstance(source, Artifact) else _copy(source)
        if ops is None:
            from drawplate.plugins import contributions

            ops = contributions("torch_ops")
        self._program = compile_graph(self._proto, {**standard(), **ops})
        self._keys = {
            name: f"{number}_{name.replace('.', '_')}"
            for number, name in enumerate((*self._program.trained, *self._program.state))
        }
        self._register(_constants(self._proto))
        self._scores = scores_value(self._proto)
        self._stretches = self._compile()
        self._statistics = frozenset(slot for call in self._program.calls if not call.graded for slot in call.gives)

    def _register(self, constants: Mapping[str, Tensor]) -> None:
        for name in self._program.trained:
            self.register_parameter(self._keys[name], nn.Parameter(constants[name]))
        for name in self._program.state:
            self.register_buffer(self._keys[name], constants[name])
        for number, call in enumerate(self._program.calls):
            if isinstance(call.op.call, nn.Module):
                self.add_module(f"op{number}", call.op.call)

    def _compile(self) -> list[tuple[bool, list[tuple[Any, Call]]]]:
        """Return the calls in order, in stretches that all have a gradient or all have none."""
        # An nn.Module found by name, so that a deep copy of this module runs its own copies.
        calls = [
            (f"op{number}" if isinstance(call.op.call, nn.Module) else call.op.call, call)
            for number, call in enumerate(self._program.calls)
        ]
        return [(graded, list(some)) for graded, some in itertools.groupby(calls, key=lambda pair: pair[1].graded)]

    # running ------------------------------------------------------------------------------------------------------

    def forward(self, x: Tensor) -> Tensor:
        """Return the first output.

        Args:
            x: normalised images, shape (N, C, H, W).
        """
        return self._run(x, (), self._program.outputs[0])[0]

    def forward_with(self, x: Tensor, names: Iterable[str]) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the first output and values of the graph by name: how feature losses tap a model.

        Raises:
            ModelError: when there is no such value.
        """
        return self._run_with(x, tuple(names), self._program.outputs[0])

    def scores_with(self, x: Tensor, names: Iterable[str]) -> tuple[Tensor, dict[str, Tensor]]:
        """As :meth:`forward_with`, but with the scores that a Softmax or a Sigmoid at the end reads.

        A loss of classes works on them: it would flatten out on probabilities.
        """
        return self._run_with(x, tuple(names), self._scores)

    def _run_with(self, x: Tensor, names: tuple[str, ...], first: str) -> tuple[Tensor, dict[str, Tensor]]:
        for name in names:
            if name not in self._program.slots:
                raise ModelError(f"has no value {name!r}", meant=nearest(name, self._program.slots))
        found, *tapped = self._run(x, names, first)
        return found, dict(zip(names, tapped, strict=True))

    def _run(self, x: Tensor, names: tuple[str, ...], first: str) -> list[Tensor]:
        program, modules = self._program, self._modules
        values: list[Any] = [None] * (len(program.slots) + 1)  # slot -1, for inputs left out, stays None
        values[0] = x
        parameters, buffers, keys = self._parameters, self._buffers, self._keys
        slot = 1
        for name in program.trained:
            values[slot] = parameters[keys[name]]
            slot += 1
        for name in program.state:
            values[slot] = buffers[keys[name]]
            slot += 1
        keep = {program.slots[name] for name in (first, *names)}
        follow = not keep.isdisjoint(self._statistics)  # a tapped statistic may be asked for a gradient
        for graded, calls in self._stretches:
            with contextlib.nullcontext() if graded or follow else torch.no_grad():
                for made, call in calls:
                    try:
                        function = modules[made] if isinstance(made, str) else made
                        gives = call.gives
                        result = function(*[values[slot] for slot in call.takes])  # type: ignore[misc]
                        if len(gives) == 1 or not isinstance(result, tuple | list):
                            values[gives[0]] = result
                        else:
                            for given, value in zip(gives, result, strict=False):
                                values[given] = value
                    except (RuntimeError, IndexError, ValueError) as error:
                        error.add_note(f"layer {call.node.name!r}")
                        raise
                    values[-1] = None
                    for freed in call.frees:
                        if freed not in keep:
                            values[freed] = None
        return [values[program.slots[name]] for name in (first, *names)]

    def value_shapes(self, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Return the shape of every value of the graph for an input of a given shape, the batch included."""
        was_training = self.training
        self.eval()
        names = [name for call in self._program.calls for name in call.node.outputs if name]
        with torch.no_grad():
            device = next(iter(self.parameters()), torch.empty(0)).device
            _, values = self.forward_with(torch.zeros(shape, device=device), names)
        self.train(was_training)
        return {name: tuple(value.shape) for name, value in values.items()}

    @property
    def output(self) -> Output:
        """What the first output is."""
        return output_of(self._proto)

    def fed(self, otherwise: Normalisation) -> Normalisation:
        """How items become what the model is fed: what its metadata say, or else what is given."""
        return normalisation_of(self._proto) or otherwise

    # back to ONNX -------------------------------------------------------------------------------------------------

    def to_onnx(self) -> ModelProto:
        """Return the graph with the current parameters and state as its initializers; all else as it was."""
        proto = _copy(self._proto)
        for tensor in proto.graph.initializer:
            key = self._keys.get(tensor.name)
            if key is None:
                continue
            current = self._parameters.get(key, self._buffers.get(key))
            assert current is not None
            array = current.detach().cpu().contiguous().numpy()
            before = numpy_helper.to_array(tensor)
            # Untouched values keep their encoding (raw or typed field), so that a round trip is the identity.
            if not np.array_equal(array.view(np.uint8), before.view(np.uint8)) if array.ndim else array != before:
                tensor.CopyFrom(numpy_helper.from_array(array.astype(before.dtype), tensor.name))
        return proto

    @property
    def values(self) -> tuple[str, ...]:
        """Names of all values that can be tapped, in the order in which they are computed."""
        return tuple(self._program.slots)

    def parameter(self, name: str) -> nn.Parameter:
        """Return the parameter of an initializer.

        Raises:
            KeyError: when there is none of that name.
        """
        found = self._parameters[self._keys[name]]
        assert found is not None
        return found


def _copy(proto: ModelProto) -> ModelProto:
    copy = type(proto)()
    copy.CopyFrom(proto)
    return copy


def _constants(proto: ModelProto) -> dict[str, Tensor]:
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    for node in proto.graph.node:
        take_constant(node, arrays)
    return {name: torch.from_numpy(np.array(array)) for name, array in arrays.items() if array.dtype.kind in "fiub"}
