"""Errors of a disk, raised in place of real writes."""

from __future__ import annotations

import errno
from typing import NoReturn


def raise_disk_full(*args: object, **kwargs: object) -> NoReturn:
    """Raise the error of a full disk; takes the arguments of any function that it replaces."""
    raise OSError(errno.ENOSPC, "No space left on device")


def raise_disk_error(*args: object, **kwargs: object) -> NoReturn:
    """Raise the error of a shared disk that is gone; takes any function's arguments."""
    raise OSError(errno.EIO, "Input/output error")
