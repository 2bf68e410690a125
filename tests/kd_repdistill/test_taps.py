# SPDX-License-Identifier: Apache-2.0
"""Choosing taps by resolution stage, and pairing the stages of two networks."""

from __future__ import annotations

import onnx
import pytest

from drawplate.errors import ModelError
from drawplate_kd_repdistill.method import Need
from drawplate_kd_repdistill.methods import own_methods
from drawplate_kd_repdistill.mixture import Wanted, read_mixture
from drawplate_kd_repdistill.pairing import Overrides, check_pairing, pair
from drawplate_kd_repdistill.taps import find_taps

POOLED = """
<ir_version: 8, opset_import: ["" : 13]>
pooled (float[N, 1, 16, 16] input, float[4, 1, 3, 3] w0, float[6, 4, 3, 3] w1, float[10, 96] w2, float[10] b2)
=> (float[N, 10] logits)
{
  c0 = Conv <pads = [1, 1, 1, 1]> (input, w0)
  p0 = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (c0)
  r0 = Relu (p0)
  c1 = Conv <pads = [1, 1, 1, 1]> (r0, w1)
  p1 = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (c1)
  r1 = Relu (p1)
  flat = Flatten (r1)
  cut = Gemm <transB = 1> (flat, w2, b2)
  logits = Identity (cut)
}
"""
"""Pools before its activations, as FlexStudent does.  (Its Gemm expects 96 of 6 * 4 * 4 features.)"""

STRIDED = """
<ir_version: 8, opset_import: ["" : 13]>
strided (float[N, 1, 16, 16] input, float[8, 1, 3, 3] w0, float[8, 8, 3, 3] w1,
  float[8, 8, 3, 3] w2, float[8, 8, 3, 3] w3, float[10, 8] w4, float[10] b4)
=> (float[N, 10] logits)
{
  c0 = Conv <pads = [1, 1, 1, 1]> (input, w0)
  r0 = Relu (c0)
  c1 = Conv <pads = [1, 1, 1, 1]> (r0, w1)
  a1 = Add (c1, r0)
  r1 = Relu (a1)
  c2 = Conv <pads = [1, 1, 1, 1], strides = [2, 2]> (r1, w2)
  r2 = Relu (c2)
  c3 = Conv <pads = [1, 1, 1, 1], strides = [2, 2]> (r2, w3)
  r3 = Relu (c3)
  mean = GlobalAveragePool (r3)
  flat = Flatten (mean)
  logits = Gemm <transB = 1> (flat, w4, b4)
}
"""

QUANTIZED = """
<ir_version: 8, opset_import: ["" : 13, "qonnx.custom_op.general" : 1]>
quantized (float[N, 1, 4, 4] input, float[16, 32] w0, float[32, 32] w1,
  float[32, 10] w2, float[1] s, float z, float bits, float[10] g)
=> (float[N, 10] logits)
{
  image = qonnx.custom_op.general.Quant <signed = 1, narrow = 0, rounding_mode = "ROUND"> (input, s, z, bits)
  flat = Flatten (image)
  m0 = MatMul (flat, w0)
  r0 = Relu (m0)
  q0 = qonnx.custom_op.general.Quant <signed = 0, narrow = 0, rounding_mode = "ROUND"> (r0, s, z, bits)
  v1 = qonnx.custom_op.general.Quant <signed = 1, narrow = 1, rounding_mode = "ROUND"> (w1, s, z, bits)
  m1 = MatMul (q0, v1)
  q1 = qonnx.custom_op.general.Quant <signed = 0, narrow = 0, rounding_mode = "ROUND"> (m1, s, z, bits)
  m2 = MatMul (q1, w2)
  logits = Mul (m2, g)
}
"""


@pytest.fixture
def pooled() -> onnx.ModelProto:
    return onnx.parser.parse_model(POOLED)


@pytest.fixture
def strided() -> onnx.ModelProto:
    return onnx.parser.parse_model(STRIDED)


@pytest.fixture
def quantized() -> onnx.ModelProto:
    return onnx.parser.parse_model(QUANTIZED)


NONE = Overrides(stages={})


def mixture(name: str):
    return read_mixture(Wanted(method=name), own_methods())


