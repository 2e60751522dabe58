"""The fragment that reruns the Explore page when there is more to show than it has rendered."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import streamlit as st

from dashboard.components.invisible import rerun_after
from dashboard.explore.source_choice import find_live_run
from dashboard.generators import class_examples, findings_cache
from dashboard.generators.findings_cache import Findings
from dashboard.generators.generator_source import GeneratorSource
from dashboard.state.trainer import Trainer
from dashboard.tab.following import PICTURE_SECONDS, follow
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run

_SURVEY_SECONDS = 1.0  # Interval at which the page checks whether the survey is ready.


@dataclass(frozen=True, eq=False)
class ShownState:
    """The state that the page was rendered with.

    Attributes:
        live_name: Name of the run that is trained or paused here, if any.
        findings: The cached findings of the generator, if any.
        problem: Error message of its last survey, or "".
        has_examples: Whether an example of each of its classes was found.
    """

    live_name: str | None
    findings: Findings | None
    problem: str
    has_examples: bool

    @classmethod
    def read(cls, source: GeneratorSource, live_run: Run | None) -> ShownState:
        """Return the present state.

        Args:
            source: The generator that the page shows.
            live_run: The run that is trained or paused here, if any.
        """
        return cls(
            live_name=None if live_run is None else live_run.name,
            findings=findings_cache.get_findings(source),
            problem=findings_cache.describe_problem(source),
            has_examples=bool(class_examples.get_examples(source)),
        )

    def is_outdated_by(self, newest: ShownState) -> bool:
        """Return whether a page that was rendered with this state has to be rendered again."""
        return (
            newest.live_name != self.live_name
            or newest.findings is not self.findings
            or newest.problem != self.problem
            # The examples are found earlier than the findings.
            or (newest.has_examples and not self.has_examples)
        )


@st.fragment
def watch(trainer: Trainer, source: GeneratorSource, shown_state: ShownState) -> None:
    """Rerun the page when a run begins or ends, or the generator's survey is missing or newer.

    Args:
        trainer: The trainer of this process.
        source: The generator that the page shows.
        shown_state: The state that the page was rendered with.
    """
    follow(trainer, key="news-page", seconds=PICTURE_SECONDS)
    if findings_cache.is_survey_running(source):
        rerun_after(_SURVEY_SECONDS, "sorting", key="news-survey")
    if source.trainer is not None and findings_cache.get_complete_findings(source) is not None:
        with contextlib.suppress(RunError):  # The grid shows the error.
            # Starts a new survey if the generator has changed much.
            findings_cache.ensure_complete_findings(source)
    newest = ShownState.read(source, find_live_run(trainer))
    if findings_cache.is_survey_due(source) or shown_state.is_outdated_by(newest):
        st.rerun()
