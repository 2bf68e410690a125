# SPDX-License-Identifier: Apache-2.0
"""The OpenVINO 2021.4.2 tool environment: its lock file, and the worker that runs inside it.

2021.4.2 is the last release on PyPI with the Myriad plugin; its wheels end at Python 3.9.  Nothing here but this file
is imported by drawplate itself.
"""
