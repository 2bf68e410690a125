# SPDX-License-Identifier: Apache-2.0
"""Take one network through plan and run, and every judge."""

from __future__ import annotations

import time
import traceback
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import define, evolve, field
from onnx import ModelProto, numpy_helper

from differential.judges import (
    Follow,
    activation_quantizers,
    compare_bridge,
    compare_integers,
    compare_outputs,
    exactly,
    for_any_batch,
)
from differential.simulate import simulate
from differential.spec import Network as Drawn
from differential.verdict import Finding, Refused, Verdict
from differential.write import images, write
from drawplate import Artifact, DrawplateError, StepFailed
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.testing import make_runner
from drawplate.testing.exact import Exact, whole
from drawplate_dataflow.network import Network

IMAGES = 16
SECOND = 5
"""One network in so many, and every simulated one, is lowered with FINN+'s second opinion."""
PATIENCE: Final = 20.0
"""Seconds that FINN+ gets; there are networks on which its transformations never end."""


@define
class Court:
    """Judges networks one after the other; tools stay open."""

    folder: Path
    second: bool = False
    """Whether FINN+ gives its opinion on every network."""
    runner: Runner = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.runner = make_runner(self.folder)

    def close(self) -> None:
        self.runner.close()

    def judge(self, network: Drawn, foldings: int = 0) -> Verdict:
        """Return what became of a network.

        Args:
            network: as drawn.
            foldings: how many foldings of it are simulated clock by clock.
        """
        started = time.monotonic()
        try:
            found = self._judged(network, foldings)
        except Refused as refused:
            found = Verdict(outcome="refused", stage=refused.stage, message=refused.error.message)
        except Finding as finding:
            found = Verdict(outcome="finding", stage=finding.stage, message=finding.message)
        except Exception as error:  # noqa: BLE001 - whatever breaks is a finding
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(last.filename).name}:{last.name}"
            found = Verdict(outcome="finding", stage="crash", message=f"{type(error).__name__} in {place}: {error}")
        return evolve(found, seconds=round(time.monotonic() - started, 3))

    def _judged(self, network: Drawn, foldings: int) -> Verdict:
        proto = write(network)
        x = images(network, IMAGES, _step(proto))
        judged = write(evolve(network, last="")) if network.last else proto  # the host computes what follows logits
        artifact = self._taken_in(proto, network.shape)
        options: dict[str, Any] = {}
        if network.input is None:
            options = {"input_datatype": "UINT4", "input_scale": 1.0}
        lowered = self._planned("lower", artifact, options)
        self._planned("z7020", lowered, {})
        tidy, fed = artifact.proto(), _behind_head(artifact, x)
        rounded = compare_bridge(for_any_batch(tidy), fed)
        codes = _codes(lowered, fed)
        start = _Fed(codes + _offset(lowered)) if network.input is not None else None
        expected = exactly(for_any_batch(judged), x, start)
        network_read = _integers(lowered, codes, expected, len(proto.graph.node))
        second = self.second or foldings > 0 or network.seed % SECOND == 0
        self._run(artifact, lowered, options, second=second)
        for seed in range(foldings):
            simulate(network_read, network.seed + seed, whole=seed % 2 == 0)
        rounded += start.rounded if start else 0
        kinds = tuple(sorted({type(layer).__name__ for layer in network_read.layers}))
        return Verdict(outcome="agreed", rounded=rounded, foldings=foldings, kinds=kinds)

    def _taken_in(self, proto: ModelProto, shape: tuple[int, ...]) -> Artifact:
        from drawplate.door import Wish, take_in

        try:
            return self.runner.session.store.put_model(take_in(proto, Wish(data=shape)).proto)
        except StepFailed as error:
            raise Finding("door", error.message) from error
        except DrawplateError as error:
            raise Refused("door", error) from error

    def _run(self, artifact: Artifact, planned: Artifact, options: dict[str, Any], *, second: bool) -> None:
        """Carry out what was planned: what fails now is refused too late.

        Args:
            artifact: the model.
            planned: what the plan of ``lower`` gave.
            options: of ``lower``.
            second: whether FINN+ is asked, as it is by default; that takes longer than all the rest.
        """
        given = {**options, "finn_seconds": PATIENCE} if second else {**options, "finn": False}
        try:
            made = self.runner.run(Request(step="lower", subject=artifact, options=given)).artifact
            self.runner.run(Request(step="z7020", subject=made, verbs=("export",)))
        except DrawplateError as error:
            raise Finding("late", error.message) from error
        if made.digest != planned.digest:
            raise Finding("late", "lower's run gives another model than its plan")

    def _planned(self, step: str, artifact: Artifact, options: dict[str, Any]) -> Artifact:
        """Preview a step; what it refuses has to name a place."""
        try:
            preview = self.runner.preview(Request(step=step, subject=artifact, options=options))
        except StepFailed as error:
            raise Finding(f"plan {step}", f"{error.message} {_last_line(error)}") from error
        except DrawplateError as error:
            if not error.where:
                raise Finding(f"plan {step}", f"refused without a place: {error.message}") from error
            raise Refused(step, error) from error
        assert preview is not None
        assert preview.model is not None
        return preview.model


