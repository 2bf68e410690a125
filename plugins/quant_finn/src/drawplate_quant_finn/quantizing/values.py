# SPDX-License-Identifier: Apache-2.0
"""What a float model computes on the way, the same on every processor.

In float32 the last bits of a sum depend on its order, which kernels choose by processor, and a scale that is found
from them would too.  Sums are made in double precision and rounded to float32 after: they differ only where a sum lies
within 1e-16 of the middle between two float32 numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto
    from torch import Tensor

    from drawplate.torch.handlers import Handler, Handlers, Node, Op

    Chunks = list[NDArray[np.float32]]

CHUNK = 64
"""Images at once."""


def run(model: ModelProto, images: NDArray[np.float32], names: list[str]) -> dict[str, NDArray[np.float32]]:
    """Run a float model and return the values asked for, by name.

    A model with an operator that the bridge to torch lacks is run by ONNX Runtime, in float32.

    Args:
        model: with a free batch, or one of a fixed number of images.
        images: normalised, float32 (n, ...).
        names: of values of the graph.
    """
    import numpy as np

    model = _up_to(model, names)
    taken = model.graph.input[0].type.tensor_type.shape.dim
    fixed = taken[0].dim_value if taken else 0
    used = len(images) - len(images) % fixed if fixed else len(images)
    step = fixed or CHUNK
    chunks = [images[start : start + step] for start in range(0, used, step)]
    try:
        parts = _in_double(model, chunks, names)
    except (ModelError, RuntimeError):  # an operator without a handler, or with one that keeps to float32
        parts = _in_single(model, chunks, names)
    return {name: np.concatenate(part) for name, part in zip(names, zip(*parts, strict=True), strict=True)}


def _up_to(model: ModelProto, names: list[str]) -> ModelProto:
    """Return a model without what these values do not depend on; its outputs are the values."""
    import onnx

    wanted, nodes = set(names), []
    for node in reversed(model.graph.node):
        if wanted & set(node.output):
            wanted |= set(node.input)
            nodes.append(node)
    found = onnx.ModelProto()
    found.CopyFrom(model)
    del found.graph.node[:], found.graph.output[:]
    found.graph.node.extend(reversed(nodes))
    known = {value.name: value for value in (*model.graph.output, *model.graph.value_info)}
    found.graph.output.extend(known.get(name, onnx.ValueInfoProto(name=name)) for name in names)
    unused = [tensor for tensor in found.graph.initializer if tensor.name not in wanted]
    for tensor in unused:
        found.graph.initializer.remove(tensor)
    return found


def run_normalised(
    model: ModelProto, images: NDArray[np.float32], names: list[str]
) -> dict[str, NDArray[np.float32]] | None:
    """Return the statistics of BatchNormalizations, each on what those before it give with theirs, in one run.

    None where that takes more than one run: for more images than go at once, or without a handler of an operator.

    Args:
        model: with a free batch, or one of a fixed number of images.
        images: normalised, float32 (n, ...).
        names: of the means of these BatchNormalizations.

    Returns:
        Means and variances by the names of their initializers.
    """
    taken = model.graph.input[0].type.tensor_type.shape.dim
    if len(images) > CHUNK or (taken and taken[0].dim_value not in {0, len(images)}):
        return None
    found: dict[str, NDArray[np.float32]] = {}
    try:
        _in_double(model, [images], [], {("", "BatchNormalization"): _normalising(frozenset(names), found)})
    except (ModelError, RuntimeError):
        return None
    return found


def _normalising(names: frozenset[str], found: dict[str, NDArray[np.float32]]) -> Handler:
    """Make a handler of BatchNormalization that finds its statistics where it is one of those asked for."""

    def handler(node: Node) -> Op:
        from torch import from_numpy
        from torch.nn.functional import batch_norm

        from drawplate.torch.handlers import Op

        epsilon = node.attribute("epsilon", 1e-5)

        def normalise(x: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
            if node.inputs[3] in names:
                statistics = statistics_of(x.numpy().astype("float32"))
                found.update(zip(node.inputs[3:5], statistics, strict=True))
                mean, variance = (from_numpy(value).double() for value in statistics)
            return batch_norm(x, mean, variance, scale, bias, eps=epsilon)

        return Op(normalise, buffers=(3, 4))

    return handler


def statistics_of(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and variance of every channel of (n, C, ...)."""
    import numpy as np

    axes = tuple(axis for axis in range(values.ndim) if axis != 1)
    mean, variance = values.mean(axis=axes, dtype=np.float64), values.var(axis=axes, dtype=np.float64)
    return np.asarray(mean, np.float32), np.asarray(variance, np.float32)


def _in_double(model: ModelProto, chunks: Chunks, names: list[str], ops: Handlers | None = None) -> list[Chunks]:
    import numpy as np
    import torch

    from drawplate.torch import OnnxModule
    from drawplate.torch.engine import check, repeatable

    check()
    module = OnnxModule(model, ops or {}).double().eval()
    parts = []
    with repeatable(), torch.no_grad():
        for chunk in chunks:
            _, found = module.forward_with(torch.from_numpy(chunk).double(), names)
            parts.append([found[name].numpy().astype(np.float32) for name in names])
    return parts


def _in_single(model: ModelProto, chunks: Chunks, names: list[str]) -> list[Chunks]:
    import onnx

    from drawplate.ort.session import open_session

    tapped = onnx.ModelProto()
    tapped.CopyFrom(model)
    given = {output.name for output in tapped.graph.output}
    tapped.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in given)
    session = open_session(tapped, threads=1, exact=True)
    taken = session.get_inputs()[0].name
    return [session.run(names, {taken: chunk}) for chunk in chunks]
