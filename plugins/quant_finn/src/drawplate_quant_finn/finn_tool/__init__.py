# SPDX-License-Identifier: Apache-2.0
"""The FINN+ tool environment: its lock file, and the worker that runs inside it.

Nothing here but this file is imported by drawplate itself; ``worker.py`` and the modules beside it run in the tool
environment's own interpreter, which has FINN+ and its pinned versions of onnx and qonnx.
"""
