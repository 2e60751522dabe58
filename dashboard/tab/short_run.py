"""The hint that a person's own run is short, with a button for the included run.

A first run of seconds draws scribbles, which look like a fault of the program.
"""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.run_facts.labels import is_experiment
from dashboard.tab.explore_request import request_generator
from dcgan.config.named_datasets import get_picture_noun
from dcgan.durations import describe_seconds
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run


def render(run: Run, step: int) -> None:
    """Render the hint below a run that has ended within its first epoch; nothing for others.

    Args:
        run: The run, which does not train now.
        step: Its newest step.
    """
    if (
        run.is_read_only
        or is_experiment(run)
        or step >= run.config.compute_steps_per_epoch(run.dataset.num_images)
    ):
        return
    included = _find_included(run)
    if included is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="short-run"):
        st.markdown(
            f":material/timer: **A short run.** Better {get_picture_noun(run.config.dataset)}s "
            "take longer.",
            width="content",
        )
        if st.button(
            "Explore the included run",
            key="explore-included",
            icon=":material/explore:",
            type="tertiary",
            help=f"It trained for {describe_seconds(included.read_status().seconds)}.",
        ):
            request_generator(included)
            st.switch_page("app_pages/explore.py")


def _find_included(run: Run) -> Run | None:
    """Return the first included run in the list that learned the same pictures, if any."""
    try:
        runs, _ = permissions.list_runs(run.path.parent)
        return next(
            other
            for other in runs
            if other.is_read_only and other.dataset.fingerprint == run.dataset.fingerprint
        )
    except (StopIteration, RunError):
        return None
