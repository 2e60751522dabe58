"""The trainer that follows a script."""

from tests.dashboard.state.conftest import running, script, trainer

__all__ = ["running", "script", "trainer"]
