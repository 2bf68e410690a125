# SPDX-License-Identifier: Apache-2.0
"""What leaves the simulated hardware is judged by the data's task; without data random codes prove that it is exact."""

import numpy as np
import onnx
import pytest

from drawplate import Form, Source
from drawplate.data import Dataset, Normalisation, Split
from drawplate.job import Request
from drawplate.task import task_named
from drawplate.testing import make_runner
from drawplate_dataflow.network import golden
from drawplate_dataflow.reading import read

pytestmark = [pytest.mark.verilator]
NETWORK = """<ir_version: 8, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]>
net (float[1,4] input) => (float[1,{outputs}] y) {{
    h = finn.custom_op.fpgadataflow.MVAU<MW = 4, MH = 6, PE = 2, SIMD = 2, weightDataType = "INT3",
        inputDataType = "UINT3", outputDataType = "UINT2", accDataType = "INT8", ActVal = 0, noActivation = 0,
        binaryXnorMode = 0>(input, w0, t0)
    s = finn.custom_op.fpgadataflow.MVAU<MW = 6, MH = {outputs}, PE = 1, SIMD = 2, weightDataType = "INT3",
        inputDataType = "UINT2", outputDataType = "{kind}", accDataType = "INT8", ActVal = 0, noActivation = {plain},
        binaryXnorMode = 0>(h, w1{thresholds})
    {end}
}}"""
SUMS = {"kind": "INT8", "plain": 1, "thresholds": "", "end": "m = Mul(s, scale) y = Add(m, bias)"}
ONE_BIT = {"kind": "BIPOLAR", "plain": 0, "thresholds": ", t1", "end": "y = Mul(s, scale)"}
IMAGES = 24


def lowered(outputs, form):
    proto = onnx.parser.parse_model(NETWORK.format(outputs=outputs, **form))
    random = np.random.default_rng(0)
    w0, w1 = random.integers(-3, 4, (4, 6)), random.integers(-3, 4, (6, outputs))
    middle = np.rint(3.5 * w0.sum(0))[:, None]
    sums = 1.5 * w1.sum(0)  # of the hidden values in the middle of their range: outputs are on both sides of 0
    arrays = {
        "w0": w0,
        "t0": middle + np.array([-6, 0, 6]),
        "w1": w1,
        "t1": np.ceil(sums)[:, None],
        "scale": np.array(0.5),
        "bias": 0.25 - 0.5 * sums,
    }
    used = {name for node in proto.graph.node for name in node.input}
    for number, node in enumerate(proto.graph.node):
        node.name = f"{node.op_type}_{number}"
    for name, array in arrays.items():
        if name in used:
            proto.graph.initializer.append(onnx.numpy_helper.from_array(array.astype(np.float32), name))
    for key, value in {"input_bits": "3", "input_scale": "1.0", "input_signed": "false"}.items():
        proto.metadata_props.add(key=f"drawplate.{key}", value=value)
    return proto


def outputs_of(proto, codes):
    """What the model gives for codes, by its golden run."""
    network = read(proto)
    values = golden.run(network, codes.astype(np.int64)).reshape(len(codes), -1)
    return values * network.scale.scale + network.scale.bias


def simulate(folder, proto, codes, y, task, classes=()):
    split = Split(name="test", x=codes, y=y)
    dataset = Dataset(
        name="made",
        classes=classes,
        shape=(4,),
        normalisation=Normalisation((0.0,), (1.0,), scale=1.0, range=(0.0, 7.0)),
        digest=task,
        splits={"train": split, "val": split, "test": split},
        task=task_named(task),
    )
    runner = make_runner(folder, dataset=dataset)
    return run(runner, proto)


def run(runner, proto):
    model = runner.session.store.put_model(proto, Form.DATAFLOW)
    outcome = runner.run(Request(step="z7020", subject=model, options={"images": IMAGES, "synthesise": False}))
    runner.close()
    return {metric.name: metric for metric in outcome.metrics if metric.layer is None}


@pytest.fixture
def codes():
    return np.random.default_rng(1).integers(0, 8, (IMAGES, 4)).astype(np.float32)


@pytest.mark.parametrize("form", [SUMS, ONE_BIT], ids=["a sum", "one bit"])
def test_one_output_for_two_classes(tmp_path, codes, form):
    proto = lowered(1, form)
    yes = (outputs_of(proto, codes)[:, 0] > 0).astype(np.int64)
    assert 0 < yes.mean() < 1
    found = simulate(tmp_path, proto, codes, yes, "classification", ("no", "yes"))
    assert found["top1"].value == 100
    assert found["auc"].value == 1
    assert found["top1"].source is Source.SIMULATED
    assert found["top1"].split == "test"


def test_numbers(tmp_path, codes):
    proto = lowered(2, SUMS)
    exact = outputs_of(proto, codes)
    found = simulate(tmp_path, proto, codes, (exact + 0.5).astype(np.float32), "regression")
    assert found["mse"].value == pytest.approx(0.25)
    assert found["mae"].value == pytest.approx(0.5)


def test_a_reconstruction_is_compared_with_what_the_model_is_fed(tmp_path, codes):
    proto = lowered(4, SUMS)
    found = simulate(tmp_path, proto, codes, np.arange(IMAGES) % 2, "reconstruction")
    missed = ((outputs_of(proto, codes) - codes) ** 2).mean(1)
    assert found["mse"].value == pytest.approx(missed.mean())
    odd, even = missed[1::2], missed[::2]
    better = (odd[:, None] > even).mean() + (odd[:, None] == even).mean() / 2
    assert found["auc"].value == pytest.approx(better)


def test_without_data_random_codes_are_simulated(tmp_path):
    found = run(make_runner(tmp_path), lowered(2, SUMS))
    assert found["cycles"].source is Source.SIMULATED
    note = found["cycles"].note
    assert note.startswith("24 frames of random codes, all 8 of them, the flow has no [data]")
    assert "all outputs equal to the golden model" in note
    assert not {"top1", "mse", "error"} & set(found)
