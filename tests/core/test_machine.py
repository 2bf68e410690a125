# SPDX-License-Identifier: Apache-2.0
"""What a trained result depends on beside model, data, options and seed is part of its key, and of its record."""

import json
import os
import subprocess
import sys

import pytest

from drawplate import processor
from drawplate.job import Request
from drawplate.testing import make_runner
from drawplate.zoo import build_model

FLOW = """
[model]
zoo = "resnet20"
[data]
name = "digits"
[[step]]
use = "fit"
epochs = 1
images = 256
precision = "fp32"
"""
DIGESTS = {}
OPTIONS = {"epochs": 1, "images": 64, "batch": 32}


def cli(folder, *arguments, **environment):
    command = [sys.executable, "-m", "drawplate", *arguments, "--store", str(folder), "--json"]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def fitted(folder, seed=None):
    """Digest of the fitted model and the notes of the run with a seed."""
    for run in (folder / "runs").iterdir():
        path = run / "steps" / "01-fit.json"
        if path.is_file() and (seed is None or json.loads((run / "run.json").read_text())["flow"].get("seed") == seed):
            outcome = json.loads(path.read_text())["outcomes"][0]
            return outcome["artifact"]["digest"], outcome["notes"]
    raise AssertionError(list((folder / "runs").iterdir()))


@pytest.fixture
def flow(tmp_path):
    (tmp_path / "f.toml").write_text(FLOW)
    return str(tmp_path / "f.toml")


@pytest.mark.slow
def test_bytes_do_not_depend_on_the_threads_of_the_environment_nor_on_workers(flow, tmp_path):
    cli(tmp_path / "one", "run", flow, OMP_NUM_THREADS="1")
    cli(tmp_path / "two", "run", flow, OMP_NUM_THREADS="2")
    cli(tmp_path / "sweep", "sweep", flow, "--over", "fit.batch=128,129", "--workers", "2", OMP_NUM_THREADS="2")
    digest, notes = fitted(tmp_path / "one")
    assert fitted(tmp_path / "two")[0] == digest
    swept = (tmp_path / "sweep" / "runs").glob("*/steps/01-fit.json")
    assert digest in {json.loads(path.read_text())["outcomes"][0]["artifact"]["digest"] for path in swept}
    assert any("trained in float32: PyTorch" in note and "1 thread, " in note for note in notes)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Play a processor with these flags."""

    def play(flags):
        path = tmp_path / "cpuinfo"
        path.write_text(f"model name : play\nflags : {flags}\n")
        monkeypatch.setattr(processor, "CPUINFO", path)
        processor.has_bf16.cache_clear()

    yield play
    processor.has_bf16.cache_clear()


@pytest.fixture
def fit(tmp_path):
    """Fit a small convolutional network."""
    runner = make_runner(tmp_path, data={"name": "digits"})
    proto = build_model("resnet20", {}, shape=runner.dataset().shape, classes=10, seed=0)
    model = runner.session.store.put_model(proto)

    def run(**options):
        return runner.run(Request(step="fit", subject=model, options=OPTIONS | options))

    return run


@pytest.fixture
def threads():
    """Set the number of threads that this process has."""
    import torch

    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_threads_are_an_option_and_none_of_the_process(fit, threads):
    threads(2)
    one, two = fit(precision="fp32"), fit(precision="fp32", threads=2)
    assert any("float32: PyTorch" in note and " 1 thread, " in note for note in one.notes)
    assert one.artifact.digest != two.artifact.digest  # sums are split otherwise


@pytest.mark.parametrize("count", [1, 2])
def test_bytes_do_not_depend_on_the_threads_of_the_process(fit, threads, count):
    threads(count)
    digest = fit(precision="fp32").artifact.digest
    assert DIGESTS.setdefault("any", digest) == digest


def test_what_auto_stands_for_is_chosen_before_a_result_gets_its_key(machine, fit):
    machine("avx512f avx512_bf16")
    half = fit()
    assert half.resolved == {"precision": "bf16"}
    assert any("trained in bfloat16" in note for note in half.notes)
    machine("avx2")
    full = fit()
    assert full.resolved == {"precision": "fp32"}
    assert full.artifact.digest != half.artifact.digest
    assert any("trained in float32" in note for note in full.notes)
    assert fit(precision="fp32").seconds == full.seconds  # it is the same result, out of the store
    assert fit(precision="bf16").artifact.digest == half.artifact.digest


def test_a_search_whose_candidates_are_trained_depends_on_it_too(machine, tmp_path, write_plugin, tiny):
    search = write_plugin(
        "search",
        """
        @hookimpl
        def card():
            return Card(summary="", options={"compress": Options}, accepts={Form.FLOAT}, runs=lambda _: ["fit"])

        @hookimpl
        def compress(model, options, job):
            return model
        """,
    )
    runner = make_runner(tmp_path, plugin_files=[search])
    request = Request(step="search", subject=runner.session.store.put_model(tiny))
    for flags, count in (("avx2", 1), ("avx512_bf16", 2), ("amx_bf16", 2)):
        machine(flags)
        runner.run(request)
        assert len(list(tmp_path.rglob("results/*.json"))) == count


def test_a_perceptron_gains_nothing_from_it(machine, tmp_path):
    machine("avx512_bf16")
    runner = make_runner(tmp_path, data={"name": "digits"})
    proto = build_model("mlp", {"hidden": [8]}, shape=runner.dataset().shape, classes=10, seed=0)
    model = runner.session.store.put_model(proto)
    assert runner.run(Request(step="fit", subject=model, options=OPTIONS)).resolved == {"precision": "fp32"}


def test_float32_is_float32_whatever_others_have_set():
    import torch

    from drawplate.torch.engine import repeatable

    before = torch.backends.cuda.matmul.fp32_precision
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    try:
        with repeatable(2):
            assert torch.get_num_threads() == 2
            assert {room.fp32_precision for room in (torch.backends.cuda.matmul, torch.backends.cudnn.conv)} == {"ieee"}
        assert torch.backends.cuda.matmul.fp32_precision == "tf32"
    finally:
        torch.backends.cuda.matmul.fp32_precision = before
