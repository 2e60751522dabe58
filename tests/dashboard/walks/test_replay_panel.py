"""The replay of the training: what it says of a run with one checkpoint."""

from __future__ import annotations

from dashboard.walks.replay_panel import explain_single_checkpoint


def test_only_an_included_run_is_compared_with_runs_that_a_person_trains() -> None:
    words = "Runs that you train"
    assert words in explain_single_checkpoint(is_included=True)
    own = explain_single_checkpoint(is_included=False)
    assert words not in own
    assert own.endswith("after epochs 1, 2, 4, 8, … and the newest.")
