# SPDX-License-Identifier: Apache-2.0
"""What is made without training has the same bytes on every processor.

Another processor is played by telling the libraries to leave its newer instructions alone, in a process of its own.
ONNX Runtime and OpenVINO take no such orders: what they compute decides no bytes.
"""

import json
import os
import subprocess
import sys
import textwrap

import pytest

OLDER = {
    "ATEN_CPU_CAPABILITY": "default",
    "DNNL_MAX_CPU_ISA": "AVX2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "OMP_NUM_THREADS": "2",
}
PROGRAM = """
    import json, sys
    from pathlib import Path

    from drawplate.job import Request
    from drawplate.testing import make_runner
    from drawplate.zoo import build_model

    folder, zoo, arguments, steps, quantizers = Path(sys.argv[1]), *map(json.loads, sys.argv[2:])
    runner = make_runner(folder, data={"name": "digits"})
    proto = build_model(zoo, arguments, shape=runner.dataset().shape, classes=10, seed=0)
    model = runner.session.store.put_model(proto)
    digests = {"model": model.digest}

    def run(name, step, subject, **options):
        outcome = runner.run(Request(step=step, subject=subject, options=options, verbs=VERBS.get(step, ())))
        digests[name] = outcome.build.digest if outcome.build else outcome.artifact.digest
        return outcome.artifact

    VERBS = {step: ("export",) for step in ("ort", "myriadx", "z7020")}
    for step in steps:
        run(step, step, model)
    for number, options in enumerate(quantizers):
        made = run(f"quantize {number}", "quantize", model, calibration_images=200, **options)
        if zoo == "mlp":
            made = run(f"lower {number}", "lower", made, check_images=20, finn=False)
            run(f"z7020 {number}", "z7020", run(f"fold {number}", "fold", made))
    runner.close()
    print(json.dumps(digests))
"""
QUANTIZERS = [
    {"weight_bits": 3, "act_bits": 3},
    {"weight_bits": 1, "act_bits": 1, "weight_quantizer": "learned", "scales": "channel"},
    {"weight_bits": 4, "act_bits": 2, "weight_quantizer": "paper"},
]


def digests(folder, case, environment):
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(folder), *map(json.dumps, case)]
    return subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "case",
    [
        ("mlp", {"hidden": [16, 16]}, ["ort"], QUANTIZERS),
        pytest.param(("resnet20", {}, ["ort"], QUANTIZERS), marks=pytest.mark.slow),
        pytest.param(("mlp", {"hidden": [16]}, ["myriadx"], []), marks=pytest.mark.myriad),
    ],
    ids=["perceptron", "ResNet", "blob"],
)
def test_another_processor_gives_the_same_bytes(tmp_path, case):
    both = [digests(tmp_path / name, case, how) for name, how in (("this", {}), ("older", OLDER))]
    this, older = (json.loads(process.communicate()[0]) for process in both)
    assert this == older
    assert len(this) >= 2


@pytest.fixture
def noisy(monkeypatch):
    """Play processors on which sums of a network end in other bits."""
    import torch

    from drawplate.torch import OnnxModule

    real = OnnxModule.forward_with

    def play(size):
        def forward_with(self, x, names):
            first, values = real(self, x, names)
            return first, {name: v * (1 + size * torch.rand_like(v)) for name, v in values.items()}

        monkeypatch.setattr(OnnxModule, "forward_with", forward_with)

    return play


@pytest.mark.parametrize(("size", "same"), [(1e-15, True), (1e-7, False)], ids=["double", "single"])
def test_ranges_do_not_depend_on_the_order_of_sums(noisy, tmp_path, size, same):
    from drawplate.job import Request
    from drawplate.testing import make_runner
    from drawplate.zoo import build_model

    found = []
    for name, noise in (("this", 0.0), ("other", size)):
        noisy(noise)
        runner = make_runner(tmp_path / name, data={"name": "digits"})
        proto = build_model("resnet20", {}, shape=runner.dataset().shape, classes=10, seed=0)
        subject = runner.session.store.put_model(proto)
        request = Request(step="quantize", subject=subject, options={"calibration_images": 16})
        found.append(runner.run(request).artifact.digest)
    assert (found[0] == found[1]) == same
