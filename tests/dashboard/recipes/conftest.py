"""The runs of the tests of Explore, whose recipes these tests make and restore."""

from tests.dashboard.explore.conftest import (
    class_config,
    class_run,
    first_class_state,
    first_state,
    run,
)

__all__ = ["class_config", "class_run", "first_class_state", "first_state", "run"]
