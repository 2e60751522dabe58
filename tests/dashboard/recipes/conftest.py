"""The run of the tests of Explore, whose recipes these tests make and restore."""

from tests.dashboard.explore.conftest import run

__all__ = ["run"]
