"""The diagnosis of recorded runs: failures, healthy ones and the included one."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis import thresholds
from dcgan.diagnosis.verdict import VerdictKind
from dcgan.installation import INCLUDED_RUN
from dcgan.runs.history import History
from dcgan.runs.run_folder import open_run
from tests.healthy_run import (
    CONFIG,
    verdict_on,
)

RECORDED = Path(__file__).with_name("recorded")


def find_kinds(path: Path, config: TrainingConfig = CONFIG) -> list[VerdictKind]:
    """Return the verdict at each step report of a history."""
    reports, evaluations = History(path).read_steps(), History(path).read_evaluations()
    return [
        verdict_on(
            reports[: index + 1],
            [evaluation for evaluation in evaluations if evaluation.step <= report.step],
            config=config,
        ).kind
        for index, report in enumerate(reports)
    ]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("healthy-fast", ["starting", "learning"]),
        # At step 134 its discriminator is nearly always right, and its pictures are nearly alike.
        ("healthy-classic", ["starting", "learning"]),
        ("generator-lr-x20", ["starting", "collapsed"]),
        ("no-noise", ["starting", "collapsed"]),
        ("labels-swapped", ["starting", "generator_winning"]),
        ("fed-only-ones", ["starting", "learning", "collapsed"]),
        ("constant-images", ["collapsed"]),
        ("both-lr-1", ["starting", "diverging"]),
    ],
)
def test_recorded_runs_get_only_the_expected_verdicts(name: str, kinds: list[VerdictKind]) -> None:
    found = find_kinds(RECORDED / f"{name}.jsonl")
    assert list(dict.fromkeys(found)) == kinds


def test_the_included_run_raises_no_alarm_from_start_to_end() -> None:
    run = open_run(INCLUDED_RUN)
    found = find_kinds(run.path / "history.jsonl", run.config)
    assert list(dict.fromkeys(found)) == ["starting", "learning", "converged"]


def test_healthy_runs_stay_clear_of_the_thresholds() -> None:
    # After the first steps; a threshold nearer to these values would raise false alarms.
    for name in ("healthy-fast", "healthy-classic"):
        reports = History(RECORDED / f"{name}.jsonl").read_steps()
        for report in (
            report for report in reports if report.step >= thresholds.WARM_UP_STEPS - 200
        ):
            assert (
                min(report.real_accuracy, report.fake_accuracy) < thresholds.WINNING_ACCURACY - 0.02
            )
            assert report.fake_accuracy > thresholds.FOOLED_ACCURACY + 0.2
            assert report.fake_spread is not None
            assert report.real_spread is not None
            assert (
                report.fake_spread / report.real_spread > thresholds.COLLAPSED_RELATIVE_SPREAD + 0.2
            )
            norms = (report.generator_gradient_norm, report.discriminator_gradient_norm)
            assert max(norms) < thresholds.EXPLODED_GRADIENT / 5
