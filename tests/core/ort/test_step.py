# SPDX-License-Identifier: Apache-2.0
"""The step ort: the kit, what it measures, and what it refuses."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from drawplate.artifact import Form
from drawplate.card import Verb
from drawplate.data import Normalisation, normalisation_of, record_normalisation
from drawplate.errors import ModelError, StepFailed
from drawplate.job import Request
from drawplate.metric import Source
from drawplate.ort import check_supported, optimise
from drawplate.ort.accuracy import predict
from drawplate.ort.agreement import agreement
from drawplate.ort.session import open_session
from drawplate.testing import StepContract, make_runner
from drawplate.zoo import build_model

QUICK = {"runs": 3, "warmup": 1, "batch": 8}


class TestFloat(StepContract):
    step = "ort"

    @pytest.fixture
    def options(self):
        return QUICK


class TestQuantized(TestFloat):
    @pytest.fixture
    def model(self, runner):
        return runner.session.store.put_model(onnx.parser.parse_model(QUANTIZED))


QUANTIZED = """
<ir_version: 8, opset_import: ["" : 13, "qonnx.custom_op.general" : 1]>
quantized (float[N,1,8,8] input) => (float[N,10] logits)
<float[64,10] weight = {WEIGHTS}, float step = {0.125}, float zero = {0}, float bits = {3}>
{
    flat = Flatten(input)
    [codes] q = qonnx.custom_op.general.Quant<signed = 1, narrow = 1, rounding_mode = "ROUND">(weight, step, zero, bits)
    logits = MatMul(flat, q)
}
""".replace("WEIGHTS", ", ".join(f"{(i * 7 % 13) / 13 - 0.5:.3f}" for i in range(640)))


@pytest.fixture
def runner(tmp_path):
    return make_runner(tmp_path, data={"name": "digits", "test_limit": 300})


def put(runner, proto):
    return runner.session.store.put_model(proto)


def zoo(name, shape=(1, 8, 8), **options):
    return build_model(name, options, shape=shape, classes=10, seed=0)


def test_metrics_have_names_units_and_sources(runner):
    model = put(runner, zoo("mlp", hidden=[16]))
    outcome = runner.run(Request(step="ort", subject=model, options=QUICK | {"threads": 2}))
    by_name = {metric.name: metric for metric in outcome.metrics}
    units = {name: metric.unit for name, metric in by_name.items()}
    assert units == {
        "top1": "%",
        "error": "%",
        "balanced_accuracy": "%",
        "latency_ms": "ms",
        "latency_p95_ms": "ms",
        "throughput": "images/s",
        "params": "",
        "macs": "",
        "file_bytes": "B",
    }
    assert {metric.source for metric in outcome.metrics} == {Source.MEASURED}
    assert by_name["params"].value == 64 * 16 + 32 + 160
    assert by_name["macs"].value == 64 * 16 + 160
    assert by_name["file_bytes"].value == outcome.build.path("model.onnx").stat().st_size
    assert by_name["top1"].value + by_name["error"].value == 100
    assert "300 test images of digits" in by_name["top1"].note
    assert "batch 8, 2 threads" in by_name["throughput"].note
    assert "batch 1, 2 threads" in by_name["latency_ms"].note
    assert by_name["latency_ms"].value <= by_name["latency_p95_ms"].value


def test_accuracy_is_that_of_the_nearest_mean_classifier(runner):
    """A linear model whose weights are known has a known accuracy: NumPy counts the same."""
    data = runner.dataset()
    train, test = data.split("train"), data.split("test")
    flat = data.normalisation.apply(train.x).reshape(len(train), -1)
    means = np.stack([flat[train.y == label].mean(0) for label in range(10)])
    proto = zoo("mlp", hidden=[])
    centred = means - means.mean(0)
    proto.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(centred.T.copy(), "head.weight"))
    logits = data.normalisation.apply(test.x).reshape(len(test), -1) @ centred.T
    expected = 100 * float((logits.argmax(1) == test.y).mean())
    outcome = runner.run(Request(step="ort", subject=put(runner, proto), options=QUICK))
    assert expected > 60
    assert outcome.metric("top1") == pytest.approx(expected)


def test_limit_and_no_accuracy(runner):
    model = put(runner, zoo("mlp", hidden=[4]))
    limited = runner.run(Request(step="ort", subject=model, options=QUICK | {"limit": 50}))
    assert "50 test images" in limited.metrics[0].note
    without = runner.run(Request(step="ort", subject=model, options=QUICK | {"accuracy": False}))
    assert "top1" not in {metric.name for metric in without.metrics}


def test_measuring_needs_no_export(runner):
    model = put(runner, onnx.parser.parse_model(QUANTIZED))
    both = runner.run(Request(step="ort", subject=model, options=QUICK))
    alone = runner.run(Request(step="ort", subject=model, options=QUICK, verbs=(Verb.MEASURE,)))
    assert model.form is Form.QONNX
    assert alone.build is None
    for name in ("top1", "params", "macs"):
        assert alone.metric(name) == both.metric(name)
    assert alone.metric("file_bytes") == model.path.stat().st_size


@pytest.mark.parametrize("name", ["mlp", "flexstudent", "resnet8x4", "mobilenetv2"])
def test_export_keeps_the_function(name):
    model = zoo(name, shape=(3, 32, 32))
    random = np.random.default_rng(3)
    for tensor in model.graph.initializer:  # BatchNormalization starts as the identity: make it do something
        if tensor.name.endswith(("running_mean", "norm.bias")):
            array = random.standard_normal(tuple(tensor.dims)).astype(np.float32) / 10
            tensor.CopyFrom(onnx.numpy_helper.from_array(array, tensor.name))
    images = random.standard_normal((4, 3, 32, 32)).astype(np.float32)
    plain = open_session(model, threads=1, exact=True).run(None, {"input": images})[0]
    folded = optimise(model, exact=False)
    found = open_session(folded, threads=1, exact=False).run(None, {"input": images})[0]
    np.testing.assert_allclose(found, plain, rtol=1e-4, atol=1e-4 * np.abs(plain).max())
    assert len(folded.graph.node) < len(model.graph.node)


def test_export_is_the_same_twice_and_keeps_metadata():
    model = zoo("resnet20")
    record_normalisation(model, Normalisation((0.25,), (0.5,)))
    first, second = (optimise(model, exact=False) for _ in range(2))
    assert first.SerializeToString(deterministic=True) == second.SerializeToString(deterministic=True)
    assert normalisation_of(first) == Normalisation((0.25,), (0.5,))


def test_an_exact_export_folds_no_normalization():
    model = zoo("resnet20")
    kinds = [node.op_type for node in optimise(model, exact=True).graph.node]
    assert kinds.count("BatchNormalization") == 21  # the stem, 18 in blocks, 2 in skips
    assert "BatchNormalization" not in {node.op_type for node in optimise(model, exact=False).graph.node}


def test_a_model_with_a_fixed_batch_is_fed_that_batch(runner, tiny):
    tiny.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 7
    tiny.graph.output[0].type.tensor_type.shape.dim[0].dim_value = 7
    data = runner.dataset()
    fixed = predict(open_session(tiny, threads=1, exact=True), data.split("test").x, data.normalisation.apply)
    assert fixed.shape == (300, 10)
    outcome = runner.run(Request(step="ort", subject=put(runner, tiny), options=QUICK))
    latency = next(metric for metric in outcome.metrics if metric.name == "latency_ms")
    assert latency.note.startswith("median, batch 7,")


UNKNOWN = """
<ir_version: 8, opset_import: ["" : 13, "my.chip" : 1]>
unknown (float[N,1,8,8] input) => (float[N,64] logits)
{
    [warp] a = my.chip.Warp(input)
    [fold] logits = Flatten(a)
}
"""

FALSE_SHAPES = """
<ir_version: 8, opset_import: ["" : 13]>
wrong (float[4,1,8,8] input) => (float[4,10] logits)
<float[63,10] weight = {WEIGHTS}>
{
    [flat] f = Flatten(input)
    [head] logits = MatMul(f, weight)
}
""".replace("WEIGHTS", ", ".join(["0.5"] * 630))

HUGE = """
<ir_version: 8, opset_import: ["" : 13]>
huge (float[N,1,8,8] input) => (float[N,1,8,8] logits)
<int64[3] size = {100000, 100000, 100}>
{
    [fill] h = ConstantOfShape(size)
    [sum] s = ReduceSum<keepdims = 0>(h)
    [add] logits = Add(input, s)
}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (UNKNOWN, r"no operator for 'warp' \(my.chip.Warp\)"),
        (FALSE_SHAPES, "head"),
        (HUGE, "at most"),
    ],
)
def test_what_cannot_be_run_is_refused_by_name(text, message):
    with pytest.raises(ModelError, match=message):
        check_supported(onnx.parser.parse_model(text))


