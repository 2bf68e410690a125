# SPDX-License-Identifier: Apache-2.0
"""A folder to take away: what a step made, and what it takes to try it, check it and make it again.

A build's files keep their names.  Beside them lie ``model.onnx`` where the build has none, ``vectors.npz``,
``bill.json``, ``flow.toml`` and ``README.md``.  The rule for targets: a file of the build that has one of these names
stands, and nothing is written in its place; ``selftest.py`` is always the target's own, and reads ``vectors.npz``.
"""

from drawplate.export.folder import export

__all__ = ["export"]
