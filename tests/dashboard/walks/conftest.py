"""The run with classes of the tests of Explore, between whose digits these tests walk."""

from tests.dashboard.explore.conftest import class_run

__all__ = ["class_run"]
