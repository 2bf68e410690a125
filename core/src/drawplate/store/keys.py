# SPDX-License-Identifier: Apache-2.0
"""What a result depends on, as one digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def digest_of(value: Any) -> str:
    """SHA-256 of a JSON value in canonical form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def result_key(
    *,
    call: str,
    code: Mapping[str, str],
    inputs: tuple[str, ...],
    settings: Mapping[str, Any],
    data: str | None,
) -> str:
    """Key of one call of one verb.

    Args:
        call: ``"step.verb"``.
        code: version, or hash of the sources, of every distribution whose code decides the result.
        inputs: digests of the model (or build) and the teachers, in order.
        settings: options, seed, kind of device, contract version.
        data: digest of the data set; None where the flow has none.
    """
    return digest_of(
        {"call": call, "code": dict(code), "inputs": list(inputs), "settings": dict(settings), "data": data}
    )
