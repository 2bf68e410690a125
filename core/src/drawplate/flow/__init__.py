# SPDX-License-Identifier: Apache-2.0
"""Flows: a model, data and a row of steps, read from TOML, planned as a whole, then run."""

from drawplate.flow.model import Flow, ModelRef, StepSpec
from drawplate.flow.read import read_flow

__all__ = ["Flow", "ModelRef", "StepSpec", "read_flow"]
