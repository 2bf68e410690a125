# SPDX-License-Identifier: Apache-2.0
"""An estimate says what it does not know."""

import pytest
from tests.target_myriadx.compile.graphs import GRAPHS

from drawplate_target_myriadx.compiler import compile_model
from drawplate_target_myriadx.evidence import estimates
from drawplate_target_myriadx.latency import load_model
from drawplate_target_myriadx.options import ExportOptions
from drawplate_target_myriadx.prepare import prepare

pytestmark = pytest.mark.myriad


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("conv3x3", "known family"),
        ("conv-dilated", "what Conv computes on the SHAVEs has no known price"),
        ("conv-uneven-strides", "what Conv computes on the SHAVEs has no known price"),
        ("attention", "what GEMM computes on the SHAVEs has no known price"),
    ],
)
def test_products_on_the_shaves_are_told(name, said, tool, tmp_path):
    model = load_model()
    graph = next(graph for graph in GRAPHS if graph.name == name)
    blob = compile_model(prepare(graph.model()).proto, ExportOptions(), tool, tmp_path).blob
    latency = next(metric for metric in estimates(blob, model) if metric.name == "latency_ms")
    assert said in latency.note
    error = model.known_error if said == "known family" else model.new_error
    assert latency.error == pytest.approx(error * latency.value)
