# SPDX-License-Identifier: Apache-2.0
"""The worker's side, run by a tool's own Python (3.7 or later) with nothing but the standard library.

Usage: ``python serve.py WORKER.py``.  Requests come as JSON lines ``{"id", "function", "arguments"}`` on standard
input.  Answers ``{"id", "value"}`` or ``{"id", "error"}`` leave through a copy of standard output, which itself is
turned into standard error, so that what a library prints never gets between them.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any


class UserError(Exception):
    """Something the user can mend; worker files import it with ``from drawplate_worker import UserError``."""

    def __init__(
        self, what: str, where: str | None = None, allowed: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(what)
        self.parts = {"what": what, "where": where, "allowed": allowed, "hint": hint}


def _answer(functions: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    try:
        function = functions[request["function"]]
        value = function(**request["arguments"])
        json.dumps(value)  # what is no JSON value is the function's mistake, not the end of the worker
        return {"id": request["id"], "value": value}
    except UserError as error:
        return {"id": request["id"], "error": dict(error.parts, kind="user")}
    except BaseException as error:  # noqa: BLE001 - every failure is an answer
        parts = {"kind": "crash", "what": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()}
        return {"id": request["id"], "error": parts}


def main() -> None:
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.modules["drawplate_worker"] = sys.modules["__main__"]
    sys.path.insert(0, str(Path(sys.argv[1]).resolve().parent))
    functions = runpy.run_path(sys.argv[1], run_name="drawplate_worker_file")
    for line in sys.stdin:
        answer = json.dumps(_answer(functions, json.loads(line)))
        answers.write(answer + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
