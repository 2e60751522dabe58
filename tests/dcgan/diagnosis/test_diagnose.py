"""The verdict: on numbers made for it, on excerpts of real runs, and on the shipped run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import overload

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcgan.config import TrainingConfig
from dcgan.diagnosis import thresholds
from dcgan.diagnosis.actions import Action
from dcgan.diagnosis.diagnose import diagnose
from dcgan.diagnosis.verdict import Verdict, VerdictKind
from dcgan.reports import EvaluationReport, Event, EventReport, StepReport
from dcgan.runs.history import History
from dcgan.runs.run_folder import SHIPPED, open_run

RECORDED = Path(__file__).with_name("recorded")
CONFIG = TrainingConfig()
ALL_DIGITS = (0.1,) * 10
# As the default preset stands in its middle of training.
HEALTHY = StepReport(
    step=0,
    epoch=1,
    seconds=0.0,
    num_steps=20,
    generator_loss=0.89,
    discriminator_loss=1.3,
    real_accuracy=0.35,
    fake_accuracy=0.88,
    real_probability=0.475,
    fake_probability=0.425,
    generator_gradient_norm=0.43,
    discriminator_gradient_norm=0.33,
    images_per_second=2500.0,
    real_spread=0.367,
    fake_spread=0.36,
)


def steps(
    last: int = 1000, first: int = 20, every: int = 20, /, **changes: float | None
) -> list[StepReport]:
    """Return healthy reports, with some numbers others than healthy."""
    return [
        dataclasses.replace(HEALTHY, step=step, **changes)  # type: ignore[arg-type]
        for step in range(first, last + 1, every)
    ]


def evaluation(
    step: int = 938,
    distance: float = 3.0,
    shares: Sequence[float] = ALL_DIGITS,
    real_shares: Sequence[float] = ALL_DIGITS,
    *,
    precision: float = 0.76,
    coverage: float = 0.9,
    num_images: int = 1000,
) -> EvaluationReport:
    return EvaluationReport(
        step=step,
        epoch=1,
        seconds=0.0,
        num_images=num_images,
        metrics={"frechet_distance": distance, "precision": precision, "coverage": coverage},
        real_metrics={"frechet_distance": 0.8, "precision": 0.9, "coverage": 0.98},
        digit_shares=tuple(shares),
        real_digit_shares=tuple(real_shares),
    )


def only(*digits: int) -> tuple[float, ...]:
    """Return the shares where these digits come equally often, and no other."""
    return tuple(1 / len(digits) if digit in digits else 0.0 for digit in range(10))


def event(step: int, kind: Event = "changed") -> EventReport:
    return EventReport(step, 1, 0.0, kind, "Generator lr 0.04 → 0.01.")


def verdict_on(
    reports: Sequence[StepReport],
    evaluations: Sequence[EvaluationReport] = (),
    events: Sequence[EventReport] = (),
    config: TrainingConfig = CONFIG,
) -> Verdict:
    return diagnose(reports, evaluations, events, config)


# Step reports


def test_before_the_first_report_it_is_too_early() -> None:
    assert verdict_on([]).kind == "starting"


def test_the_first_steps_are_not_judged() -> None:
    sure = {"real_accuracy": 1.0, "fake_accuracy": 1.0, "fake_spread": 0.0}
    assert verdict_on(steps(480, **sure)).kind == "starting"
    assert verdict_on(steps(500, **sure)).kind == "collapsed"


def test_the_equilibrium_of_the_default_preset_is_learning() -> None:
    verdict = verdict_on(steps())
    assert verdict.kind == "learning"
    assert verdict.actions == (Action("continue"),)
    assert not verdict.is_alarm
    assert "35% of the real images and 88% of the fakes" in verdict.evidence[0]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"real_accuracy": 0.97, "fake_accuracy": 0.99}, "discriminator_winning"),
        ({"real_accuracy": 0.969, "fake_accuracy": 0.99}, "learning"),
        # All called fake, as a smoothed label asks for where none can be told.
        ({"real_accuracy": 0.0, "fake_accuracy": 1.0}, "learning"),
        ({"fake_accuracy": 0.25}, "generator_winning"),
        ({"fake_accuracy": 0.251}, "learning"),
        ({"fake_spread": 0.18}, "collapsed"),
        ({"fake_spread": 0.185}, "learning"),
        ({"fake_spread": 0.0, "real_accuracy": 1.0, "fake_accuracy": 1.0}, "collapsed"),
        ({"generator_gradient_norm": 1000.0}, "diverging"),
        ({"discriminator_gradient_norm": 1000.0}, "diverging"),
        ({"discriminator_gradient_norm": 999.0}, "learning"),
        ({"real_spread": 0.01, "fake_spread": 0.01}, "collapsed"),
        ({"real_spread": None, "fake_spread": None}, "learning"),
    ],
)
def test_each_threshold_has_two_sides(changes: dict[str, float | None], state: VerdictKind) -> None:
    assert verdict_on(steps(**changes)).kind == state


def test_swapped_labels_are_told_from_a_slow_discriminator() -> None:
    wrong = steps(real_accuracy=0.2, fake_accuracy=0.03, fake_probability=0.9)
    swapped = verdict_on([dataclasses.replace(report, real_probability=0.59) for report in wrong])
    slow = verdict_on([dataclasses.replace(report, real_probability=0.61) for report in wrong])
    assert swapped.kind == slow.kind == "generator_winning"
    assert "swapped" in swapped.cause
    assert [action.kind for action in swapped.actions] == ["stop"]
    assert slow.actions[0] == Action("lower_generator_rate", {"generator_learning_rate": 0.0005})


def test_training_images_that_are_all_alike_are_named_as_the_cause_at_once() -> None:
    verdict = verdict_on(steps(20, real_spread=0.0))
    assert (verdict.kind, verdict.actions) == ("collapsed", (Action("stop"),))
    assert verdict.headline == "The training images are all alike."


def test_an_odd_batch_or_two_are_no_alarm() -> None:
    odd = dict.fromkeys(("real_accuracy", "fake_accuracy"), 1.0)
    odd |= {"fake_spread": 0.0, "generator_gradient_norm": 1e6}
    reports = steps(960) + steps(1000, 980, **odd)
    assert verdict_on(reports).kind == "learning"


def test_alarm_ends_when_what_it_rests_on_has_ended() -> None:
    reports = steps(1000, fake_spread=0.0) + steps(1400, 1020)
    assert verdict_on(reports[:-20]).kind == "collapsed"
    assert verdict_on(reports).kind == "learning"


def test_pictures_that_grow_alike_are_collapsing_before_they_have_collapsed() -> None:
    reports = steps(1000)
    for index in range(50):
        step, spread = 1000 + 20 * (index + 1), 0.36 - 0.005 * index
        reports += steps(step, step, fake_spread=spread)
    states = [verdict_on(reports[:end]).kind for end in range(40, len(reports) + 1)]
    assert list(dict.fromkeys(states)) == ["learning", "collapsing", "collapsed"]


def test_few_long_chunks_are_judged_as_many_short_ones() -> None:
    assert verdict_on(steps(3000, 500, 500, fake_spread=0.0)).kind == "collapsed"
    assert verdict_on(steps(3000, 1, 1, fake_spread=0.0)).kind == "collapsed"


class Watched(Sequence[StepReport]):
    """A long history that counts how often it is read."""

    num_read = 0

    def __len__(self) -> int:
        return 100_000

    @overload
    def __getitem__(self, index: int) -> StepReport: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[StepReport]: ...
    def __getitem__(self, index: int | slice) -> StepReport | Sequence[StepReport]:
        assert isinstance(index, int), "a slice would copy"
        self.num_read += 1
        return dataclasses.replace(HEALTHY, step=range(1, 100_001)[index])


def test_a_long_run_takes_no_longer_to_judge() -> None:
    reports = Watched()
    assert verdict_on(reports).kind == "learning"
    assert reports.num_read < 500


# Evaluations


def test_a_collapse_onto_a_digit_is_named_though_the_batches_look_well() -> None:
    verdict = verdict_on(steps(), [evaluation(shares=only(1), coverage=0.12, precision=0.95)])
    assert (verdict.kind, verdict.digits) == ("collapsed", (1,))
    assert verdict.headline == "Collapsed onto digits {1}."
    assert (
        "12% of the real images nearby (other real ones 98%; alarm below 24%)"
        in (verdict.evidence[0])
    )


def test_a_single_missing_digit_is_the_beginning_of_a_collapse() -> None:
    verdict = verdict_on(steps(), [evaluation(shares=only(*range(9)))])
    assert (verdict.kind, verdict.digits) == ("collapsing", ())
    assert verdict.headline == "Collapsing: digits {9} are hardly drawn."


def test_digits_that_the_data_lack_are_not_missed() -> None:
    verdict = verdict_on(steps(), [evaluation(shares=only(1), real_shares=only(1))])
    assert verdict.kind == "learning"
    assert "The training images themselves hold only the digits {1}." in verdict.evidence


def test_pictures_of_one_kind_are_told_where_the_data_have_no_names() -> None:
    narrow = evaluation(shares=(), real_shares=(), coverage=0.1, precision=0.9)
    assert verdict_on(steps(), [narrow]).headline == "Collapsed onto a few kinds of pictures."
    # A run from before the data's own digits were kept: which are missing is not known.
    old = dataclasses.replace(narrow, digit_shares=only(1))
    assert (verdict_on(steps(), [old]).kind, verdict_on(steps(), [old]).digits) == (
        "collapsed",
        (),
    )


def test_blots_are_no_digits_whatever_the_classifier_calls_them() -> None:
    assert verdict_on(steps(), [evaluation(shares=only(8), precision=0.1)]).kind == "learning"
    blots = evaluation(shares=only(8), precision=0.04)
    verdict = verdict_on(steps(), [blots])
    assert (verdict.kind, verdict.digits) == ("diverging", ())
    assert verdict.actions[0].kind == "new_run"
    # Early on, or where the data are not digits, slow learning looks the same.
    assert verdict_on(steps(), [dataclasses.replace(blots, step=880)]).kind == "learning"
    assert verdict_on(steps(), [dataclasses.replace(blots, digit_shares=())]).kind == "learning"


def test_an_evaluation_of_the_first_steps_says_nothing() -> None:
    # Small data: epochs end every few steps.
    assert verdict_on(steps(), [evaluation(106, shares=only(1, 8), coverage=0.08)]).kind == (
        "learning"
    )


def test_no_progress_in_twelve_evaluations_is_the_end_of_it() -> None:
    distances = [9.0, 4.0, 2.0, *[1.1, 1.0, 1.2] * 4, 1.0]
    measured = [evaluation(938 * (n + 1), value) for n, value in enumerate(distances)]
    assert verdict_on(steps(20_000), measured[:13]).kind == "learning"
    verdict = verdict_on(steps(20_000), [*measured, evaluation(938 * 17, 1.05)])
    assert verdict.kind == "converged"
    assert not verdict.is_alarm
    assert [action.kind for action in verdict.actions] == ["stop", "continue"]
    better = [*measured, evaluation(938 * 17, 0.89)]
    assert verdict_on(steps(20_000), better).kind == "learning"
    other_size = [dataclasses.replace(report, num_images=500) for report in measured[:8]]
    assert verdict_on(steps(20_000), [*other_size, *measured[8:]]).kind == "learning"


def test_two_bad_evaluations_after_a_good_one_send_back_to_it() -> None:
    measured = [evaluation(938, 9.0), evaluation(1876, 2.0), evaluation(2814, 7.0)]
    assert verdict_on(steps(4000), measured).kind == "learning"
    measured.append(evaluation(3752, 6.0))
    verdict = verdict_on(steps(4000), measured)
    assert verdict.kind == "diverging"
    assert verdict.actions[0] == Action("roll_back", step=1876)
    # Of the run as it is since a change only the second was measured.
    assert verdict_on(steps(4000), measured, [event(3000)]).kind == "learning"


# Events


def test_what_was_measured_before_a_change_is_not_held_against_the_run() -> None:
    bad, measured = steps(1000, fake_spread=0.0), [evaluation(938, shares=only(1))]
    assert verdict_on(bad, measured, [event(1000)]).kind == "starting"
    after = steps(1480, 1020)
    settling = verdict_on(bad + after, measured, [event(1000)])
    assert settling.headline == "Settling since step 1,000."
    assert settling.evidence[0].startswith("Generator lr 0.04 → 0.01. Step 1,480 of the 1,500")
    after = steps(1500, 1020)
    verdict = verdict_on(bad + after, measured, [event(1000)])
    assert verdict.kind == "learning"
    assert not any("Fréchet" in sentence for sentence in verdict.evidence)
    assert verdict_on(bad + steps(1500, 1020, fake_spread=0.0), (), [event(1000)]).kind == (
        "collapsed"
    )


def test_a_fall_is_not_counted_from_before_a_change() -> None:
    reports = steps(1000) + steps(1500, 1020, fake_spread=0.29)
    assert verdict_on(reports).kind == "collapsing"
    assert verdict_on(reports, (), [event(1000)]).kind == "learning"


def test_a_change_in_the_first_steps_does_not_shorten_them() -> None:
    assert verdict_on(steps(400, fake_spread=0.0), (), [event(100)]).kind == "starting"


def test_going_back_from_numbers_that_are_none_is_diverging_until_it_has_recovered() -> None:
    told = event(1000, "diverged")
    verdict = verdict_on(steps(1000), (), [event(500), told])
    assert (verdict.kind, verdict.evidence) == ("diverging", (told.text,))
    assert verdict_on(steps(1180), (), [told]).kind == "diverging"
    assert verdict_on(steps(1200), (), [told]).kind == "starting"
    assert verdict_on(steps(1500), (), [told]).kind == "learning"


def test_a_branch_with_the_same_settings_is_judged_by_what_came_before() -> None:
    measured = [evaluation(938 * (n + 1), value) for n, value in enumerate([1.0] * 14)]
    expected: dict[Event, VerdictKind] = {"continued": "converged", "branched": "starting"}
    for kind, state in expected.items():
        told = event(938 * 14, kind)
        assert verdict_on(steps(938 * 14), measured, [told]).kind == state


# Actions


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        ({}, ["lower_discriminator_rate", "raise_r1_penalty"]),
        ({"generator_learning_rate": 0.001}, ["raise_generator_rate", "raise_r1_penalty"]),
        ({"r1_penalty": 0.0}, ["lower_discriminator_rate", "raise_r1_penalty"]),
        ({"label_smoothing": 0.0}, ["lower_discriminator_rate", "raise_label_smoothing"]),
    ],
)
def test_a_discriminator_that_wins_is_slowed_or_steadied(
    settings: dict[str, float], kinds: list[str]
) -> None:
    config = CONFIG.replace(**settings)
    winning = steps(real_accuracy=1.0, fake_accuracy=1.0)
    first, second = verdict_on(winning, config=config).actions
    assert [first.kind, second.kind] == kinds
    assert (first.is_live, second.is_live) == (True, False)
    for action in (first, second):
        for name, value in action.changes.items():
            assert (value < getattr(config, name)) == action.kind.startswith("lower")


def test_a_setting_is_raised_to_what_is_allowed_at_most() -> None:
    config = CONFIG.replace(r1_penalty=500.0)
    winning = steps(real_accuracy=1.0, fake_accuracy=1.0)
    assert verdict_on(winning, config=config).actions[1].changes == {"r1_penalty": 1000.0}


def test_the_best_checkpoint_is_offered_where_it_is_clearly_better() -> None:
    alike = steps(2000, fake_spread=0.0)
    better, worse = evaluation(938, 3.0), evaluation(1876, 90.0, precision=0.0)
    for measured in ([better], [better, evaluation(1876, 3.3)]):
        kinds = [action.kind for action in verdict_on(alike, measured).actions]
        assert kinds == ["new_run", "stop"]
    assert verdict_on(alike, [better, worse]).actions[0] == Action("roll_back", step=938)


def test_a_checkpoint_of_bad_pictures_is_not_offered() -> None:
    alike, worse = steps(2000, fake_spread=0.0), evaluation(1876, 90.0, precision=0.0)
    for best in (
        evaluation(938, 3.0, precision=0.04),
        evaluation(938, 3.0, coverage=0.2),
        evaluation(938, 3.0, shares=only(1, 7)),
    ):
        assert "roll_back" not in [it.kind for it in verdict_on(alike, [best, worse]).actions]
    some_missing = evaluation(938, 3.0, shares=only(0, 1, 2, 3, 4, 5))
    assert verdict_on(alike, [some_missing, worse]).actions[0].kind == "roll_back"


@pytest.mark.parametrize(
    ("rate", "lowered"), [(0.04, 0.002), (0.0021, 0.000525), (0.001, 0.0005), (0.0005, None)]
)
def test_a_rate_is_not_lowered_to_where_nothing_is_learned(
    rate: float, lowered: float | None
) -> None:
    config = CONFIG.replace(generator_learning_rate=rate)
    for changes, kind in (
        ({"fake_accuracy": 0.1}, "lower_generator_rate"),
        ({"fake_spread": 0.0}, "new_run"),
    ):
        actions = verdict_on(steps(**changes), config=config).actions
        found = [(it.kind, it.changes.get("generator_learning_rate")) for it in actions]
        assert found == ([] if lowered is None else [(kind, lowered)]) + [("stop", None)]


def test_a_slow_discriminator_that_is_fooled_gets_the_defaults_rate() -> None:
    config = CONFIG.replace(discriminator_learning_rate=1e-5)
    first, *_ = verdict_on(steps(fake_accuracy=0.1), config=config).actions
    default = CONFIG.discriminator_learning_rate
    assert first == Action("raise_discriminator_rate", {"discriminator_learning_rate": default})
    # Where it has come to a collapse, a new run gets the same.
    first, *_ = verdict_on(steps(fake_spread=0.0), config=config).actions
    assert first == Action("new_run", {"discriminator_learning_rate": default})


numbers = st.floats(0, 1e6)
shares = st.floats(0, 1)


@given(
    st.lists(
        st.fixed_dictionaries(
            dict.fromkeys(("generator_gradient_norm", "discriminator_gradient_norm"), numbers)
            | dict.fromkeys(("real_accuracy", "fake_accuracy"), shares)
            | dict.fromkeys(("real_spread", "fake_spread"), st.none() | shares)
        ),
        max_size=20,
    ),
    st.lists(st.tuples(numbers, shares, shares), max_size=16),
    st.lists(st.integers(0, 2000), max_size=2),
    st.tuples(*[st.floats(1e-6, 1.0)] * 2, st.sampled_from((0.0, 0.2, 1000.0))),
)
def test_whatever_is_reported_a_verdict_is_whole_and_its_actions_are_allowed(
    rows: list[dict[str, float | None]],
    measured: list[tuple[float, float, float]],
    changed: list[int],
    settings: tuple[float, float, float],
) -> None:
    names = ("generator_learning_rate", "discriminator_learning_rate", "r1_penalty")
    config = CONFIG.replace(**dict(zip(names, settings, strict=True)))
    reports = [
        dataclasses.replace(HEALTHY, step=100 * (n + 1), **row)  # type: ignore[arg-type]
        for n, row in enumerate(rows)
    ]
    evaluations = [
        evaluation(120 * (n + 1), distance, precision=precision, coverage=coverage)
        for n, (distance, precision, coverage) in enumerate(measured)
    ]
    events = [event(step) for step in sorted(changed)]
    verdict = verdict_on(reports, evaluations, events, config)
    assert verdict.headline.endswith(".")
    assert verdict.cause.endswith(".")
    assert verdict.evidence
    assert verdict.actions
    assert verdict.is_alarm == (
        verdict.actions[-1].kind != "continue" or "rolled back" in verdict.headline
    )
    for action in verdict.actions:
        config.replace(**action.changes)
        assert (action.step is not None) == (action.kind == "roll_back")


# Real runs


def states_of(path: Path, config: TrainingConfig = CONFIG) -> list[VerdictKind]:
    """Judge each moment of a history by what was known then."""
    reports, measured = History(path).read_steps(), History(path).read_evaluations()
    return [
        verdict_on(
            reports[: index + 1], [e for e in measured if e.step <= report.step], config=config
        ).kind
        for index, report in enumerate(reports)
    ]


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("healthy-fast", ["starting", "learning"]),
        # At its 134th step its discriminator was nearly always right, its pictures nearly alike.
        ("healthy-classic", ["starting", "learning"]),
        ("generator-lr-x20", ["starting", "collapsed"]),
        ("no-noise", ["starting", "collapsed"]),
        ("labels-swapped", ["starting", "generator_winning"]),
        ("fed-only-ones", ["starting", "learning", "collapsed"]),
        ("constant-images", ["collapsed"]),
        ("both-lr-1", ["starting", "diverging"]),
    ],
)
def test_recorded_runs_get_their_verdict_and_no_other(name: str, states: list[VerdictKind]) -> None:
    found = states_of(RECORDED / f"{name}.jsonl")
    assert list(dict.fromkeys(found)) == states


def test_the_shipped_run_raises_no_alarm_from_start_to_end() -> None:
    run = open_run(SHIPPED)
    found = states_of(run.path / "history.jsonl", run.config)
    assert list(dict.fromkeys(found)) == ["starting", "learning", "converged"]


def test_thresholds_leave_room_for_what_healthy_runs_do() -> None:
    # Of the recorded healthy runs after the first steps; a threshold that is moved among them
    # would raise an alarm sooner or later.
    for name in ("healthy-fast", "healthy-classic"):
        reports = History(RECORDED / f"{name}.jsonl").read_steps()
        for report in (r for r in reports if r.step >= thresholds.WARM_UP_STEPS - 200):
            assert (
                min(report.real_accuracy, report.fake_accuracy) < thresholds.WINNING_ACCURACY - 0.02
            )
            assert report.fake_accuracy > thresholds.FOOLED_ACCURACY + 0.2
            assert report.fake_spread is not None
            assert report.real_spread is not None
            assert report.fake_spread / report.real_spread > thresholds.COLLAPSED_SPREAD + 0.2
            norms = (report.generator_gradient_norm, report.discriminator_gradient_norm)
            assert max(norms) < thresholds.EXPLODED_GRADIENT / 5
