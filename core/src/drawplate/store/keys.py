# SPDX-License-Identifier: Apache-2.0
"""What a result depends on, as one digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drawplate.store.sealed import digest_of

__all__ = ["digest_of", "result_key"]


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
