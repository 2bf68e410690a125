# SPDX-License-Identifier: Apache-2.0
"""What FINN+ makes of the same model, and where it differs."""
