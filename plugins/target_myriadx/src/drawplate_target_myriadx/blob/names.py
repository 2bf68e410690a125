# SPDX-License-Identifier: Apache-2.0
"""Names of stages and element types (OpenVINO 2021.4, ``vpu/model/stage.hpp`` and ``vpu/model/data_desc.hpp``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NCE: Final = 38
"""Type of the stages that the neural compute engine runs."""

_TABLE: Final = """
0 Conv, 1 MaxPool, 2 AvgPool, 3 SoftMax, 4 FC, 5 None, 6 Relu, 8 DepthConv, 9 Bias, 10 PRelu, 11 LRN, 12 Sum,
13 Prod, 14 Max, 15 Scale, 18 InnerLRN, 19 Copy, 20 Sigmoid, 21 Tanh, 22 Deconvolution, 23 Elu, 26 Power, 28 Tile,
29 RegionYolo, 30 ReorgYolo, 34 Permute, 35 Normalize, 37 DetectionOutput, 38 NCE, 43 CTCDecoder, 44 LeakyRelu,
45 BiasRelu, 46 BiasLeakyRelu, 47 ScaleShift, 49 Im2ColConvolution, 56 HwFcRelayout, 57 Clamp, 58 RefConvolution,
60 GlobalMaxPool, 61 GRN, 62 MVN, 63 DepthDeconv, 64 Proposal, 65 ROIPooling, 66 PSROIPooling, 67 Interp, 69 MTCNN,
70 LSTMCell, 71 Pad, 72 Resample, 73 Upsampling, 75 Div, 76 Min, 77 SquaredDiff, 78 Equal, 79 NotEqual, 80 Greater,
81 GreaterEqual, 82 Less, 83 LessEqual, 84 LogicalNot, 85 LogicalAnd, 86 LogicalOr, 87 LogicalXor, 88 Pow,
89 FloorMod, 90 Select, 91 GEMM, 92 Log, 93 ReduceAnd, 94 ReverseSequence, 100 Gather, 101 Exp, 102 Floor,
103 ScatterUpdate, 104 TopK, 105 ReduceMin, 108 ROIFeatureExtractor, 109 SCRelu, 110 Erf, 111 Convert,
112 ReduceMax, 113 ReduceSum, 114 ReduceMean, 115 Custom, 116 ConvND, 117 OneHot, 118 PoolND, 119 LoopStart,
120 LoopEnd, 122 NonZero, 123 ROIAlign, 126 ScatterElementsUpdate, 127 OutShapeOfReshape, 128 Concat, 129 Broadcast,
130 StaticShapeNMS, 131 Mish, 132 Gelu, 133 StridedSlice, 134 SoftPlus, 135 Swish, 136 GatherND, 137 HSwish,
138 Ceiling, 140 Round
"""


def _read(table: str) -> dict[int, str]:
    pairs = (entry.split() for entry in table.replace("\n", " ").split(","))
    return {int(number): name for number, name in pairs}


STAGES: Final[Mapping[int, str]] = _read(_TABLE)
DTYPES: Final[Mapping[int, tuple[str, int]]] = {
    0: ("fp16", 2),
    1: ("u8", 1),
    2: ("s32", 4),
    3: ("fp32", 4),
    4: ("i8", 1),
}
DIMENSIONS: Final = "WHCND56789"
"""Names of dimensions by number less one; those beyond depth have none."""


def stage_name(number: int) -> str:
    """Name of a stage type; its number where it has none here."""
    return STAGES.get(number, f"type {number}")
