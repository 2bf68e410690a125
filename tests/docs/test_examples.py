# SPDX-License-Identifier: Apache-2.0
"""Programs of the docs run."""

import importlib.util
import re
import types
from pathlib import Path

import pytest

import drawplate as dp

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_loop_of_ones_own_trains_what_drawplate_quantized(tmp_path):
    result = load(EXAMPLES / "own_loop" / "own_loop.py").main("ort", epochs=3, store=tmp_path)
    assert result.metrics.value("top1") > 80
    assert any(node.op_type == "Quant" for node in result.artifact.proto().graph.node)


@pytest.mark.slow
@pytest.mark.verilator
@pytest.mark.yosys
def test_what_it_trained_becomes_hardware(tmp_path):
    result = load(EXAMPLES / "own_loop" / "own_loop.py").main("z7020", epochs=5, store=tmp_path)
    assert result.metrics.value("z7020.fits") == 1
    assert result.metrics["z7020.top1"].source == "simulated"


class Columns(dict):
    """Part of a Hugging Face data set: columns by name."""

    def with_format(self, _):
        return self


def things_the_page_takes_for_granted(folder, monkeypatch):
    """Write the files, and return the names, that the page's programs use."""
    import onnx
    import pandas as pd
    import torch
    from sklearn.datasets import load_digits

    monkeypatch.chdir(folder)
    digits = load_digits()
    images = (digits.images * 15).astype("uint8")
    flow = dp.Model(zoo="mlp", hidden=[8], data="digits")
    Path("first.toml").write_text(flow.fit(epochs=1).ort().to_toml())
    onnx.save(flow.fit(epochs=1).run(quiet=True).artifact.proto(), "net.onnx")
    frame = pd.DataFrame(digits.data)
    frame["state"] = ["even" if label % 2 == 0 else "odd" for label in digits.target]
    frame.to_csv("sensors.csv", index=False)
    part = Columns(image=images, label=digits.target)
    hub = types.SimpleNamespace(load_dataset=lambda _: Columns(train=part, test=part))
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
    pairs = [(torch.from_numpy(image)[None], int(label)) for image, label in zip(images, digits.target, strict=True)]
    return {"pandas": pd, "datasets": hub, "module": module, "my_dataset": pairs}


@pytest.mark.slow
def test_the_programs_of_the_page_on_python_run(tmp_path, monkeypatch, capsys):
    names = things_the_page_takes_for_granted(tmp_path, monkeypatch)
    text = (EXAMPLES.parent / "how-to" / "python.md").read_text()
    for program in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(program.replace("epochs=10", "epochs=1"), "python.md", "exec"), names)
    assert "[[step]]" in capsys.readouterr().out
    assert (tmp_path / "report.html").is_file()
