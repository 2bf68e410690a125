# SPDX-License-Identifier: Apache-2.0
"""Carrying out steps: one call of one verb at a time, checked, and through the store."""

from drawplate.runner.runner import Runner

__all__ = ["Runner"]
