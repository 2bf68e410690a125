# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""``[model] python``: a module of the user's own, its checkpoint, its Dropout, its buffers, its seed."""

import itertools
import textwrap

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from drawplate.door import put_back
from drawplate.errors import DrawplateError, FlowError, ModelError
from drawplate.flow import read_flow
from drawplate.flow.models import make_model
from drawplate.testing import make_runner
from drawplate.torch import OnnxModule
from drawplate.torch.export import export_module, left_out
from drawplate.torch.weights import load_weights

CODE = """
    import torch
    from torch import nn

    class Scale(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", torch.full((1,), 0.25))

        def forward(self, x):
            return x - self.mean

    def make(hidden=16):
        layers = [nn.Linear(64, hidden), nn.ReLU(), nn.Dropout(0.5), nn.Linear(hidden, 10)]
        return nn.Sequential(nn.Flatten(), Scale(), *layers)
"""
NUMBER = itertools.count()


@pytest.fixture
def entered(tmp_path, monkeypatch):
    """Read a flow with a module of a name of its own, and return its model."""
    name = f"mine{next(NUMBER)}"
    (tmp_path / f"{name}.py").write_text(textwrap.dedent(CODE))
    runner = make_runner(tmp_path, data={"name": "digits"})

    def enter(more=""):
        path = tmp_path / "flow.toml"
        path.write_text(f'[model]\npython = "{name}:make"\n{more}\n[data]\nname = "digits"\n[[step]]\nuse = "fit"\n')
        flow = read_flow(path)
        return make_model(flow, flow.models["model"], runner)

    yield enter
    runner.close()


def network(hidden=16):
    space = {}
    exec(textwrap.dedent(CODE), space)
    return space["make"](hidden)


def test_the_same_flow_makes_the_same_model(entered):
    torch.manual_seed(1)
    first = entered().artifact.digest
    torch.manual_seed(2)
    assert entered().artifact.digest == first


def test_dropout_drops_in_training_alone_and_a_buffer_is_not_trained(entered):
    proto = entered().artifact.proto()
    assert [len(node.input) for node in proto.graph.node if node.op_type == "Dropout"] == [2]
    module, x = OnnxModule(proto, {}), torch.rand(8, 1, 8, 8)
    assert not torch.equal(module.train()(x), module(x))
    assert torch.equal(module.eval()(x), module(x))
    shapes = sorted(tuple(parameter.shape) for parameter in module.parameters())
    assert shapes == [(10,), (10, 16), (16,), (16, 64)]


@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
@pytest.mark.parametrize("wrap", ["plain", "nested", "prefixed"])
def test_a_checkpoint_is_loaded(entered, tmp_path, suffix, wrap):
    torch.manual_seed(7)
    trained = network().eval()
    state = trained.state_dict()
    if wrap == "prefixed":
        state = {f"module.{name}": value for name, value in state.items()}
    if suffix == "pt":
        torch.save({"epoch": 3, "state_dict": state} if wrap == "nested" else state, tmp_path / "w.pt")
    else:
        from safetensors.torch import save_file

        save_file(state, tmp_path / "w.safetensors")
    module = OnnxModule(put_back(entered(f'weights = "w.{suffix}"').artifact.proto()), {}).eval()
    x = torch.rand(4, 1, 8, 8)
    torch.testing.assert_close(module(x), trained(x))


def test_a_checkpoint_that_does_not_fit_is_refused_by_name(entered, tmp_path):
    def refused(content, said, more='weights = "w.pt"'):
        if content is not None:
            torch.save(content, tmp_path / "w.pt")
        with pytest.raises(DrawplateError, match=said) as raised:
            entered(more)
        assert "flow.toml, [model]" in raised.value.message

    state = network().state_dict()
    refused(None, "there is no such file")
    refused({name: value for name, value in state.items() if name != "2.bias"}, r"lacks 1 entries: 2\.bias")
    refused({**state, "9.weight": torch.zeros(1)}, r"has unknown 1 entries: 9\.weight")
    refused(network(8).state_dict(), r"'2\.weight' has shape \[8, 64\](.|\n)*allowed: \[16, 64\]")
    refused({"epoch": 3}, "holds no state dict, but epoch")
    refused(nn.Linear(3, 3), "holds more than tensors(.|\n)*state_dict")
    refused(None, "allowed: the name of a checkpoint", more="weights = 3")
    (tmp_path / "w.pt").write_bytes(b"no archive")
    refused(None, "cannot be read|holds more than tensors")


def test_what_a_checkpoint_may_lack_is_said(tmp_path):
    module = network()
    state = {name: value for name, value in module.state_dict().items() if name != "2.bias"}
    torch.save(state, tmp_path / "w.pt")
    assert load_weights(module, tmp_path / "w.pt", lambda name: name == "2.bias") == (
        "w.pt has no ranges of 1 quantizers: they start anew",
    )


def test_a_factory_that_fails_or_makes_no_module_is_one_message(entered):
    with pytest.raises(FlowError, match="raised TypeError"):
        entered("no_such = 1")


def test_kinds_of_dropout_that_onnx_has_no_operator_for_are_left_out_and_named():
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Dropout2d(0.5), nn.Flatten(), nn.Linear(72, 10)).train()
    proto = export_module(module, (1, 8, 8), 0)
    assert not any(node.op_type == "Dropout" for node in proto.graph.node)
    assert left_out(module) == ("Dropout2d '1' is left out: ONNX has Dropout alone",)
    assert module[1].training


def test_ties_of_buffers_and_weights_are_undone():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))
            self.register_buffer("mean", torch.zeros(1))

        def forward(self, x):
            return (x.flatten(1) - self.mean) * 2 + self.weight

    proto = export_module(Net(), (4,), 0)
    assert {tensor.name for tensor in proto.graph.initializer} == {"weight"}
    assert np.array_equal(next(onnx.numpy_helper.to_array(n.attribute[0].t) for n in proto.graph.node), [0.0])


def test_what_is_no_module_is_refused(tmp_path):
    with pytest.raises(ModelError, match="there is no such file"):
        load_weights(nn.Linear(1, 1), tmp_path / "no.pt")
