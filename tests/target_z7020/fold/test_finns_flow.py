# SPDX-License-Identifier: Apache-2.0
"""What ``z7020`` exports goes on in FINN+'s own flow: its folding is applied, layers are specialised, cycles agree."""

import json
import subprocess

import pytest

from drawplate import Form, ToolMissing
from drawplate.job import Request
from drawplate.testing import make_runner
from drawplate.toolenv import start
from drawplate.toolenv.environment import environment_python
from drawplate_dataflow.reading import read
from drawplate_quant_finn.lower import tools
from drawplate_target_z7020.z7020 import MODEL

# FINN+ imports torch for a layer that is not used here.
FLOW = """
import json, sys, types
torch, nn, functional = (types.ModuleType(name) for name in ("torch", "torch.nn", "torch.nn.functional"))
torch.nn, nn.functional = nn, functional
sys.modules.update({"torch": torch, "torch.nn": nn, "torch.nn.functional": functional})
from finn.util.settings import initialize_dummy_settings
initialize_dummy_settings()
from finn.analysis.fpgadataflow.exp_cycles_per_layer import exp_cycles_per_layer
from finn.analysis.fpgadataflow.res_estimation import res_estimation
from finn.transformation.fpgadataflow.specialize_layers import SpecializeLayers
from finn.transformation.general import ApplyConfig
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.general import GiveUniqueNodeNames
model, folding, answer = sys.argv[1:]
part = "xc7z020clg400-1"
wrapper = ModelWrapper(model)
names = {node.output[0]: node.name for node in wrapper.graph.node}
for step in (ApplyConfig(folding), SpecializeLayers(part), GiveUniqueNodeNames()):
    wrapper = wrapper.transform(step)
layers = [node for node in wrapper.graph.node if node.domain.startswith("finn.custom_op.fpgadataflow")]
cycles = wrapper.analysis(exp_cycles_per_layer)
resources = wrapper.analysis(lambda found: res_estimation(found, part))
found = {}
for node in layers:
    name, inst = names[node.output[0]], getCustomOp(node)
    found[name] = {key: inst.get_nodeattr(key) for key in ("PE", "SIMD", "resType")}
    dsp = int(resources[node.name]["DSP"])
    found[name] |= {"kind": node.op_type, "cycles": int(cycles[node.name]), "dsp": dsp}
json.dump(found, open(answer, "w"))
"""


@pytest.fixture(scope="module")
def finn_python():
    """Return the Python of the FINN+ tool; its environment is made on first use."""
    (spec,) = tools()
    tool = start(spec)
    try:
        tool.call("probe", timeout=600)
    except ToolMissing as error:
        pytest.skip(str(error))
    finally:
        tool.close()
    return environment_python(spec)


@pytest.mark.finn
def test_the_exported_model_and_folding_open_in_finns_own_flow(lowered, finn_python, tmp_path):
    runner = make_runner(tmp_path / "store")
    model = runner.session.store.put_model(lowered, Form.DATAFLOW)
    layers = {"MVAU_0": {"pe": 16, "simd": 8, "dsp_pe": 16}, "MVAU_1": {"pe": 5, "simd": 8, "dsp_pe": 2}}
    folded = runner.run(Request(step="fold", subject=model, options={"layers": layers})).artifact
    build = runner.run(Request(step="z7020", subject=folded, verbs=("export",))).build
    answer = tmp_path / "answer.json"
    command = [str(finn_python), "-c", FLOW, str(build.path(MODEL)), str(build.path("folding.json")), str(answer)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(answer.read_text())
    for layer in read(folded).layers:
        theirs = found[layer.name]
        assert theirs["kind"].startswith("MVAU_")
        assert (theirs["PE"], theirs["SIMD"], theirs["cycles"]) == (
            layer.pe,
            layer.simd,
            layer.cycles((), (layer.simd,)),
        )
    assert (found["MVAU_0"]["resType"], found["MVAU_1"]["resType"]) == ("dsp", "auto")
    assert found["MVAU_0"]["dsp"] > 0
