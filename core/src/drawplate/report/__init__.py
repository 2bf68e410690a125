# SPDX-License-Identifier: Apache-2.0
"""Runs as people see them: in the terminal, and as one HTML file."""
