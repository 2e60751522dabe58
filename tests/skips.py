"""Reasons to skip tests on some systems."""

from __future__ import annotations

import os

import pytest

needs_signals = pytest.mark.skipif(
    os.name == "nt", reason="Windows cannot send these signals to a process."
)
