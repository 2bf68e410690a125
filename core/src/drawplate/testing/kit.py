# SPDX-License-Identifier: Apache-2.0
"""The conformance kit.

Subclass :class:`StepContract` in a test module, give it a step and, by overriding the fixtures, a model that the
step takes and options for it; pytest then runs the kit::

    class TestMyChip(StepContract):
        step = "mychip"

        @pytest.fixture
        def options(self):
            return {"clock_mhz": 100}
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from drawplate.artifact import Artifact, Form
from drawplate.card import Verb
from drawplate.errors import FlowError
from drawplate.job import Request
from drawplate.options import as_table, read_options
from drawplate.outcome import Outcome
from drawplate.processes import run
from drawplate.runner import Runner
from drawplate.runner.options import read_step_options
from drawplate.testing.make import make_runner

HEAVY = ("torch", "brevitas", "onnxruntime", "openvino", "platypus", "ray", "plotly", "sklearn", "pyosys")


class StepContract:
    """What every step has to hold to."""

    step: ClassVar[str]
    """Name of the step under test."""
    plugin_files: ClassVar[tuple[Path, ...]] = ()
    """Files of an unpackaged plugin."""
    verbs: ClassVar[tuple[Verb, ...]] = ()
    """Verbs to try; empty for all on the card."""

    @pytest.fixture
    def data(self) -> Mapping[str, Any] | None:
        """The ``[data]`` table; override with None for a step that needs no data."""
        return {"name": "digits", "limit": 200}

    @pytest.fixture
    def runner(self, tmp_path: Path, data: Mapping[str, Any] | None) -> Runner:
        """A runner over a store of its own."""
        return make_runner(tmp_path, data=data, plugin_files=self.plugin_files)

    @pytest.fixture
    def model(self, runner: Runner) -> Artifact:
        """A model that the step takes; by default a small classifier of the digits."""
        from drawplate.zoo import build_model

        proto = build_model("mlp", {"hidden": [16]}, shape=(1, 8, 8), classes=10, seed=0)
        return runner.session.store.put_model(proto, Form.FLOAT)

    @pytest.fixture
    def teachers(self, model: Artifact) -> tuple[Artifact, ...]:  # noqa: ARG002 - an override may use it
        """Teachers for ``train``."""
        return ()

    @pytest.fixture
    def options(self) -> Mapping[str, Any]:
        """The step's options, as in a flow; override for options without a default or to make the test short."""
        return {}

    def _run(self, runner: Runner, model: Artifact, teachers: tuple[Artifact, ...], options: Any) -> Outcome:
        return runner.run(
            Request(step=self.step, subject=model, teachers=teachers, options=options, verbs=self.verbs, seed=3)
        )

    def test_card_loads_nothing_heavy(self) -> None:
        """Listing steps must stay instant."""
        program = (
            "import sys; from pathlib import Path; from drawplate.plugins import Plugins;"
            f"Plugins([Path(p) for p in {[str(path) for path in self.plugin_files]!r}]).card({self.step!r});"
            f"print(*(name for name in {HEAVY!r} if name in sys.modules))"
        )
        done = run([sys.executable, "-c", program], seconds=120, where=self.step)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == []

    def test_options_survive_a_round_trip(self, runner: Runner, options: Mapping[str, Any]) -> None:
        """Options become JSON values for cache keys and flow files, and come back equal."""
        card = runner.plugins.card(self.step)
        for read in read_step_options(card, self.verbs or card.verbs, options, "test").values():
            table = {key: value for key, value in as_table(read).items() if value is not None}
            assert read_options(type(read), table, "test") == read

    def test_unknown_option_is_refused(self, runner: Runner, model: Artifact, options: Mapping[str, Any]) -> None:
        """A typo is named, with what is allowed."""
        with pytest.raises(FlowError, match="no_such_option"):
            self._run(runner, model, (), {**options, "no_such_option": 1})

    def test_keeps_its_promises(
        self, runner: Runner, model: Artifact, teachers: tuple[Artifact, ...], options: Mapping[str, Any]
    ) -> None:
        """The core's own checks pass, and the model's file is untouched."""
        outcome = self._run(runner, model, teachers, options)
        assert hashlib.sha256(model.path.read_bytes()).hexdigest() == model.digest
        assert all(metric.source for metric in outcome.metrics)

    def test_same_seed_same_digests(
        self, tmp_path: Path, data: Any, model: Artifact, teachers: tuple[Artifact, ...], options: Mapping[str, Any]
    ) -> None:
        """Two runs in two stores end with the same bytes."""
        outcomes = []
        for name in ("first", "second"):
            runner = make_runner(tmp_path / name, data=data, plugin_files=self.plugin_files)
            student, *others = (runner.session.store.put_model(a.proto(), a.form) for a in (model, *teachers))
            outcomes.append(self._run(runner, student, tuple(others), options))
        first, second = outcomes
        assert first.artifact.digest == second.artifact.digest
        assert [c.artifact.digest for c in first.front] == [c.artifact.digest for c in second.front]
        assert (first.build and first.build.digest) == (second.build and second.build.digest)

    def test_second_run_comes_out_of_the_store(
        self, runner: Runner, model: Artifact, teachers: tuple[Artifact, ...], options: Mapping[str, Any]
    ) -> None:
        """Nothing is computed twice: metrics, measured ones too, are equal to the last digit."""
        assert self._run(runner, model, teachers, options) == self._run(runner, model, teachers, options)
