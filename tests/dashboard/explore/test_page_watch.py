"""The state with which Explore was rendered, and what makes it outdated."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import pytest

from dashboard.explore.page_watch import ShownState
from dashboard.generators.findings_cache import Findings

FINDINGS = Mock(spec=Findings)
SHOWN = ShownState(live_name="first", findings=FINDINGS, problem="", has_examples=True)


@pytest.mark.parametrize(
    "newest",
    [
        replace(SHOWN, live_name=None),
        replace(SHOWN, live_name="second"),
        replace(SHOWN, findings=Mock(spec=Findings)),
        replace(SHOWN, problem="The checkpoint was deleted."),
    ],
)
def test_another_run_and_another_result_of_the_survey_are_new(newest: ShownState) -> None:
    assert SHOWN.is_outdated_by(newest)
    assert not SHOWN.is_outdated_by(replace(SHOWN))


def test_examples_are_new_only_if_there_were_none() -> None:
    without = replace(SHOWN, has_examples=False)
    assert without.is_outdated_by(SHOWN)
    assert not SHOWN.is_outdated_by(without)
