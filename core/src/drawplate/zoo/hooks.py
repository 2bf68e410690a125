# SPDX-License-Identifier: Apache-2.0
"""The architectures that come with drawplate."""

from __future__ import annotations

from collections.abc import Mapping

from drawplate.hookspecs import hookimpl
from drawplate.zoo import cnv, dscnn, flexstudent, kws, mlp, mobilenetv1, mobilenetv2, resnet
from drawplate.zoo.architecture import Architecture
from drawplate.zoo.spaces import search_spaces

__all__ = ["architectures", "search_spaces"]


@hookimpl
def architectures() -> Mapping[str, Architecture]:
    """Return the builders by name."""
    return {
        "mlp": Architecture(summary="multilayer perceptron", options=mlp.MlpOptions, build=mlp.build),
        "flexstudent": Architecture(
            summary="the paper's student: layers, channels and neurons are free",
            options=flexstudent.FlexStudentOptions,
            build=flexstudent.build,
        ),
        "resnet8x4": Architecture(summary="CIFAR ResNet-8, 4x wide", options=resnet.ResNetOptions, build=resnet.build),
        "resnet32x4": Architecture(
            summary="CIFAR ResNet-32, 4x wide", options=resnet.ResNet32x4Options, build=resnet.build
        ),
        "resnet20": Architecture(summary="CIFAR ResNet-20", options=resnet.ResNet20Options, build=resnet.build),
        "resnet56": Architecture(summary="CIFAR ResNet-56", options=resnet.ResNet56Options, build=resnet.build),
        "resnet8": Architecture(
            summary="ResNet-8 of MLPerf Tiny for CIFAR-10", options=resnet.ResNet8Options, build=resnet.build
        ),
        "dscnn": Architecture(
            summary="DS-CNN of MLPerf Tiny for keywords in MFCC", options=dscnn.DsCnnOptions, build=dscnn.build
        ),
        "mobilenetv1": Architecture(
            summary="MobileNetV1 0.25 of MLPerf Tiny for 96x96 images",
            options=mobilenetv1.MobileNetV1Options,
            build=mobilenetv1.build,
        ),
        "autoencoder": Architecture(
            summary="autoencoder of MLPerf Tiny, 640-128x4-8-128x4-640",
            options=mlp.AutoencoderOptions,
            build=mlp.build,
        ),
        "mobilenetv2": Architecture(
            summary="MobileNetV2 for 32x32 images", options=mobilenetv2.MobileNetV2Options, build=mobilenetv2.build
        ),
        "kws": Architecture(summary="keywords in MFCC, plain convolutions", options=kws.KwsOptions, build=kws.build),
        "cnv": Architecture(summary="FINN's CNV", options=cnv.CnvOptions, build=cnv.build),
    }
