"""Training that diverges: rollbacks with lower learning rates."""

from __future__ import annotations

import math
from collections.abc import Generator

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import (
    DivergenceError,
)
from dcgan.recording import recorder
from dcgan.reports import (
    AnyReport,
    EventReport,
    StepReport,
)
from dcgan.runs.run_folder import open_run
from tests.clock import Clock
from tests.fake_training import (
    FakeGAN,
    Recorded,
    Script,
    train_step,
)

pytestmark = pytest.mark.usefixtures("no_included_run")


def diverge(gan: FakeGAN) -> Generator[AnyReport]:
    """Train one good step; the second has a NaN loss."""
    yield train_step(gan)
    gan.step, gan.ema_generator.weight = gan.step + 1, math.nan
    raise DivergenceError(f"training diverged by step {gan.step}.")


def diverge_with_finite_losses(gan: FakeGAN) -> Generator[AnyReport]:
    """Train one step with finite losses and a NaN weight after its update."""
    report = train_step(gan)
    gan.ema_generator.weight = math.nan
    yield report


@pytest.mark.parametrize("script", [diverge, diverge_with_finite_losses])
def test_training_that_diverges_rolls_back_with_lower_rates_and_gives_up_after_three_times(
    recorded: Recorded, script: Script
) -> None:
    run, gan, reports = recorded(script)
    seen: list[AnyReport] = []
    with pytest.raises(DivergenceError, match="Training rolled back 3 times before, each time"):
        seen += reports  # Keeps the reports before the error.
    rate = TrainingConfig().generator_learning_rate
    assert gan.learning_rates == [rate / 2, rate / 4, rate / 8]
    assert run.config.discriminator_learning_rate == rate / 8
    assert open_run(run.path).config == run.config
    events = [report for report in seen if isinstance(report, EventReport)]
    assert run.history.read_events() == events
    assert [(event.event, event.step) for event in events] == [("diverged", 0)] * 3
    assert (
        "Back to step 0, with half the learning rates (rollback 2 of at most 3)" in events[1].text
    )
    assert "a loss, a gradient or a weight was not a number" in events[1].text
    # No later step was saved.
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("failed", [0])
    assert "Training rolled back 3 times" in run.read_status().message
    assert not run.lock.is_held()


def test_training_that_diverges_once_continues_from_the_last_good_checkpoint(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(recorder, "time", clock)
    is_healthy = False

    def once(gan: FakeGAN) -> Generator[AnyReport]:
        nonlocal is_healthy
        for _ in range(3):
            yield train_step(gan)
            clock.now += 10.0  # After this, the first checkpoint is due, then none.
        if not is_healthy:
            is_healthy = True
            gan.step, gan.ema_generator.weight = gan.step + 1, math.nan
            raise DivergenceError("training diverged.")

    run, gan, reports = recorded(once)
    kinds = [(type(report), report.step) for report in reports]
    assert kinds == [
        *((StepReport, step) for step in (1, 2, 3)),
        (EventReport, 2),  # The checkpoint is of step 2.
        *((StepReport, step) for step in (3, 4, 5)),
    ]
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 4, 5]
    assert (run.read_status().state, gan.ema_generator.weight) == ("finished", 1.0)


def test_a_stop_after_divergence_stops_at_the_last_good_checkpoint(recorded: Recorded) -> None:
    run, gan, reports = recorded(diverge_with_finite_losses)
    next(reports)
    reports.close()
    assert (run.read_status().state, run.read_status().step, run.checkpoints.list_steps()) == (
        "stopped",
        0,
        [0],
    )
    assert (gan.step, run.history.read_steps()) == (0, [])
    assert [event.event for event in run.history.read_events()] == ["diverged"]
    assert not run.lock.is_held()


def test_a_stop_after_the_last_rollback_never_saves_weights_that_diverged(
    recorded: Recorded,
) -> None:
    times = iter(range(4))

    def diverge(gan: FakeGAN) -> Generator[AnyReport]:
        if next(times) < 3:
            raise DivergenceError("training diverged.")
        yield from diverge_with_finite_losses(gan)

    run, _, reports = recorded(diverge)
    assert [type(next(reports)) for _ in range(4)] == [*[EventReport] * 3, StepReport]
    with pytest.raises(DivergenceError, match=r"a weight is no longer a number\. Start a new run"):
        reports.close()
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("failed", [0])
    assert "a weight is no longer a number" in run.read_status().message
    assert not run.lock.is_held()
