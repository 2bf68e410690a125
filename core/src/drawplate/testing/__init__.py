# SPDX-License-Identifier: Apache-2.0
"""For those who write plugins: a job to call a step with, and a kit of tests that every step must pass."""

from drawplate.testing.kit import StepContract
from drawplate.testing.make import make_job, make_runner

__all__ = ["StepContract", "make_job", "make_runner"]
