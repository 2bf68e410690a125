# SPDX-License-Identifier: Apache-2.0
"""Trained and lowered perceptrons of Fashion-MNIST, made once per store."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import frozen

from drawplate.artifact import Artifact, Form
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.testing import make_runner
from drawplate.zoo import build_model

TRAINING = {"epochs": 20, "batch": 500, "lr": 0.005}


@frozen(kw_only=True)
class Bits:
    """Bits per weight, activation and pixel."""

    weight: int
    act: int
    pixel: int

    @classmethod
    def parse(cls, text: str) -> Bits:
        """Read ``W3A3i8``."""
        weight, rest = text.removeprefix("W").split("A")
        act, pixel = rest.split("i")
        return cls(weight=int(weight), act=int(act), pixel=int(pixel))

    def __str__(self) -> str:
        return f"W{self.weight}A{self.act}i{self.pixel}"


@frozen(kw_only=True)
class Trained:
    """A lowered network and the test accuracy of the model that it was lowered from."""

    model: Artifact
    top1: float


def open_store() -> Runner:
    """Return a runner over the store in ``DRAWPLATE_STORE``, or ``.drawplate-benchmark`` here."""
    folder = Path(os.environ.get("DRAWPLATE_STORE", ".drawplate-benchmark"))
    return make_runner(folder, data={"name": "fashion-mnist"})


def trained(runner: Runner, bits: Bits, seed: int = 0) -> Trained:
    """Train 784-256-256-256-10 and lower it."""
    proto = build_model("mlp", {"hidden": (256, 256, 256)}, shape=(1, 28, 28), classes=10, seed=seed)
    model = runner.session.store.put_model(proto, Form.FLOAT, ())
    options = {"weight_bits": bits.weight, "act_bits": bits.act, "input_bits": bits.pixel}
    for step, given in (("quantize", options), ("fit", TRAINING)):
        model = runner.run(Request(step=step, subject=model, options=given, seed=seed)).artifact
    top1 = runner.run(Request(step="ort", subject=model, verbs=("measure",))).metric("top1")
    return Trained(model=runner.run(Request(step="lower", subject=model)).artifact, top1=top1)
