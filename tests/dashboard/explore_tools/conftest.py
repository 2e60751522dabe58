"""The runs of the tests of Explore."""

from tests.dashboard.explore.conftest import class_run, run

__all__ = ["class_run", "run"]
