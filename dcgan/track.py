"""How work that takes long says how far it is: the caller may wrap the loop's items.

The library's loops know no screen; `progress.show_work` is what the command line passes in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Track(Protocol):
    """Passes items on, one by one, and may show how many of them are done."""

    def __call__(self, items: Iterable[Item], what: str, total: int) -> Iterable[Item]:
        """Pass items on.

        Args:
            items: What a loop goes through.
            what: What is being done with them, such as "reading pictures".
            total: How many there are.
        """
        ...


def untracked(items: Iterable[Item], what: str, total: int) -> Iterable[Item]:
    """Pass items on and show nothing."""
    del what, total
    return items
