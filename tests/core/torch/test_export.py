# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
import numpy as np
import pytest
import torch
from torch import nn

from drawplate.door import Wish, take_in
from drawplate.errors import ModelError
from drawplate.torch import OnnxModule
from drawplate.torch.export import export_module


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.other = nn.BatchNorm2d(4)
        self.head = nn.Linear(4 * 36, 10)

    def forward(self, x):
        x = torch.relu(self.other(self.norm(self.conv(x))))
        return self.head(x.view(x.size(0), -1))


def test_a_fresh_batch_norm_keeps_scale_and_variance_apart():
    torch.manual_seed(0)
    net = Net()
    proto = take_in(export_module(net, (1, 8, 8), 0), Wish(keep_dropout=True)).proto
    assert [node.op_type for node in proto.graph.node].count("Identity") == 0
    assert [node.op_type for node in proto.graph.node].count("BatchNormalization") == 2
    module = OnnxModule(proto, {})
    x = torch.randn(16, 1, 8, 8)
    optimizers = [torch.optim.SGD(model.parameters(), 0.1) for model in (net, module)]
    for _ in range(3):
        for model, optimizer in zip((net.train(), module.train()), optimizers, strict=True):
            optimizer.zero_grad()
            model(x).square().mean().backward()
            optimizer.step()
    torch.testing.assert_close(module.eval()(x), net.eval()(x))


def test_any_batch_size_runs():
    module = OnnxModule(take_in(export_module(Net(), (1, 8, 8), 0)).proto, {}).eval()
    for count in (1, 7):
        assert module(torch.from_numpy(np.zeros((count, 1, 8, 8), np.float32))).shape == (count, 10)


def test_what_is_no_module_or_cannot_be_exported_is_said():
    with pytest.raises(ModelError, match=r"(?s)returned int.*torch.nn.Module"):
        export_module(3, (1, 8, 8), 0)
    with pytest.raises(ModelError, match="cannot be exported"):
        export_module(nn.Linear(3, 3), (1, 8, 8), 0)
