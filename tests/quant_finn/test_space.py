# SPDX-License-Identifier: Apache-2.0
import pytest

from drawplate.errors import ModelError
from drawplate.job import Request
from drawplate.plugins import contributions
from drawplate.search import Integer
from drawplate.testing import make_job, make_runner
from drawplate.zoo import build_model


@pytest.fixture
def opened(tmp_path):
    runner = make_runner(tmp_path, data={"name": "digits"})

    def open_it(zoo="mlp", **arguments):
        proto = build_model(zoo, arguments, shape=(1, 8, 8), classes=10, seed=0)
        model = runner.session.store.put_model(proto)
        job = make_job(tmp_path, runner=runner)
        return contributions("search_spaces")["bits"].open(model, job), model, job

    return open_it


def bit_widths(model):
    constants = {t.name: t for t in model.proto().graph.initializer}
    from onnx import numpy_helper

    return [
        (node.name, int(numpy_helper.to_array(constants[node.input[3]])) if node.op_type == "Quant" else 1)
        for node in model.proto().graph.node
        if node.op_type in ("Quant", "BipolarQuant")
    ]


def test_every_layer_and_activation_has_its_gene(opened):
    space, _, _ = opened(hidden=[8, 8])
    assert list(space.genes) == ["fc1.w", "fc2.w", "head.w", "fc1.act.a", "fc2.act.a"]
    assert set(space.genes.values()) == {Integer(1, 8)}
    assert set(space.baseline.values()) == {4}


def test_a_genome_becomes_bits_of_quantizers(opened):
    space, model, job = opened(hidden=[8, 8])
    genome = {"fc1.w": 2, "fc2.w": 3, "head.w": 7, "fc1.act.a": 5, "fc2.act.a": 1}
    made = space.express(genome, model, job)
    assert made.model == model
    outcome = job.run("quantize", made.model, options=made.options["quantize"])
    found = sorted(bits for _, bits in bit_widths(outcome.artifact))
    assert found == sorted([8, *genome.values()])


@pytest.mark.parametrize("zoo", ["flexstudent", "resnet8x4"])
def test_it_opens_on_convolutional_models(opened, zoo):
    space, model, job = opened(zoo, channels=[4] if zoo == "flexstudent" else [4, 4, 4, 4])
    made = space.express(space.baseline, model, job)
    job.host.preview(Request(step="quantize", subject=made.model, options=made.options["quantize"]))


@pytest.mark.parametrize("quantizer", ["max", "learned"])
def test_the_quantizers_of_a_quantized_model_get_other_widths(opened, quantizer):
    """The range of each stays what it was, scales that are computed and shared ones too; the input keeps its codes."""
    _, model, job = opened(hidden=[8, 8])
    quantized = job.run("quantize", model, options={"weight_bits": 4, "weight_quantizer": quantizer}).artifact
    space = contributions("search_spaces")["bits"].open(quantized, job)
    assert set(space.baseline.values()) == {4}
    assert len(space.genes) == 5
    genome = dict(zip(space.genes, (2, 3, 5, 6, 8), strict=True))
    made = space.express(genome, quantized, job)
    assert made.options == {}
    found = {f"{name}.bits": bits for name, bits in bit_widths(made.model)}
    assert {name: found[name] for name in genome} == genome
    lowered = job.host.preview(Request(step="lower", subject=made.model)).model
    assert lowered is not None
    assert space.express(space.baseline, quantized, job).model.digest == quantized.digest


def test_a_lowered_model_is_refused(opened):
    _, model, job = opened(hidden=[8])
    quantized = job.run("quantize", model).artifact
    lowered = job.host.preview(Request(step="lower", subject=quantized)).model
    with pytest.raises(ModelError, match="is a dataflow model"):
        contributions("search_spaces")["bits"].open(lowered, job)