def _behind_head(artifact: Artifact, x: np.ndarray) -> np.ndarray:
    """Return images as the model takes them: behind what the door cut off at its input."""
    from onnx import helper
    from onnx.reference import ReferenceEvaluator

    from drawplate.door import ends_of

    head = ends_of(artifact.proto()).head
    if head is None:
        return x
    whole_head = helper.make_model(head.graph, opset_imports=artifact.proto().opset_import)
    (found,) = ReferenceEvaluator(whole_head).run(None, {head.graph.input[0].name: x})
    return np.asarray(found, np.float32)


def _codes(lowered: Artifact, x: np.ndarray) -> np.ndarray:
    """Return the integers that enter the lowered model."""
    from drawplate.input_codes import input_codes

    codes = input_codes(lowered.proto())
    if codes is None:
        raise Finding("lowered", "does not say how its input's codes are made")
    return codes.of(x)


def _offset(lowered: Artifact) -> int:
    """Return what was taken off the codes of the model's own quantizer."""
    from drawplate.input_codes import input_codes

    codes = input_codes(lowered.proto())
    return codes.offset if codes else 0


def _integers(lowered: Artifact, codes: np.ndarray, expected: Exact, nodes: int) -> Network:
    """Compare the golden model of the lowered network with exact outputs; return the network."""
    from drawplate_dataflow.network import golden
    from drawplate_dataflow.reading import read

    network = read(lowered)
    floats = expected.floats()
    compare_outputs("lowered", floats.reshape(len(codes), -1), golden.outputs(network, codes), 2e-7 * nodes)
    compare_integers(expected, golden.run(network, network.frames(codes)).reshape(len(codes), -1))
    return network


@define
class _Fed:
    """Goes on with the codes that the host makes in float32, where exact arithmetic would round otherwise."""

    codes: np.ndarray
    """Of all images, as the lowered model takes them."""
    rounded: int = 0
    _done: int = 0
    _name: str = ""

    def __call__(self, node: Any, found: Any) -> Any:
        self._name = self._name or node.name
        if node.name != self._name:
            return found.value
        count = len(found.codes)
        given = self.codes[self._done : self._done + count]
        self._done += count
        if given.shape != found.codes.shape:
            order = (0, 3, 1, 2) if given.transpose(0, 3, 1, 2).shape == found.codes.shape else (0, 2, 3, 1)
            given = given.transpose(order)
        follow = Follow({node.output[0]: found.with_codes(whole(given)).floats()}, judge="host")
        value: Any = follow(node, found)
        self.rounded += follow.rounded
        return value


def _step(proto: ModelProto) -> float | None:
    """Return the step of the input's quantizer."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    for node in activation_quantizers(proto):
        scale = arrays.get(node.input[1])
        return None if scale is None or scale.size != 1 else abs(float(scale.reshape(())))
    return None


def _last_line(error: StepFailed) -> str:
    lines = [line for line in error.traceback.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
