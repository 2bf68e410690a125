# SPDX-License-Identifier: Apache-2.0
"""A compiler's environment that computes in bfloat16 is told of as what it is: the model is not blamed."""

import attrs
import pytest
from onnx import helper

from drawplate.errors import ToolWrong
from drawplate.processor import has_bf16, processor
from drawplate.toolenv import HostTool, examined, start
from drawplate.zoo import build_model
from drawplate_target_myriadx.reading import check_reading
from drawplate_target_myriadx.tool import MYRIAD

STAND_IN = '''
import numpy as np, onnx, onnxruntime, ml_dtypes
from onnx import numpy_helper

def half(array):
    return array.astype(ml_dtypes.bfloat16).astype(np.float32)

def execute(source, inputs, outputs):
    """As OpenVINO 2021.4 does where it is let: weights and values in bfloat16."""
    model = onnx.load(source)
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype == np.float32:
            tensor.CopyFrom(numpy_helper.from_array(half(array), tensor.name))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    with np.load(inputs) as given:
        found = session.run(None, {name: half(given[name]) for name in given.files})
    np.savez(outputs, **{value.name: half(array) for value, array in zip(session.get_outputs(), found)})
    return {}
'''


@pytest.fixture
def proto():
    return build_model("mlp", {"hidden": [8]}, shape=(1, 8, 8), classes=10, seed=0)


def refused(spec, proto, folder):
    tool = start(spec)
    try:
        with pytest.raises(ToolWrong) as raised:
            check_reading(proto, tool, folder)
        with pytest.raises(ToolWrong):  # and it is not believed the second time either
            check_reading(proto, tool, folder)
    finally:
        tool.close()
    return str(raised.value)


def test_the_model_is_not_blamed_for_a_tool_that_computes_in_bfloat16(proto, tmp_path):
    worker = tmp_path / "worker.py"
    worker.write_text(STAND_IN)
    spec = HostTool(
        name="myriad", summary=MYRIAD.summary, package="onnxruntime", worker=worker, hint="", question=MYRIAD.question
    )
    proto.graph.input[0].CopyFrom(helper.make_tensor_value_info(proto.graph.input[0].name, 1, (1, 1, 8, 8)))
    said = refused(spec, proto, tmp_path)
    assert said.startswith(f"tool myriad (OpenVINO 2021.4.2) on {processor()}: computes wrongly on this processor")
    assert "misreads" not in said
    state = examined(spec)
    assert not state.found
    assert "computes wrongly on this processor" in state.details


@pytest.mark.myriad
@pytest.mark.skipif(not has_bf16("cpu"), reason="this processor computes in no bfloat16")
def test_the_real_compiler_is_found_out_where_it_computes_in_bfloat16(proto, tmp_path):
    worker = tmp_path / "worker.py"
    worker.write_text(MYRIAD.worker.read_text().replace('"ENFORCE_BF16": "NO"', '"ENFORCE_BF16": "YES"'))
    proto.graph.input[0].CopyFrom(helper.make_tensor_value_info(proto.graph.input[0].name, 1, (1, 1, 8, 8)))
    assert "misreads" not in refused(attrs.evolve(MYRIAD, worker=worker), proto, tmp_path)


@pytest.mark.myriad
def test_the_compiler_answers_what_is_known():
    state = examined(MYRIAD)
    assert state.found
    assert state.details.endswith("answers what is known rightly")
