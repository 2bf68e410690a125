# SPDX-License-Identifier: Apache-2.0
"""Search spaces of the zoo's students: the four genes of the paper's FlexStudent, and the widths of a ResNet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.artifact import Artifact
from drawplate.errors import ModelError
from drawplate.hookspecs import hookimpl
from drawplate.search import Expression, Gene, Genome, Integer, SearchSpace
from drawplate.zoo.architecture import Shape

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

    from drawplate.job import Job


@hookimpl
def search_spaces() -> Mapping[str, SearchSpace]:
    """Return the spaces by name."""
    from drawplate.prune.space import open_channels

    return {
        "channels": SearchSpace(summary="channels of every layer of any model, cut by importance", open=open_channels),
        "flexstudent": SearchSpace(
            summary="layers, channels and neurons of a FlexStudent (the paper's four genes)", open=open_flexstudent
        ),
        "resnet8x4": SearchSpace(summary="channels of a CIFAR ResNet's stem and stages", open=open_resnet),
    }


@frozen(kw_only=True)
class ArchitectureSpace:
    """A :class:`~drawplate.search.Space` whose genomes are options of an architecture."""

    genes: Mapping[str, Gene]
    baseline: Genome
    silent: Callable[[Genome], tuple[str, ...]]
    """Genes that have no effect in a genome."""
    write: Callable[[Genome, Shape, int, int], ModelProto]
    """Write the model: genome, shape of the images, classes, seed."""

    def repair(self, genome: Genome) -> Genome:
        """Set genes without effect to the baseline's values."""
        return {**genome, **{name: self.baseline[name] for name in self.silent(genome)}}

    def express(self, genome: Genome, model: Artifact, job: Job) -> Expression:
        """Write the genome's model, fed as the one that the search starts from."""
        shape = tuple(int(size) for size in model.inputs[0].shape[1:])
        proto = self.write(genome, shape, int(model.outputs[0].shape[-1]), job.seed)
        del proto.metadata_props[:]
        proto.metadata_props.extend(model.proto().metadata_props)
        return Expression(model=job.save(proto, parents=[model]))


def open_flexstudent(model: Artifact, _job: Job) -> ArchitectureSpace:
    """Read the genome off a FlexStudent.

    Raises:
        ModelError: when the model is none.
    """
    from drawplate.zoo import flexstudent

    layers = _weights(model)
    convs = [shape for name, shape in layers.items() if name.startswith("conv")]
    linears = [shape for name, shape in layers.items() if name.startswith("fc")]
    if not convs or "head" not in layers or len(convs) + len(linears) + 1 != len(layers):
        raise ModelError("is no FlexStudent", where="space 'flexstudent'", hint='write [model] zoo = "flexstudent"')
    neurons = linears[0][0] if linears else 128
    baseline = {
        "conv_layers": len(convs),
        "fc_layers": len(linears) + 1,
        "channels": convs[0][0],
        "neurons": neurons,
    }
    deepest = min(int(size) for size in model.inputs[0].shape[2:]).bit_length() - 1
    genes: dict[str, Gene] = {
        "conv_layers": Integer(1, max(deepest, len(convs))),
        "fc_layers": Integer(1, max(3, len(linears) + 1)),
        "channels": _around(convs[0][0]),
        "neurons": _around(neurons),
    }

    def write(genome: Genome, shape: Shape, classes: int, seed: int) -> ModelProto:
        options = flexstudent.FlexStudentOptions(**{**genome, "channels": (genome["channels"],)})
        return flexstudent.build(options, shape=shape, classes=classes, seed=seed)

    return ArchitectureSpace(
        genes=genes,
        baseline=baseline,
        silent=lambda genome: ("neurons",) if genome["fc_layers"] == 1 else (),
        write=write,
    )


def open_resnet(model: Artifact, _job: Job) -> ArchitectureSpace:
    """Read the widths off a CIFAR ResNet.

    Raises:
        ModelError: when the model is none.
    """
    from drawplate.zoo import resnet

    layers = _weights(model)
    stages = [name for name in layers if name.endswith(".block0.conv1")]
    blocks = sum(name.startswith("stage1.") and name.endswith(".conv1") for name in layers)
    if "stem" not in layers or not stages:
        raise ModelError("is no CIFAR ResNet", where="space 'resnet8x4'", hint='write [model] zoo = "resnet8x4"')
    widths = {name.partition(".")[0]: layers[name][0] for name in ("stem", *stages)}

    def write(genome: Genome, shape: Shape, classes: int, seed: int) -> ModelProto:
        channels = tuple(genome[name] for name in widths)
        return resnet.build(
            resnet.ResNetOptions(blocks=blocks, channels=channels), shape=shape, classes=classes, seed=seed
        )

    return ArchitectureSpace(
        genes={name: _around(width) for name, width in widths.items()},
        baseline=widths,
        silent=lambda _genome: (),
        write=write,
    )


def _around(width: int) -> Integer:
    """From an eighth of a width to twice as much, so that the width itself is legal."""
    step = max(1, width // 8)
    low = width % step or step
    return Integer(low, 2 * width - (2 * width - low) % step, step)


def _weights(model: Artifact) -> dict[str, tuple[int, ...]]:
    """Shapes of the weights by layer name, output channels first."""
    graph: Any = model.proto().graph
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    nodes: list[NodeProto] = [node for node in graph.node if node.op_type in ("Conv", "Gemm", "MatMul")]
    return {node.name: shapes[node.input[1]] for node in nodes if node.input[1] in shapes}
