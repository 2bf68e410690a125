# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Model files as other tools write them: torch's two exporters, Brevitas, onnxruntime's quantizer, scikit-learn."""

from __future__ import annotations

import io
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from attrs import frozen
from tests.corpus.nets import CLASSES, GREY, NETS, ROW, Net
from torch import nn


@frozen
class Source:
    """How a file is made, what its data are, and what they are for; an empty task means that no data fit."""

    make: Callable[[], onnx.ModelProto]
    data: tuple[int, ...]
    task: str = "classification"
    training: bool = False
    """Whether the file computes as in training, so that it gives something else than it should."""


def torchscript(net: Net, opset: int = 13, *, free: bool = True, **more: Any) -> onnx.ModelProto:
    """Export with torch's older exporter."""
    return _export(net, opset, free=free, dynamo=False, **more)


def dynamo(net: Net, opset: int = 18, *, free: bool = True) -> onnx.ModelProto:
    """Export with torch's newer exporter."""
    return _export(net, opset, free=free, dynamo=True)


def _export(
    net: Net, opset: int, *, free: bool, dynamo: bool, train: bool = False, fold: bool = True
) -> onnx.ModelProto:
    torch.manual_seed(0)
    module = net.make()
    _settle(module)
    module.train(train)
    image = torch.rand(2 if free else 1, *net.shape)
    names = {"input_names": ["x"], "output_names": ["y"]} if not dynamo else {}
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        if dynamo:
            shapes = ({0: torch.export.Dim("batch")},) if free else None
            if not isinstance(module, nn.Sequential) and free:
                shapes = ({0: torch.export.Dim("batch")},) if _plain(module) else (({0: torch.export.Dim("batch")},),)
            path = Path(folder) / "model.onnx"
            torch.onnx.export(
                module,
                (image,),
                path,
                opset_version=opset,
                dynamo=True,
                dynamic_shapes=shapes,
                verbose=False,
                external_data=False,
            )
            return onnx.load(path)
        buffer = io.BytesIO()
        mode = torch.onnx.TrainingMode.PRESERVE if train else torch.onnx.TrainingMode.EVAL
        axes = {"dynamic_axes": {"x": {0: "batch"}}} if free else {}
        torch.onnx.export(
            module,
            (image,),
            buffer,
            opset_version=opset,
            dynamo=False,
            training=mode,
            do_constant_folding=fold,
            **names,
            **axes,
        )
        return onnx.load_from_string(buffer.getvalue())


def _plain(module: nn.Module) -> bool:
    return "given" not in module.forward.__code__.co_varnames


def _settle(module: nn.Module) -> None:
    """Give BatchNormalization statistics as of a trained network."""
    for layer in module.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias, std=0.2)
            layer.running_mean.normal_(std=0.2)
            layer.running_var.uniform_(0.5, 1.5)


def brevitas(kind: str, *, dynamo: bool, flavour: str) -> onnx.ModelProto:
    """Export a quantized network as QONNX or QCDQ."""
    import brevitas.nn as qnn
    from brevitas.export import export_onnx_qcdq, export_qonnx

    torch.manual_seed(0)
    layers: list[nn.Module] = [qnn.QuantIdentity(bit_width=8, return_quant_tensor=False)]
    if kind == "mlp":
        layers += [nn.Flatten(), qnn.QuantLinear(256, 16, bias=True, weight_bit_width=4), nn.BatchNorm1d(16)]
        layers += [qnn.QuantReLU(bit_width=4), qnn.QuantLinear(16, CLASSES, bias=True, weight_bit_width=4)]
    else:
        layers += [
            qnn.QuantConv2d(1, 4, 3, bias=False, weight_bit_width=4),
            nn.BatchNorm2d(4),
            qnn.QuantReLU(bit_width=4),
        ]
        layers += [nn.MaxPool2d(2), nn.Flatten(), qnn.QuantLinear(196, CLASSES, bias=True, weight_bit_width=4)]
    module = nn.Sequential(*layers)
    _settle(module)
    with torch.no_grad():
        module(torch.rand(8, *GREY))
    module.eval()
    export = export_qonnx if flavour == "qonnx" else export_onnx_qcdq
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        path = Path(folder) / "model.onnx"
        export(module, torch.rand(1, *GREY), str(path), dynamo=dynamo)
        return onnx.load(path)


def quantized(net: Net, **options: Any) -> onnx.ModelProto:
    """Quantize with onnxruntime's static quantizer."""
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            random = np.random.default_rng(0)
            self.left = iter([{"x": random.random((1, *net.shape), dtype=np.float32)} for _ in range(4)])

        def get_next(self) -> Any:
            return next(self.left, None)

    types = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8} | options
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.onnx", Path(folder) / "made.onnx"
        onnx.save(torchscript(net, 13), given)
        quantize_static(str(given), str(made), Reader(), **types)
        return onnx.load(made)


