# SPDX-License-Identifier: Apache-2.0
"""What all tests need of the process that they run in."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Whoever starts the tests in the background has Ctrl-C ignored, by every program that a test starts too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
