# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Bit widths that are trained: gradients, prices between whole numbers, budgets that are kept."""

import pytest
import torch
from tests.quant_finn.test_posttraining import bytes_of

from drawplate import Form
from drawplate.data import Normalisation
from drawplate.errors import DrawplateError
from drawplate.job import Request
from drawplate.testing import StepContract, make_runner
from drawplate.torch import OnnxModule
from drawplate.zoo import build_model
from drawplate_quant_finn.bits.learned import learned_handlers, widths
from drawplate_quant_finn.bits.objective import settle
from drawplate_quant_finn.bits.price import bit_operations
from drawplate_quant_finn.bits.written import with_widths
from drawplate_quant_finn.graph import Graph
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.quantizing.network import quantized
from drawplate_quant_finn.training.torch_ops import handlers


class TestContract(StepContract):
    step = "learn_bits"

    @pytest.fixture
    def model(self, runner):
        return runner.session.store.put_model(network(), Form.QONNX)

    @pytest.fixture
    def options(self):
        return {"epochs": 1, "width_epochs": 1, "share": 0.6}


def network(**options):
    proto = build_model("mlp", {"hidden": (24, 16)}, shape=(1, 8, 8), classes=10, seed=0)
    settings = QuantizeOptions(**{"weight_bits": 6, "act_bits": 6, **options})
    return quantized(proto, settings, Normalisation((0.0,), (1.0,)), bytes_of((1, 8, 8), 64))


def genes(named):
    return list({width.name: width for width in named.values()}.values())


@pytest.mark.parametrize("quantizer", ["max", "learned"])
def test_a_width_that_is_what_it_was_changes_nothing_and_written_ones_are_what_was_trained(quantizer):
    proto = network(weight_quantizer=quantizer)
    named = widths(proto, 2, 8)
    module = OnnxModule(proto, learned_handlers(named)).eval()
    x = torch.rand(16, 1, 8, 8)
    torch.testing.assert_close(module(x), OnnxModule(proto, handlers()).eval()(x))
    for number, width in enumerate(genes(named)):
        width.put(2 + number % 6)
    trained = module(x)
    written = with_widths(module.to_onnx(), {width.name: width.whole() for width in genes(named)})
    found = OnnxModule(written, handlers()).eval()(x)
    assert ((found - trained).abs() > 1e-4).double().mean() < 0.02


def test_more_bits_of_a_quantizer_with_a_coarse_grid_lower_the_loss_along_the_gradient():
    proto = network(weight_bits=2, act_bits=8)
    named = widths(proto, 2, 8)
    module = OnnxModule(proto, learned_handlers(named)).train()
    exact = OnnxModule(network(weight_bits=8, act_bits=8), handlers()).eval()
    x = torch.rand(256, 1, 8, 8)
    with torch.no_grad():
        wanted = exact(x)
    (module.eval()(x) - wanted).square().mean().backward()
    first = next(width for name, width in named.items() if "weight" in name)
    assert first.value.grad is not None
    assert first.value.grad.abs() > 0


def test_the_price_is_that_of_whole_numbers_and_runs_straight_between_them():
    proto = network()
    named = widths(proto, 2, 8)
    price = bit_operations(proto, {name: width.name for name, width in named.items()})

    def at(bits):
        return float(price.of({width.name: torch.tensor(float(bits)) for width in genes(named)}))

    macs = [64 * 24, 24 * 16, 16 * 10]
    assert at(4) == pytest.approx(macs[0] * 4 * 8 + (macs[1] + macs[2]) * 16)
    assert at(8) == pytest.approx(sum(macs) * 64)
    between = {width.name: torch.tensor(5.0, requires_grad=True) for width in genes(named)}
    price.of(between).backward()
    assert all(value.grad > 0 for value in between.values())


def test_settled_widths_are_whole_and_cost_no_more_than_the_budget():
    proto = network()
    named = widths(proto, 2, 8)
    price = bit_operations(proto, {name: width.name for name, width in named.items()})
    torch.manual_seed(0)
    for width in genes(named):
        width.put(float(torch.empty(()).uniform_(3, 7.9)))
    budget = 0.6 * float(price.of({width.name: width.bits.detach().round() for width in genes(named)}))
    settle(genes(named), price, budget)
    found = {width.name: width.bits.detach() for width in genes(named)}
    assert float(price.of(found)) <= budget
    assert all(float(value).is_integer() and 2 <= value <= 8 for value in found.values())
    settle(genes(named), price, budget)
    assert all(torch.equal(width.bits.detach(), found[width.name]) for width in genes(named))


def test_a_flow_ends_on_whole_bits_within_the_budget_and_lowers(tmp_path):
    runner = make_runner(tmp_path, data={"name": "digits"})
    try:
        start = build_model("mlp", {"hidden": (24,)}, shape=(1, 8, 8), classes=10, seed=0)
        subject = runner.session.store.put_model(start)
        rounded = runner.run(Request(step="quantize", subject=subject, options={"weight_bits": 6, "act_bits": 6}))
        options = {"width_epochs": 4, "epochs": 4, "lr": 0.01, "share": 0.4}
        made = runner.run(Request(step="learn_bits", subject=rounded.artifact, options=options))
        arrays = Graph(made.artifact.proto()).arrays()
        bits = [float(arrays[n.input[3]]) for n in made.artifact.proto().graph.node if n.op_type == "Quant"]
        assert all(value.is_integer() for value in bits)
        assert int(made.notes[-1].rpartition(": ")[2].removesuffix("%")) <= 40
        assert runner.run(Request(step="ort", subject=made.artifact, verbs=("measure",))).metric("top1") > 80
        lowered = runner.run(Request(step="lower", subject=made.artifact, options={"finn": False}))
        assert lowered.artifact.form is Form.DATAFLOW
        with pytest.raises(DrawplateError, match=r"option 'cost'(.|\n)*allowed: bops"):
            runner.run(Request(step="learn_bits", subject=rounded.artifact, options={**options, "cost": "z7020.lut"}))
    finally:
        runner.close()
