"""The run with classes of the tests of Explore, between whose digits these tests walk."""

from tests.dashboard.explore.conftest import class_config, class_run, first_class_state

__all__ = ["class_config", "class_run", "first_class_state"]
