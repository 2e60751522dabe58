"""The speed and the time left in a snapshot."""

from __future__ import annotations

import math

import pytest

from dashboard.snapshots.snapshot import Snapshot
from dcgan.config.training_config import TrainingConfig
from dcgan.reports import StepReport
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def make_snapshot(
    config: TrainingConfig, reports: list[StepReport], num_earlier: int = 0
) -> Snapshot:
    return Snapshot(
        phase="running",
        config=config,
        num_images=200,
        history=tuple(reports),
        num_earlier=num_earlier,
    )


def report_at_constant_speed(
    num: int, first_step: int = 0, speed: float = 1600.0
) -> list[StepReport]:
    """Report chunks of ten steps of 16 images; the first one traces the graph, for five seconds."""
    seconds, reports = 0.0, []
    for index in range(num):
        images_per_second = 32.0 if index == 0 else speed
        seconds += 160 / images_per_second
        step = first_step + 10 * (index + 1)
        reports.append(step_report(step, seconds=seconds, images_per_second=images_per_second))
    return reports


@pytest.mark.parametrize("num", [3, 5, 10, 11, 50])
def test_the_time_left_is_exact_at_a_constant_speed(tiny_config: TrainingConfig, num: int) -> None:
    config = tiny_config.replace(epochs=100)  # 1,300 steps at 0.01 s.
    snapshot = make_snapshot(config, report_at_constant_speed(num))
    assert snapshot.seconds_left == pytest.approx((1300 - 10 * num) * 0.01, rel=1e-6)
    assert snapshot.share_done == pytest.approx(10 * num / 1300)


def test_a_time_limit_shortens_the_time_left(tiny_config: TrainingConfig) -> None:
    config = tiny_config.replace(epochs=100, max_seconds=6.0)
    snapshot = make_snapshot(config, report_at_constant_speed(11))  # 5 s and ten times 0.1 s.
    assert snapshot.seconds_left == pytest.approx(0.0, abs=1e-9)
    config = tiny_config.replace(epochs=None, max_seconds=10.0)
    snapshot = make_snapshot(config, report_at_constant_speed(11))
    assert snapshot.seconds_left == pytest.approx(4.0)
    assert snapshot.share_done == pytest.approx(0.6)


def test_the_last_step_is_that_of_the_plan_or_of_the_time_limit(
    tiny_config: TrainingConfig,
) -> None:
    reports = report_at_constant_speed(11)  # 110 steps, now 0.01 s each.
    planned = tiny_config.replace(epochs=100)
    limited = tiny_config.replace(epochs=None, max_seconds=10.0)
    assert make_snapshot(planned, reports[:1]).expected_last_step == 1300
    assert make_snapshot(planned, reports).expected_last_step == 1300
    assert make_snapshot(limited, reports[:1]).expected_last_step is None
    assert make_snapshot(limited, reports).expected_last_step == 110 + 400
    both = limited.replace(epochs=100)
    assert make_snapshot(both, reports).expected_last_step == 110 + 400


def test_the_speed_follows_a_change_within_seconds_and_the_time_left_within_two_minutes(
    tiny_config: TrainingConfig,
) -> None:
    config = tiny_config.replace(epochs=1000)  # 13,000 steps.
    # Chunks of half a second: 50 steps at 0.01 s, and 25 while another program runs.
    fast = [
        step_report(50 * n, num_steps=50, images_per_second=1600.0, images_per_step=16)
        for n in range(1, 101)
    ]
    slow = [
        step_report(5000 + 25 * n, num_steps=25, images_per_second=800.0, images_per_step=16)
        for n in range(1, 241)
    ]
    snapshot = make_snapshot(config, fast)
    assert snapshot.seconds_left == pytest.approx(8000 * 0.01)
    snapshot = make_snapshot(config, fast + slow[:9])
    assert snapshot.images_per_second == pytest.approx(800.0)
    # 99 chunks of 50 steps and 9 of 25 took 54 s.
    assert snapshot.seconds_left == pytest.approx((8000 - 9 * 25) * 54 / (99 * 50 + 9 * 25))
    snapshot = make_snapshot(config, fast + slow)
    assert snapshot.seconds_left == pytest.approx((8000 - 240 * 25) * 0.02)


def test_of_a_continued_run_only_new_reports_count_for_the_speed(
    tiny_config: TrainingConfig,
) -> None:
    config = tiny_config.replace(epochs=100)
    earlier = report_at_constant_speed(30, speed=16000.0)  # On a machine ten times as fast.
    for num_new in (0, 1):  # The first new chunk traced the graph.
        snapshot = make_snapshot(
            config, earlier + report_at_constant_speed(num_new, 300), num_earlier=30
        )
        assert snapshot.seconds_left is None
        assert snapshot.share_done == pytest.approx((300 + 10 * num_new) / 1300)
    for num_new in (3, 5, 20):
        snapshot = make_snapshot(
            config, earlier + report_at_constant_speed(num_new, 300), num_earlier=30
        )
        assert snapshot.seconds_left == pytest.approx((1000 - 10 * num_new) * 0.01)


def test_the_slow_first_steps_give_no_estimate(tiny_config: TrainingConfig) -> None:
    config = tiny_config.replace(epochs=100)
    first = [step_report(step, images_per_second=1.0) for step in range(1, 20)]
    assert make_snapshot(config, first).images_per_second == pytest.approx(1.0)
    assert make_snapshot(config, first).seconds_left is None
    first.append(step_report(20, images_per_second=1.0))
    assert make_snapshot(config, first).seconds_left is not None


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan, math.inf])
def test_reports_without_a_speed_are_left_out(tiny_config: TrainingConfig, speed: float) -> None:
    odd = step_report(40, images_per_second=speed, generator_loss=math.nan)
    alone = make_snapshot(tiny_config.replace(epochs=100), [step_report(30), odd])
    assert alone.seconds_left is None
    if speed != math.inf:
        among = make_snapshot(tiny_config.replace(epochs=100), [*report_at_constant_speed(3), odd])
        assert among.seconds_left == pytest.approx((1300 - 40) * 0.01)


def test_no_time_is_left_after_the_planned_end(tiny_config: TrainingConfig) -> None:
    snapshot = make_snapshot(
        tiny_config, report_at_constant_speed(5)
    )  # 50 steps, where 26 were planned.
    assert snapshot.seconds_left == 0.0
    assert snapshot.share_done == 1.0


def test_there_is_no_estimate_before_the_first_measurement(tiny_config: TrainingConfig) -> None:
    for snapshot in (
        Snapshot(),
        make_snapshot(tiny_config, []),
        make_snapshot(tiny_config, report_at_constant_speed(1)),
    ):
        assert snapshot.seconds_left is None
        assert 0.0 <= snapshot.share_done < 1.0
    assert Snapshot().step == 0
    assert Snapshot().last is None
