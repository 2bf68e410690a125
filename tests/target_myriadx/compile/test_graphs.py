# SPDX-License-Identifier: Apache-2.0
"""Every small graph compiles to what it means, or is refused by layer name before the compiler is called."""

import numpy as np
import onnx
import pytest
from tests.target_myriadx.compile.graphs import GRAPHS

from drawplate.errors import ModelError
from drawplate_target_myriadx.blob import read_blob
from drawplate_target_myriadx.compiler import compile_model
from drawplate_target_myriadx.half import round_to_half
from drawplate_target_myriadx.host import Network
from drawplate_target_myriadx.options import ExportOptions
from drawplate_target_myriadx.prepare import prepare

RUN = [graph for graph in GRAPHS if graph.refused is None]
REFUSED = [graph for graph in GRAPHS if graph.refused is not None]


def test_there_are_enough():
    assert (len(RUN), len(REFUSED)) == (128, 25)  # as docs/steps/myriadx.md says
    assert {graph.opset for graph in GRAPHS} >= set(range(9, 22))


def images(proto):
    shape = [dim.dim_value for dim in proto.graph.input[0].type.tensor_type.shape.dim]
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def float_result(proto, x):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(proto.SerializeToString(), options).run(None, {"x": x})[0]


def old_reader_result(tool, path, x, folder):
    """What the compiler's own reader makes of the file, run on its CPU plugin."""
    np.savez(folder / "in.npz", x=x)
    tool.call("execute", source=str(path), inputs=str(folder / "in.npz"), outputs=str(folder / "out.npz"))
    return np.load(folder / "out.npz")["y"]


@pytest.mark.myriad
@pytest.mark.parametrize("graph", RUN, ids=str)
def test_it_compiles_to_what_it_means(graph, tool, tmp_path):
    source = graph.model()
    proto = prepare(source).proto
    compiled = compile_model(proto, ExportOptions(), tool, tmp_path)
    assert read_blob(compiled.data).stages
    x = images(proto)
    expected = float_result(source, x)
    scale = np.abs(expected).max()
    read = old_reader_result(tool, tmp_path / "prepared.onnx", x, tmp_path).reshape(expected.shape)
    half = Network(round_to_half(proto), batch=1).outputs(x).reshape(expected.shape)
    if graph.steps:
        assert (read == expected).all()
        assert (half != expected).mean() < 0.01
    else:
        assert np.abs(read - expected).max() <= 1e-5 * scale
        assert np.abs(half - expected).max() <= 2e-3 * scale


@pytest.mark.parametrize("graph", REFUSED, ids=str)
def test_it_is_refused_by_name_without_the_compiler(graph):
    with pytest.raises(ModelError) as caught:
        prepare(graph.model())
    assert repr(graph.refused) in caught.value.where
    assert caught.value.hint


@pytest.mark.myriad
def test_the_trap_is_one(tool, tmp_path):
    """The reader takes a ReduceMean of opset 18 for a mean over everything; lowered, it keeps its meaning."""
    graph = next(graph for graph in GRAPHS if graph.name == "reducemean" and graph.opset == 21)
    proto = graph.model()
    proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    x = images(proto)
    expected = float_result(proto, x)
    onnx.save(proto, tmp_path / "raw.onnx")
    assert old_reader_result(tool, tmp_path / "raw.onnx", x, tmp_path).shape == (1, 1, 1, 1)
    onnx.save(prepare(graph.model()).proto, tmp_path / "lowered.onnx")
    assert old_reader_result(tool, tmp_path / "lowered.onnx", x, tmp_path) == pytest.approx(expected, abs=1e-6)
