# SPDX-License-Identifier: Apache-2.0
"""The standard operators, a file per kind."""

from __future__ import annotations

from drawplate.torch.handlers import Handlers
from drawplate.torch.ops import activation, arithmetic, conv, linear, norm, pool, reduce, resize, shape


def standard() -> Handlers:
    """Return the handlers of the standard domain."""
    groups = (activation, arithmetic, conv, linear, norm, pool, reduce, resize, shape)
    return {("", name): handler for group in groups for name, handler in group.OPS.items()}
