"""The runs of the tests of Explore, whose recipes these tests make and restore."""

from tests.dashboard.explore.conftest import class_run, run

__all__ = ["class_run", "run"]
