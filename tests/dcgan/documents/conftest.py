"""Runs for the tests of documents: the fixtures of the exports."""

from __future__ import annotations

from tests.dcgan.export.conftest import class_run, empty_run, run

__all__ = ["class_run", "empty_run", "run"]
