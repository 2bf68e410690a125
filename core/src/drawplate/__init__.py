# SPDX-License-Identifier: Apache-2.0
"""drawplate: pull a neural network through a row of steps until it fits a small chip, and prove that it fits.

``import drawplate as dp`` gives what a script or a notebook uses (``dp.run``, ``dp.sweep``, ``dp.Model``, see
:mod:`drawplate.api`) and what a plugin imports; the contract itself is :mod:`drawplate.hookspecs`.  Names are loaded on
first use, so that neither importing this nor ``drawplate --help`` loads any of them.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

# ONNX Runtime reports its use to its maker from the moment it is imported, and leaves a file for that.  "0" lets it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from drawplate.api import (
        Metrics,
        Model,
        Planned,
        RunResult,
        StepResult,
        SweepResult,
        dataset,
        load,
        plan,
        run,
        runs,
        sweep,
    )
    from drawplate.artifact import Artifact, Candidate, Form, Front, TensorSpec
    from drawplate.board import Board
    from drawplate.build import Build
    from drawplate.card import Card, Preview, Verb
    from drawplate.errors import (
        BrokenPlugin,
        ContractError,
        DataError,
        DrawplateError,
        FlowError,
        ModelError,
        StepFailed,
        StoreError,
        ToolMissing,
    )
    from drawplate.hookspecs import hookimpl
    from drawplate.job import Job
    from drawplate.metric import Metric, Source
    from drawplate.options import option
    from drawplate.outcome import Outcome

__version__ = "0.1.0"

_PLACES = {
    "api": (
        "Metrics",
        "Model",
        "Planned",
        "RunResult",
        "StepResult",
        "SweepResult",
        "dataset",
        "load",
        "plan",
        "run",
        "runs",
        "sweep",
    ),
    "artifact": ("Artifact", "Candidate", "Form", "Front", "TensorSpec"),
    "board": ("Board",),
    "build": ("Build",),
    "card": ("Card", "Preview", "Verb"),
    "errors": (
        "BrokenPlugin",
        "ContractError",
        "DataError",
        "DrawplateError",
        "FlowError",
        "ModelError",
        "StepFailed",
        "StoreError",
        "ToolMissing",
    ),
    "hookspecs": ("hookimpl",),
    "job": ("Job",),
    "metric": ("Metric", "Source"),
    "options": ("option",),
    "outcome": ("Outcome",),
}

__all__ = [
    "Artifact",
    "Board",
    "BrokenPlugin",
    "Build",
    "Candidate",
    "Card",
    "ContractError",
    "DataError",
    "DrawplateError",
    "FlowError",
    "Form",
    "Front",
    "Job",
    "Metric",
    "Metrics",
    "Model",
    "ModelError",
    "Outcome",
    "Planned",
    "Preview",
    "RunResult",
    "Source",
    "StepFailed",
    "StepResult",
    "StoreError",
    "SweepResult",
    "TensorSpec",
    "ToolMissing",
    "Verb",
    "__version__",
    "dataset",
    "hookimpl",
    "load",
    "option",
    "plan",
    "run",
    "runs",
    "sweep",
]


def __getattr__(name: str) -> object:
    for module, names in _PLACES.items():
        if name in names:
            found: object = getattr(import_module(f"drawplate.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module 'drawplate' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
