"""The progress of trials, of which one trains after the other."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dashboard.remedies.trials_progress import hide_other_run, measure_progress
from dashboard.runners.trial_runner import RunningTrial
from dashboard.snapshots.snapshot import Phase, Snapshot
from dcgan.remedies.study import Measurement, Study, Trial
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.reports import step_report

RESULT = Measurement(step=40, metrics={}, png=b"")
FIRST = Trial(kind="baseline", folder="first-trial")
FIRST_MEASURED = Trial(kind="baseline", result=RESULT)  # A baseline's folder is deleted.
SECOND = Trial(kind="baseline_other_noise")


def snap(run: Run, *seconds: float) -> Snapshot:
    history = tuple(step_report(step, seconds=time) for step, time in enumerate(seconds, 1))
    config = run.config.replace(epochs=None, max_seconds=31)
    phase: Phase = "finished" if seconds[-1] == 31 else "running"
    return Snapshot(phase=phase, run=run, config=config, history=history)


def test_the_progress_only_rises_while_the_next_trial_begins(new_run: NewRun) -> None:
    run, first, second = (new_run(name) for name in ("studied", "first-trial", "second-trial"))
    at_end = snap(first, 1, 16, 31)
    preparing = Snapshot(phase="preparing", config=run.config)
    second_begun = SECOND.model_copy(update={"folder": "second-trial"})
    moments = [
        (snap(first, 1, 16), 0, (FIRST, SECOND)),
        (at_end, 0, (FIRST, SECOND)),
        (at_end, 0, (FIRST_MEASURED, SECOND)),
        (at_end, 1, (FIRST_MEASURED, SECOND)),  # The snapshot was read before the index.
        (preparing, 1, (FIRST_MEASURED, SECOND)),
        (snap(second, 1), 1, (FIRST_MEASURED, second_begun)),
        (snap(second, 1, 16), 1, (FIRST_MEASURED, second_begun)),
    ]
    shares = []
    for snapshot, index, trials in moments:
        study = Study(format=1, step=26, seconds=30.0, headline="", trials=trials)
        running = RunningTrial(run, 26, index, 2)
        shown = hide_other_run(snapshot, running, study)
        shares.append(round(measure_progress(shown, running, study).share_done, 4))
    # Of 80 seconds: ten to build and measure each trial, and 30 to train it.
    assert shares == [0.3125, 0.5, 0.5, 0.5, 0.5, 0.5, 0.8125]


def test_a_trial_that_could_not_begin_counts_as_done(new_run: NewRun) -> None:
    run = new_run()
    failed = Trial(kind="baseline", problem="The pictures are gone.")
    study = Study(format=1, step=26, seconds=30.0, headline="", trials=(failed, SECOND))
    running = RunningTrial(run, 26, 0, 2)
    # Its networks could not be made, so the studied run is shown again.
    shown = hide_other_run(Snapshot(phase="stopped", run=run, config=run.config), running, study)
    assert measure_progress(shown, running, study).share_done == 0.5


def render_highest_share() -> None:
    """Keep the highest share that was shown of a trial, as the page does."""
    import streamlit as st

    from dashboard.remedies.trials_progress import TrialsProgress, keep_highest

    progress = TrialsProgress(0, 2, st.session_state["share"], 10.0)
    st.session_state["shown"] = keep_highest(progress, st.session_state["snapshot"]).share_done


def test_the_progress_stays_when_a_trial_diverges_and_goes_back(new_run: NewRun) -> None:
    page = AppTest.from_function(render_highest_share)
    first, later = Snapshot(run=new_run("first")), Snapshot(run=new_run("later"))
    shown = []
    for snapshot, share in ((first, 0.1), (first, 0.3), (first, 0.2), (first, 0.4), (later, 0.1)):
        page.session_state["snapshot"], page.session_state["share"] = snapshot, share
        page.run()
        assert not page.exception
        shown.append(page.session_state["shown"])
    assert shown == [0.1, 0.3, 0.3, 0.4, 0.1]  # The last share is of another trial.
