# SPDX-License-Identifier: Apache-2.0
"""What a board needs beside the design: wrapper, clock, pins, and a driver for the host at its other end."""

from __future__ import annotations

from drawplate_target_ecp5.board.files import Wrapped, wrap

__all__ = ["Wrapped", "wrap"]
