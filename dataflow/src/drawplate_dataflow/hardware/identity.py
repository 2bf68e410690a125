# SPDX-License-Identifier: Apache-2.0
"""Keys of caches over what has arrays."""

from __future__ import annotations

from typing import Generic, TypeVar

from attrs import frozen

T = TypeVar("T")


@frozen(eq=False)
class ByIdentity(Generic[T]):
    """Something that is equal only to itself: what is formed of it is formed once as long as it is passed on."""

    value: T

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)
