"""Short epochs: several of them share a report."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from dcgan.reports import AnyReport, EpochReport, StepReport
from dcgan.training import loop
from dcgan.training.loop import train
from tests.clock import Clock
from tests.reports import select_steps, step_report
from tests.states import State, assert_same_numbers


def test_short_epochs_are_reported_some_time_apart(
    gan: DCGAN, quick_steps: Clock, few_pictures: ImageDataset, tiny_config: TrainingConfig
) -> None:
    config = tiny_config.replace(epochs=None, max_seconds=60)
    reports = list(train(gan, few_pictures, config))
    assert gan.step == 60_000
    assert len(reports) < 250
    ends = [report for report in reports if isinstance(report, EpochReport)]
    assert len(ends) < 30
    assert [report.epoch for report in reports] == [max(1, report.step) for report in reports]
    # The last epoch is reported, and doubled ones once they are half a second apart.
    assert reports[-1] is ends[-1]
    assert {512 * 2**power for power in range(7)} <= {end.step for end in ends}
    for before, after in pairwise(ends[2:-1]):
        assert 0.5 <= after.seconds - before.seconds <= 2 * 3
    begin = 0
    for end in ends:  # Each has the means of all steps since the previous one.
        steps = [report for report in select_steps(reports) if begin < report.step <= end.step]
        assert sum(report.num_steps for report in steps) == end.step - begin
        total = sum(report.generator_loss * report.num_steps for report in steps)
        assert end.generator_loss == pytest.approx(total / (end.step - begin), rel=1e-5)
        begin = end.step


@pytest.mark.parametrize("epochs", [1, 2, 1000, 1023])
def test_short_epochs_end_at_the_planned_step(
    gan: DCGAN,
    quick_steps: Clock,
    few_pictures: ImageDataset,
    tiny_config: TrainingConfig,
    epochs: int,
) -> None:
    *_, last = train(gan, few_pictures, tiny_config.replace(epochs=epochs))
    assert isinstance(last, EpochReport)
    assert (gan.step, last.step, last.epoch) == (epochs, epochs, epochs)


def test_epochs_in_one_chunk_learn_the_same_as_one_by_one(
    gan: DCGAN,
    first_state: State,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    config = tiny_config.replace(epochs=4)
    one_by_one = list(train(gan, tiny_dataset, config))
    expected = gan.get_state()
    gan.set_state(first_state)
    monkeypatch.setattr(loop, "_EPOCH_SECONDS", 3.0)
    together = list(train(gan, tiny_dataset, config))
    assert [report.step for report in select_steps(together)] == [1, 2, 52]
    assert len(select_steps(one_by_one)) > 3
    assert_same_numbers(gan.get_state(), expected)


@pytest.mark.parametrize(("num_images", "epochs"), [(16, 1501), (40, 501), (200, 151)])
def test_a_deterministic_run_reports_at_the_same_steps_wherever_it_was_stopped(
    gan: DCGAN,
    first_state: State,
    quick_steps: Clock,
    monkeypatch: pytest.MonkeyPatch,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
    num_images: int,
    epochs: int,
) -> None:
    monkeypatch.setattr(loop, "is_deterministic", lambda: True)
    dataset = dataclasses.replace(tiny_dataset, pixels=tiny_dataset.pixels[:num_images])
    config = tiny_config.replace(epochs=epochs, sample_seconds=3600)

    def summarize(reports: list[AnyReport]) -> list[tuple[type[AnyReport], int, float]]:
        return [
            (type(report), report.step, report.generator_loss)
            for report in reports
            if isinstance(report, StepReport | EpochReport)
        ]

    whole = summarize(list(train(gan, dataset, config)))
    ends = [index for index, (kind, _, _) in enumerate(whole) if kind is EpochReport]
    assert len(ends) >= 2
    for stop in (0, 5, ends[0] - 1, ends[0], ends[0] + 1, ends[-1] - 1):
        kept = whole[: stop + 1]
        gan.set_state({**first_state, "step": np.array(kept[-1][1])})
        seen = list(train(gan, dataset, config, list_open_steps(kept)))
        assert kept + summarize(seen) == whole


def list_open_steps(kept: list[tuple[type[AnyReport], int, float]]) -> list[StepReport]:
    """Return the step reports since the last epoch report, as a resume reads them."""
    found: list[StepReport] = []
    before = 0
    for kind, step, loss in kept:
        if kind is EpochReport:
            found.clear()
        else:
            found.append(
                step_report(
                    step, num_steps=step - before, generator_loss=loss, discriminator_loss=loss
                )
            )
            before = step
    return found
