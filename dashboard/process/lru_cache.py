"""A bounded cache that several threads share."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class LRUCache(Generic[_Key, _Value]):
    """A mapping of bounded size that evicts the least recently used entries; thread-safe.

    Unlike `functools.lru_cache`, it can limit the sum of the values' sizes, and a key can be looked
    up without computing its value.
    """

    def __init__(self, max_size: int, get_size: Callable[[_Value], int] = lambda value: 1) -> None:
        """Make an empty cache.

        Args:
            max_size: Maximum sum of the sizes of all values; a value above it is not kept.
            get_size: Returns the size of a value; by default each value counts as 1.
        """
        self._max_size = max_size
        self._get_size = get_size
        self._lock = threading.Lock()
        self._entries: OrderedDict[_Key, _Value] = OrderedDict()  # Most recently used last.

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._entries)

    def __iter__(self) -> Iterator[_Key]:
        """Iterate over a copy of the keys, least recently used first."""
        with self._lock:
            return iter(list(self._entries))

    def get(self, key: _Key) -> _Value | None:
        """Return a value, or None if there is none; counts as a use."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key]

    def put(self, key: _Key, value: _Value) -> None:
        """Add or replace a value; one that is larger than the cache is not kept."""
        with self._lock:
            if self._get_size(value) > self._max_size:
                self._entries.pop(key, None)
                return
            self._entries[key] = value
            self._entries.move_to_end(key)
            self._evict()

    def setdefault(self, key: _Key, value: _Value) -> _Value:
        """Return the value of a key; add the given value if there is none. Counts as a use."""
        with self._lock:
            if key not in self._entries and self._get_size(value) > self._max_size:
                return value
            value = self._entries.setdefault(key, value)
            self._entries.move_to_end(key)
            self._evict()
            return value

    def _evict(self) -> None:
        size = sum(map(self._get_size, self._entries.values()))
        while size > self._max_size:
            _, value = self._entries.popitem(last=False)
            size -= self._get_size(value)