def sklearn(make: Callable[[], Any], *, zipmap: bool = False, target: int | None = None) -> onnx.ModelProto:
    """Convert a fitted estimator."""
    from skl2onnx import to_onnx

    random = np.random.default_rng(0)
    x = random.random((64, 16), dtype=np.float32)
    y = x.sum(1) if target == 0 else random.integers(0, CLASSES, 64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make().fit(x, y)
    options = None if target == 0 else {id(model): {"zipmap": zipmap}}
    converted: onnx.ModelProto = to_onnx(model, x[:1], options=options, target_opset=17)
    return converted


def as_type(proto: onnx.ModelProto, kind: str) -> onnx.ModelProto:
    """Turn a float32 model into another floating-point type."""
    if kind == "float16":
        from onnxruntime.transformers.float16 import convert_float_to_float16

        halved: onnx.ModelProto = convert_float_to_float16(proto, keep_io_types=False)
        return halved
    from onnx import TensorProto, numpy_helper

    for tensor in proto.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.elem_type = TensorProto.DOUBLE
    del proto.graph.value_info[:]
    return proto


def of_bytes(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Let a model take bytes, and scale them itself."""
    from onnx import TensorProto, helper

    name = proto.graph.input[0].name
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    scale = helper.make_node("Constant", [], ["x.scale"], value_float=255.0)
    cast = helper.make_node("Cast", [name], ["x.float"], to=TensorProto.FLOAT)
    divide = helper.make_node("Div", ["x.float", "x.scale"], ["x.unit"])
    for node in proto.graph.node:
        for index, taken in enumerate(node.input):
            if taken == name:
                node.input[index] = "x.unit"
    for node in (divide, cast, scale):
        proto.graph.node.insert(0, node)
    return proto


def untidy(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Take away names, order and shapes."""
    for node in proto.graph.node:
        node.name = "same"
    nodes = list(proto.graph.node)[::-1]
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del proto.graph.node[:]
    proto.graph.node.extend(copies)
    proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = -1
    del proto.graph.value_info[:]
    return proto


def _torch(name: str, how: Callable[..., onnx.ModelProto], **options: Any) -> Source:
    net = NETS[name]
    return Source(lambda: how(net, **options), net.data or net.shape, net.task, bool(options.get("train")))


def sources() -> Mapping[str, Source]:
    """Every file of the corpus, by name."""
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    found: dict[str, Source] = {}
    for name in NETS:
        opset = 14 if name == "vit-mean-sdpa" else 13
        found[f"{name} (TorchScript)"] = _torch(name, torchscript, opset=opset)
        found[f"{name} (dynamo)"] = _torch(name, dynamo)
    for opset in (9, 10, 11, 12, 15, 16, 17):
        found[f"cnn-view, opset {opset}"] = _torch("cnn-view", torchscript, opset=opset)
    for opset in (19, 20, 21, 22):
        found[f"cnn, opset {opset}"] = _torch("cnn", dynamo, opset=opset)
    found["mobilenetv3, opset 9"] = _torch("mobilenetv3", torchscript, opset=10)
    found["softmax, opset 11"] = _torch("softmax", torchscript, opset=11)
    found["resize-bilinear, opset 11"] = _torch("resize-bilinear", torchscript, opset=11)
    found["cnn in training mode"] = _torch("cnn", torchscript, opset=15, train=True, fold=False)
    found["row in training mode"] = _torch("row-regression", torchscript, train=True, fold=False)
    found["vit, one image"] = _torch("vit-token", dynamo, free=False)
    found["shufflenet unfolded"] = _torch("shufflenet", torchscript, fold=False)
    for kind in ("mlp", "cnn"):
        for flavour in ("qonnx", "qcdq"):
            for new in (False, True):
                how = "dynamo" if new else "TorchScript"
                found[f"brevitas {kind}, {flavour} ({how})"] = Source(
                    lambda kind=kind, new=new, flavour=flavour: brevitas(kind, dynamo=new, flavour=flavour), GREY
                )
    from onnxruntime.quantization import QuantFormat, QuantType

    signed = {"activation_type": QuantType.QInt8}
    found["quantize_static"] = _torch("cnn", quantized)
    found["quantize_static, per channel"] = _torch("resnet", quantized, per_channel=True)
    found["quantize_static, signed"] = _torch("cnn", quantized, **signed)
    found["quantize_static, symmetric"] = _torch(
        "mlp", quantized, **signed, extra_options={"ActivationSymmetric": True}
    )
    found["quantize_static, QOperator"] = _torch("cnn", quantized, quant_format=QuantFormat.QOperator)
    mlp = {"hidden_layer_sizes": (12,), "max_iter": 30}
    found["sklearn MLPClassifier"] = Source(lambda: sklearn(lambda: MLPClassifier(**mlp)), ROW)
    found["sklearn MLPClassifier, ZipMap"] = Source(lambda: sklearn(lambda: MLPClassifier(**mlp), zipmap=True), ROW)
    found["sklearn pipeline"] = Source(
        lambda: sklearn(lambda: make_pipeline(StandardScaler(), MLPClassifier(**mlp))), ROW
    )
    found["sklearn LogisticRegression"] = Source(lambda: sklearn(LogisticRegression), ROW)
    found["sklearn MLPRegressor"] = Source(lambda: sklearn(lambda: MLPRegressor(**mlp), target=0), ROW, "regression")
    found["sklearn LinearRegression"] = Source(lambda: sklearn(LinearRegression, target=0), ROW, "regression")
    found["sklearn DecisionTree"] = Source(lambda: sklearn(lambda: DecisionTreeClassifier(max_depth=3)), ROW)
    cnn_, resnet_ = NETS["cnn"], NETS["resnet"]
    found["cnn in FP16"] = Source(lambda: as_type(torchscript(cnn_), "float16"), cnn_.shape)
    found["resnet in FP16"] = Source(lambda: as_type(torchscript(resnet_), "float16"), resnet_.shape)
    found["mlp in double"] = Source(lambda: as_type(torchscript(NETS["mlp"]), "double"), NETS["mlp"].shape)
    found["cnn of bytes"] = Source(lambda: of_bytes(torchscript(cnn_)), cnn_.shape)
    found["cnn, untidy"] = Source(lambda: untidy(torchscript(cnn_)), cnn_.shape)
    return found
