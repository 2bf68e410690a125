# SPDX-License-Identifier: Apache-2.0
"""Modules with Brevitas' layers into QONNX, by Brevitas' own exporter, with scales that train as theirs do."""
