# SPDX-License-Identifier: Apache-2.0
"""What torch's two exporters write compiles to what torch computes."""

# ruff: noqa: TID253
import numpy as np
import onnx
import pytest
import torch
from torch import nn

from drawplate_target_myriadx.compiler import compile_model
from drawplate_target_myriadx.options import ExportOptions
from drawplate_target_myriadx.prepare import prepare


class Net(nn.Module):
    """Hard activations, a depthwise convolution, squeeze and excitation, a channel shuffle."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.Hardswish())
        self.depthwise = nn.Conv2d(16, 16, 3, 1, 1, groups=16)
        self.squeeze = nn.Sequential(nn.Conv2d(16, 4, 1), nn.ReLU(), nn.Conv2d(4, 16, 1), nn.Hardsigmoid())
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = self.depthwise(self.stem(x))
        x = x * self.squeeze(x.mean([2, 3], keepdim=True))
        batch, channels, height, width = x.shape
        x = x.view(batch, 2, channels // 2, height, width).transpose(1, 2).reshape(batch, channels, height, width)
        one, other = x.chunk(2, 1)
        return self.head(torch.cat([other, one * torch.sigmoid(other)], 1).mean((2, 3)))


@pytest.mark.myriad
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("opset", "dynamo"), [(11, False), (17, False), (18, True)])
def test_it_compiles_to_what_torch_computes(opset, dynamo, tool, tmp_path):
    torch.manual_seed(0)
    net, x = Net().eval(), torch.randn(1, 3, 32, 32)
    torch.onnx.export(net, (x,), tmp_path / "m.onnx", opset_version=opset, dynamo=dynamo, input_names=["x"])
    compile_model(prepare(onnx.load(tmp_path / "m.onnx")).proto, ExportOptions(), tool, tmp_path)
    np.savez(tmp_path / "in.npz", x=x.numpy())
    source, results = str(tmp_path / "prepared.onnx"), str(tmp_path / "out.npz")
    tool.call("execute", source=source, inputs=str(tmp_path / "in.npz"), outputs=results)
    (found,) = np.load(results).values()
    assert found == pytest.approx(net(x).detach().numpy(), abs=1e-5)
