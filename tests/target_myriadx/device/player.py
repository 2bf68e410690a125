# SPDX-License-Identifier: Apache-2.0
"""Plays the device's part at the process boundary: a worker that dies, hangs, talks nonsense, or answers.

What it does is written in the file that PLAYER_SCRIPT names, or in ``script.json`` beside the blob: one word per call,
the last one again and again.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from drawplate_worker import UserError


def measure(blob: str, runs: int) -> Any:
    script = Path(os.environ.get("PLAYER_SCRIPT") or Path(blob).with_name("script.json"))
    words = json.loads(script.read_text())
    word = words[0]
    script.write_text(json.dumps(words[1:] or words))
    if word == "die":
        os._exit(139)
    if word == "hang":
        time.sleep(3600)
    if word == "absent":
        raise UserError("no NCS2 answers", hint="see drawplate doctor")
    answers = {
        "nonsense": "hello",
        "short": {"latencies_ms": [1.0], "fps": 3.0},
        "negative": {"latencies_ms": [-1.0] * runs, "fps": 3.0},
        "endless": {"latencies_ms": [1.0] * runs, "fps": float("inf")},
    }
    layers = [{"layer": "conv1", "type": "MyriadXHwOp", "ms": 0.4}]
    good = {"latencies_ms": [3.5, 3.7] * (runs // 2), "fps": 500.0, "layers": layers, "celsius": 41.0, "device": "NCS2"}
    return answers.get(word, good)