def test_a_plan_refuses_before_any_work(runner):
    with pytest.raises(ModelError, match="'warp'"):
        runner.preview(Request(step="ort", subject=put(runner, onnx.parser.parse_model(UNKNOWN))))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [("float[N,1,8,8]", "double[N,1,8,8]", "float64"), ("float[N,1,8,8]", "float[N,1,H,W]", "'H'")],
)
def test_inputs_that_are_no_images_are_refused(runner, before, after, message):
    text = '<ir_version: 8, opset_import: ["" : 13]> g (float[N,1,8,8] input) => (float[N,1,8,8] y) { y = Relu(input) }'
    with pytest.raises(ModelError, match=message):
        runner.preview(Request(step="ort", subject=put(runner, onnx.parser.parse_model(text.replace(before, after)))))


def test_without_data_only_the_accuracy_is_absent(tmp_path):
    runner = make_runner(tmp_path)
    outcome = runner.run(Request(step="ort", subject=put(runner, zoo("mlp", hidden=[4])), options=QUICK))
    names = {metric.name for metric in outcome.metrics}
    assert "latency_ms" in names
    assert not names & {"top1", "error", "balanced_accuracy"}
    assert "the flow has no [data]: the task's metrics are absent" in outcome.notes


def test_an_export_is_compared_with_the_model(runner):
    outcome = runner.run(Request(step="ort", subject=put(runner, zoo("flexstudent", neurons=8)), options=QUICK))
    (note,) = (note for note in outcome.notes if "against the model" in note)
    assert "on 16 random inputs from -1 to 1" in note


def test_an_export_that_computes_something_else_is_refused():
    proto = zoo("mlp", hidden=[4])
    other = zoo("mlp", hidden=[4])
    other.graph.initializer[0].raw_data = other.graph.initializer[0].raw_data[::-1]
    with pytest.raises(StepFailed, match="the exported file gives other outputs than the model"):
        agreement(proto, other, exact=False)


def test_shapes_that_hold_for_one_item_only_are_refused_in_plan():
    text = """<ir_version: 8, opset_import: ["" : 13]> g (float[N,1,8,8] x) => (float[N,64] y)
    <int64[2] shape = {1, 64}> { [flat] y = Reshape(x, shape) }"""
    with pytest.raises(ModelError, match=r"(?s)on 2 items: .*'flat'.*next: export it with a free batch"):
        check_supported(onnx.parser.parse_model(text))