def test_last_activation_of_every_resolution(strided):
    taps = find_taps(strided)
    assert [(stage.value, stage.before, stage.shape) for stage in taps.stages] == [
        ("r1", "a1", (8, 16, 16)),
        ("r2", "c2", (8, 8, 8)),
        ("r3", "c3", (8, 4, 4)),
    ]
    assert (taps.logits, taps.classes, taps.embedding, taps.width) == ("logits", 10, "flat", 8)


def test_a_resolution_without_activation_is_told_of(pooled):
    taps = find_taps(pooled)
    assert [stage.value for stage in taps.stages] == ["r0", "r1"]
    assert taps.skipped == ("16x16 has no activation, so no stage",)
    assert (taps.embedding, taps.width) == ("flat", 96)


def test_a_quantised_perceptron_is_tapped_after_its_quantizers(quantized):
    taps = find_taps(quantized)
    assert [(stage.value, stage.before) for stage in taps.stages] == [("q0", "m0"), ("q1", "m1")]
    assert taps.embedding == "q1"


def test_every_student_stage_gets_a_partner_of_the_nearest_size(pooled, strided):
    pairing = pair(pooled, strided, NONE)
    pairs = [
        (one.value, other.value) for one, other in zip(pairing.student.stages, pairing.teacher.stages, strict=True)
    ]
    assert pairs == [("r0", "r2"), ("r1", "r3")]
    notes = pairing.notes(frozenset({Need.STAGES, Need.EMBEDDING}))
    assert "stage 0: r0 [4x8x8] <- r2 [8x8x8]" in notes
    assert any("r1 [8x16x16] has no partner" in note for note in notes)
    assert "embedding: flat [96] <- flat [8]" in notes


def test_a_student_with_more_stages_than_its_teacher_is_not_cut(pooled, strided):
    pairing = pair(strided, pooled, NONE)
    assert [stage.value for stage in pairing.student.stages] == ["r1", "r2", "r3"]
    assert [stage.value for stage in pairing.teacher.stages] == ["r0", "r0", "r1"]


def test_perceptrons_are_paired_by_depth(quantized, strided):
    pairing = pair(quantized, quantized, NONE)
    assert [stage.value for stage in pairing.teacher.stages] == ["q0", "q1"]
    mixed = pair(quantized, strided, NONE)
    assert [stage.value for stage in mixed.teacher.stages] == ["r3", "r3"]


def test_an_explicit_map_replaces_the_choice(pooled, strided):
    overrides = Overrides(stages={"c0": "r0", "flat": "mean"}, student_embedding="r1", teacher_embedding="mean")
    pairing = pair(pooled, strided, overrides)
    assert [str(stage) for stage in pairing.student.stages] == ["c0 [4x16x16]", "flat [96x1x1]"]
    assert [str(stage) for stage in pairing.teacher.stages] == ["r0 [8x16x16]", "mean [8x1x1]"]
    assert (pairing.student.embedding, pairing.student.width, pairing.teacher.width) == ("r1", 96, 8)


def test_an_unknown_value_in_a_map_is_told_with_its_nearest(pooled, strided):
    with pytest.raises(ModelError, match="did you mean: r1"):
        pair(pooled, strided, Overrides(stages={"r11": "r2"}))


def test_methods_refuse_maps_on_which_they_say_nothing(quantized, pooled, strided):
    with pytest.raises(ModelError, match=r"method attention: compares positions, but q0 \[32x1x1\]"):
        check_pairing(pair(quantized, strided, NONE), mixture("kd + attention"))
    with pytest.raises(ModelError, match=r"method fsp: needs equal channels, but r0 \[4x8x8\] <- r2 \[8x8x8\]"):
        check_pairing(pair(pooled, strided, NONE), mixture("fsp"))
    one_stage = Overrides(stages={"r1": "r2"})
    with pytest.raises(ModelError, match=r"method kdsvd: compares each stage with the next, but r1 .* is the only one"):
        check_pairing(pair(pooled, strided, one_stage), mixture("kdsvd"))
    check_pairing(pair(quantized, strided, NONE), mixture("hint + vid + similarity + abound"))


def test_other_numbers_of_classes_are_refused(pooled):
    five = onnx.parser.parse_model(POOLED.replace("float[10", "float[5").replace("[N, 10]", "[N, 5]"))
    with pytest.raises(ModelError, match="5 classes apart, the teacher 10"):
        pair(five, pooled, NONE)
