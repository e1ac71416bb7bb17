"""What was worked out of late, for one thread at a time, held apart from what works it out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values that are together no larger than ``most``, the longest unused going first.

    Args:
        most: what all values may measure together.
        size: of a value; by default all values measure 1.
    """

    def __init__(self, most: int, size: Callable[[Value], int] = lambda _: 1) -> None:
        self._most = most
        self._size = size
        self._held: OrderedDict[Key, Value] = OrderedDict()
        self._whole = 0

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value that is held, or made now."""
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        value = self._held[key] = make()
        self._whole += self._size(value)
        while self._whole > self._most:
            _, gone = self._held.popitem(last=False)
            self._whole -= self._size(gone)
        return value
