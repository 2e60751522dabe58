"""The callback by which a long loop over files or pictures reports its progress."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class ProgressCallback(Protocol):
    """Wraps an iterable to report progress, such as with a progress bar."""

    def __call__(self, items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
        """Yield the items unchanged and report how many are done.

        Args:
            items: Items of the loop.
            description: The work on an item, such as "Reading pictures".
            total: Number of items.
        """
        ...


def no_progress(items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
    """Return the items without reporting anything."""
    del description, total
    return items
