# SPDX-License-Identifier: Apache-2.0
"""Files that other tools write: none crashes, none is refused late, none computes something else."""

import onnx
import pytest
from tests.corpus.sources import sources
from tests.corpus.trial import FLOWS, PASSED, REFUSED, attempt, write_data

QUICK = {
    "cnn-view, opset 9": ("ort", "fit", "channels"),
    "vit-token (TorchScript)": ("ort", "quantize, fit"),
    "normalised (TorchScript)": ("lower",),
    "shufflenet unfolded": ("ort",),
    "softmax (TorchScript)": ("ort", "quantize, fit"),
    "brevitas mlp, qcdq (TorchScript)": ("ort", "fit"),
    "quantize_static, per channel": ("ort",),
    "sklearn MLPClassifier, ZipMap": ("ort", "fit"),
    "cnn of bytes": ("ort", "fit"),
    "cnn, untidy": ("ort",),
    "resnet in FP16": ("ort",),
}
"""By default only these; each stands for a family."""


def made(name, folder):
    source = sources()[name]
    onnx.save(source.make(), folder / "model.onnx")
    write_data(folder / "data.npz", source)
    return source


@pytest.mark.parametrize("name", QUICK)
def test_a_file_passes(name, tmp_path):
    source = made(name, tmp_path)
    for flow in QUICK[name]:
        result = attempt(name, source, flow, tmp_path)
        assert result.what == PASSED, result


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(sources()))
def test_a_file_passes_or_is_refused_in_plan(name, tmp_path):
    source = made(name, tmp_path)
    for flow in FLOWS:
        result = attempt(name, source, flow, tmp_path)
        assert result.what in (PASSED, REFUSED), (flow, result)


def test_integer_layers_are_refused_by_name(tmp_path):
    source = made("quantize_static, QOperator", tmp_path)
    result = attempt("", source, "ort", tmp_path)
    assert result.what == REFUSED
    assert "QuantFormat.QDQ" in result.why
    assert "layer" in result.why
