# SPDX-License-Identifier: Apache-2.0
"""Two hundred damaged or hostile model files, the same every time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import onnx
from onnx import TensorProto

QUANTIZED = """
<ir_version: 8, opset_import: ["" : 13, "qonnx.custom_op.general" : 1]>
quantized (float[N,4] input) => (float[N,3] logits)
<float[4,3] weight = {0.5, 1, 2, -1, -2, 0, 1, 1, 1, 0.25, 0.5, 3}, float step = {0.125}, float zero = {0},
 float bits = {3}>
{
    [codes] q = qonnx.custom_op.general.Quant<signed = 1, narrow = 1, rounding_mode = "ROUND">(weight, step, zero, bits)
    [head] logits = MatMul(input, q)
}
"""


def originals() -> list[onnx.ModelProto]:
    from drawplate.zoo import build_model

    small = {"mlp": {"hidden": [8]}, "flexstudent": {"channels": [4], "neurons": 8}, "resnet20": {"channels": [2] * 4}}
    built = [build_model(name, options, shape=(1, 8, 8), classes=10, seed=1) for name, options in small.items()]
    return [*built, onnx.parser.parse_model(QUANTIZED)]


def write_mutants(folder: Path, each: int = 40) -> list[Path]:
    """Write ``each`` files of every kind, and what they point at."""
    (folder / "models").mkdir()
    (folder / "secret.bin").write_bytes(bytes(range(256)) * 64)
    sources = originals()
    return [
        _written(folder / "models", f"{kind.__name__[1:]}-{number:02}", kind, sources[number % len(sources)])
        for kind in KINDS
        for number in range(each)
    ]


def _written(folder: Path, name: str, kind: Callable, source: onnx.ModelProto) -> Path:
    model = onnx.ModelProto()
    model.CopyFrom(source)
    changed = kind(model, random.Random(name), folder)
    path = folder / f"{name}.onnx"
    path.write_bytes(changed if isinstance(changed, bytes) else changed.SerializeToString())
    return path


def _truncated(model, rng, folder) -> bytes:
    data = model.SerializeToString()
    return data[: rng.randrange(len(data))]


def _flipped(model, rng, folder) -> bytes:
    data = bytearray(model.SerializeToString())
    for _ in range(rng.choice([1, 2, 5, 20])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def _huge(model, rng, folder) -> onnx.ModelProto:
    size = rng.choice([2**31, 2**40, 2**62, -1, -(2**63), 10**9])
    tensor = rng.choice(list(model.graph.initializer))
    how = rng.randrange(4)
    if how == 0:
        tensor.dims[:] = [size]
    elif how == 1:
        tensor.dims[:] = [2**16] * rng.randrange(2, 6)
    elif how == 2:
        model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = size
    else:  # a shape that no bytes stand behind
        tensor.CopyFrom(TensorProto(name=tensor.name, data_type=TensorProto.FLOAT, dims=[2**15, 2**15]))
    return model


def _outside(model, rng, folder) -> onnx.ModelProto:
    tensor = rng.choice(list(model.graph.initializer))
    places = ["../secret.bin", str(folder.parent / "secret.bin"), "/etc/passwd", "a/../../secret.bin", "link.bin", "."]
    link = folder / "link.bin"
    if not link.is_symlink():
        link.symlink_to(folder.parent / "secret.bin")
    tensor.ClearField("raw_data")
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=rng.choice(places))
    if rng.random() < 0.5:
        tensor.external_data.add(key="length", value=rng.choice(["64", "-5", "1e9", "99999999999999"]))
    return model


def _types(model, rng, folder) -> onnx.ModelProto:
    tensor = rng.choice(list(model.graph.initializer))
    how = rng.randrange(5)
    if how == 0:
        tensor.data_type = rng.choice([0, 2, 7, 8, 9, 11, 21, 22, 99, 2**30])
    elif how == 1:
        model.graph.input[0].type.tensor_type.elem_type = rng.choice([0, 99, 2**30])
    elif how == 2:
        model.graph.input[0].type.sequence_type.elem_type.tensor_type.elem_type = 1
    elif how == 3:
        model.graph.node[rng.randrange(len(model.graph.node))].op_type = rng.choice(["", "Nonsense", "Conv", "\x00"])
    else:
        model.graph.node[0].input[0] = rng.choice(["nowhere", "", "logits"])
    return model


KINDS = (_truncated, _flipped, _huge, _outside, _types)


def verdicts(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Read every file: ``fine``, ``refused``, or what else happened."""
    from drawplate.errors import ModelError
    from drawplate.model_file import detect_form, read_model, tensor_specs, write_bytes

    for path in paths:
        try:
            model = read_model(path)
            detect_form(model)
            tensor_specs(model)
            write_bytes(model)
        except ModelError as error:
            yield path.stem, "refused" if path.name in error.message else f"does not name the file: {error}"
        except BaseException as error:  # noqa: BLE001 - that is the question
            yield path.stem, f"{type(error).__name__}: {error}"
        else:
            yield path.stem, "fine"
