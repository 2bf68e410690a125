# SPDX-License-Identifier: Apache-2.0
"""From Python the same engine runs the same flows as on the command line."""

import subprocess
import sys
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pytest

import drawplate as dp

HEAVY = ("torch", "onnx", "onnxruntime", "numpy", "pandas", "plotly", "typer", "rich")


def test_importing_it_loads_no_framework():
    program = f"import sys, drawplate as dp; dp.__version__; print(*[n for n in {HEAVY!r} if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "\n"


def test_a_run_has_figures_models_tables_and_pages(result, tmp_path):
    assert result.metrics["top1"] is result.metrics["ort.top1"]
    assert result.metrics["fit.val_top1"].split == "val"
    assert result.metrics["fit.val_top1"].value == max(value for _, value in result["fit"].curves["val_top1"])
    assert result.metrics["top1"].count == 360
    assert result.artifact.proto().graph.node
    assert result["ort"].build.path("model.onnx").is_file()
    assert "top1" in repr(result)
    assert "<table>" in result._repr_html_()
    assert set(result.figures) == {"fit-accuracy", "fit-loss"}
    assert result.report(tmp_path / "r.html").read_text().startswith("<!doctype html>")
    frame = result.to_pandas()
    assert frame.loc[frame.metric == "top1", "value"].item() == result.metrics.value("top1")


def test_a_mistake_names_what_was_meant(result):
    with pytest.raises(KeyError, match="top1"):
        result.metrics["top2"]
    with pytest.raises(dp.FlowError, match="did you mean: ort"):
        result["orrt"]
    with pytest.raises(dp.FlowError, match="fit__epochs=5"):
        dp.run({"model": {"zoo": "mlp"}}, fit_epochs=5)
    with pytest.raises(dp.FlowError, match="there is no step 'fitt' to set"):
        dp.plan({"model": {"zoo": "mlp"}, "step": [{"use": "fit"}]}, fitt__epochs=5)


@pytest.mark.slow
def test_a_script_without_a_guard_sweeps_in_workers(tmp_path):
    program = tmp_path / "script.py"
    program.write_text(
        "import drawplate as dp\nprint('once')\n"
        "model = dp.Model(zoo='mlp', hidden=[4], data={'name': 'digits', 'limit': 100})\n"
        "found = model.fit(epochs=1).sweep({'seed': [0, 1]}, workers=2, quiet=True)\n"
        "print(sorted(cell.error or '' for cell in found.cells))\n"
    )
    done = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "once\n['', '']\n", done.stderr


def test_what_is_loaded_is_what_ran(result, store):
    assert dp.load(result.id, store=store).metrics == result.metrics
    assert result.id in dp.runs(store=store)


def test_a_sweep_gathers_seeds(swept, store, monkeypatch):
    assert len(swept.cells) == 4
    values = [c.metrics["ort"][0].value for c in swept.cells if c.values[0] == 0.01]
    frame = swept.to_pandas()
    row = frame[(frame["fit.lr"] == 0.01) & (frame.metric == "top1")].iloc[0]
    assert (row["mean"], row["spread"], row["runs"]) == (fmean(values), stdev(values), 2)
    assert len(swept.to_pandas(each=True)) > len(frame)
    top1 = {point.values["fit.lr"]: point.mean("ort.top1") for point in swept.settings}
    assert swept.best("top1") == {"fit.lr": max(top1, key=top1.get)}
    assert r"$\pm$" in swept.table(["top1"])
    assert "<table>" in swept._repr_html_()
    assert not set(dp.runs(store=store)) & {cell.run for cell in swept.cells}
    assert dp.load(store=store).id == swept.id, "the last run is the sweep, not one of its cells"


def test_a_model_is_a_flow_said_step_by_step(store):
    model = dp.Model(zoo="mlp", hidden=[8], data="digits", store=store, name="chain")
    longer = model.quantize(weight_bits=3).fit(epochs=1, name="retrain")
    assert not model.steps
    assert [step["use"] for step in longer.steps] == ["quantize", "fit"]
    assert [step["name"] for step in longer.plan().steps] == ["quantize", "retrain"]
    assert "[[step]]" in longer.to_toml()
    assert "retrain" in longer._repr_html_()
    assert "quantize" in dir(model)
    with pytest.raises(AttributeError, match="did you mean 'quantize'"):
        model.qantize()
    with pytest.raises(dp.FlowError, match="one model"):
        dp.Model()
    teacher = dp.Model(zoo="mlp", hidden=[16], store=store)
    assert longer.distill(teachers=teacher).flow["models"] == {"teacher1": {"zoo": "mlp", "hidden": [16]}}


@pytest.mark.parametrize("kind", ["numpy", "pandas", "tensor", "list", "column"])
def test_arrays_of_any_kind_are_data(kind, store):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 4)).astype(np.float32)
    y = np.where(x[:, 0] > 0, "yes", "no")
    table = {"x": _as(kind, x), "y": _as(kind, y) if kind != "tensor" else y}
    flow = {"model": {"zoo": "mlp", "hidden": [4]}, "data": table, "step": [{"use": "fit", "epochs": 1}]}
    planned = dp.plan(flow, store=store)
    assert planned.plan.flow.data["classes"] == ["no", "yes"]
    assert planned.plan.models["model"].outputs[0].shape[1] == 2


def _as(kind, array):
    if kind == "pandas":
        import pandas as pd

        return pd.DataFrame(array) if array.ndim > 1 else pd.Series(array)
    if kind == "tensor":
        import torch

        return torch.from_numpy(array).requires_grad_()
    if kind == "list":
        return array.tolist()
    return array if kind == "numpy" else Column(array)


class Column:
    """A column of a Hugging Face data set: rows by number, no array."""

    def __init__(self, array):
        self.array = array

    def __len__(self):
        return len(self.array)

    def __getitem__(self, number):
        return self.array[number]


def test_arrays_that_are_none_are_refused(store):
    flow = {"model": {"zoo": "mlp"}, "step": [{"use": "fit"}]}
    with pytest.raises(dp.DataError, match=r"data, x: is no array"):
        dp.plan({**flow, "data": {"x": [[1, 2], [3]], "y": [0, 1]}}, store=store)
    with pytest.raises(dp.DataError, match="holds words"):
        dp.plan({**flow, "data": {"x": ["a", "b"], "y": [0, 1]}}, store=store)
    with pytest.raises(dp.DataError, match="arrays and a name"):
        dp.plan({**flow, "data": {"x": [1], "name": "digits"}}, store=store)


def test_a_module_with_dropout_is_trained_and_exported(store, tmp_path):
    import torch

    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 12), torch.nn.ReLU(), torch.nn.Dropout(0.5))
    module.append(torch.nn.Linear(12, 10))
    data = {"name": "digits", "limit": 200}
    found = dp.Model(module, data=data, store=store).fit(epochs=1).ort(only=["export"]).run(quiet=True, workers=1)
    assert any(node.op_type == "Dropout" for node in found["fit"].artifact.proto().graph.node)
    assert not any(node.op_type == "Dropout" for node in dp_model(found["ort"].build.path("model.onnx")).graph.node)
    folder = found.export(tmp_path / "out")
    done = subprocess.run([sys.executable, folder / "selftest.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("right: model.onnx, 64 examples")


def dp_model(path: Path):
    import onnx

    return onnx.load(path)
