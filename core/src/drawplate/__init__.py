# SPDX-License-Identifier: Apache-2.0
"""drawplate: pull a neural network through a row of steps until it fits a small chip, and prove that it fits.

The names here are what a plugin imports; the contract itself is :mod:`drawplate.hookspecs`.
"""

from drawplate.artifact import Artifact, Candidate, Form, Front, TensorSpec
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
from drawplate.job import Job, Outcome
from drawplate.metric import Metric, Source
from drawplate.options import option

__version__ = "0.1.0"

__all__ = [
    "Artifact",
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
    "ModelError",
    "Outcome",
    "Preview",
    "Source",
    "StepFailed",
    "StoreError",
    "TensorSpec",
    "ToolMissing",
    "Verb",
    "__version__",
    "hookimpl",
    "option",
]
