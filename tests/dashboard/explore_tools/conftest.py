"""The run of the tests of Explore, with whose generator these tools draw."""

from tests.dashboard.explore.conftest import run

__all__ = ["run"]
