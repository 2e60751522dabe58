"""The training loop: its reports and their times, its end, and errors during training.

The clock moves only with training, so nothing here depends on the machine's speed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import pairwise
from typing import NoReturn

import numpy as np
import pytest
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError, DivergenceError
from dcgan.latent.sample_grid import sample_fixed_latent
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.reports import EpochReport, SampleReport, StepReport
from dcgan.training.loop import train
from tests.clock import Clock
from tests.reports import select_steps
from tests.states import State, assert_same_numbers
from tests.tiny_sizes import STEPS_PER_EPOCH


def make_gpu_memory_error() -> Exception:
    """Make the error of TensorFlow if a tensor does not fit into memory."""
    return tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")


def test_reports_come_in_order_and_the_last_one_has_samples(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    reports = list(train(gan, tiny_dataset, tiny_config))
    assert [type(report) for report in reports] == [
        *(SampleReport, StepReport, StepReport, StepReport, EpochReport),
        *(StepReport, EpochReport),
    ]
    assert [(report.step, report.epoch) for report in reports] == [
        *((0, 1), (1, 1), (2, 1), (13, 1), (13, 1)),
        *((26, 2), (26, 2)),
    ]
    assert gan.step == 26


def test_the_chunks_add_up_to_the_steps(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    clock.step_seconds = 0.2
    steps = select_steps(list(train(gan, tiny_dataset, tiny_config)))
    assert [report.num_steps for report in steps[:4]] == [1, 1, 2, 2]  # 2 are 0.4 of 0.5 seconds.
    assert [after.step - before.step for before, after in pairwise(steps)] == [
        report.num_steps for report in steps[1:]
    ]
    assert steps[-1].step == 26
    assert all(report.images_per_second == pytest.approx(16 / 0.2) for report in steps)
    assert steps[-1].seconds == pytest.approx(26 * 0.2)
    assert gan.seconds == pytest.approx(26 * 0.2)


def test_an_epoch_reports_the_means_of_its_steps(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    reports = list(train(gan, tiny_dataset, tiny_config))
    for epoch, end in enumerate(
        (report for report in reports if isinstance(report, EpochReport)), start=1
    ):
        steps = [report for report in select_steps(reports) if report.epoch == epoch]
        for name in ("generator_loss", "discriminator_loss"):
            total = sum(getattr(report, name) * report.num_steps for report in steps)
            assert getattr(end, name) == pytest.approx(total / STEPS_PER_EPOCH, rel=1e-5)


def test_every_grid_has_the_same_z(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    z = sample_latent(tiny_config.seed, 6, 4)
    np.testing.assert_array_equal(sample_fixed_latent(tiny_config), z)
    grids = []
    for report in train(gan, tiny_dataset, tiny_config):
        if isinstance(report, SampleReport | EpochReport):
            np.testing.assert_array_equal(report.pixels, gan.generate(z))
            grids.append(report.pixels)
    assert len(grids) == 3
    assert not np.array_equal(grids[0], grids[-1])


def test_sample_grids_come_every_sample_seconds(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    clock.step_seconds = 0.3
    config = tiny_config.replace(sample_seconds=1, epochs=1)
    reports = list(train(gan, tiny_dataset, config))
    # Half a second is over after 2 steps of 0.3, a third of the time so far after 4 × 0.3.
    shown = [report.step for report in reports if isinstance(report, SampleReport)]
    assert shown == [0, 2, 4, 6, 9]
    assert isinstance(reports[-1], EpochReport)


def test_a_report_cannot_be_changed(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    report = next(train(gan, tiny_dataset, tiny_config))
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(report, "step", 5)  # noqa: B010 - the type checker knows it is frozen


def test_training_ends_at_the_first_step_after_max_seconds_with_its_samples(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    config = tiny_config.replace(epochs=None, max_seconds=0.335)
    reports = list(train(gan, tiny_dataset, config))
    assert gan.step == 34  # 0.34 seconds
    assert gan.seconds == pytest.approx(0.34)
    assert isinstance(reports[-1], SampleReport)
    assert reports[-1].step == 34


def test_the_first_steps_tracing_counts_as_training_time(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    clock.step_seconds = 2.0
    reports = train(gan, tiny_dataset, tiny_config.replace(epochs=None, max_seconds=2.045))
    next(reports)
    assert next(reports).seconds == 2.0
    clock.step_seconds = 0.01
    for _ in reports:
        pass
    assert gan.step == 1 + 5


def test_training_ends_at_the_earlier_of_epochs_and_seconds(
    gan: DCGAN,
    first_state: State,
    clock: Clock,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    for _ in train(gan, tiny_dataset, tiny_config.replace(epochs=1, max_seconds=100)):
        pass
    assert gan.step == 13
    gan.set_state(first_state)
    for _ in train(gan, tiny_dataset, tiny_config.replace(epochs=1, max_seconds=0.055)):
        pass
    assert gan.step == 6


def test_seconds_and_epochs_count_over_the_whole_run(
    gan: DCGAN,
    first_state: State,
    clock: Clock,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    gan.set_state({**first_state, "step": np.array(15), "seconds": np.array(50.0)})
    first, *_ = train(gan, tiny_dataset, tiny_config.replace(max_seconds=50.055))
    assert (first.step, first.epoch, first.seconds) == (15, 2, 50.0)
    assert gan.step == 15 + 6
    # The rest of an epoch that was started before is trained.
    *_, last = train(gan, tiny_dataset, tiny_config)
    assert isinstance(last, EpochReport)
    assert (last.step, last.epoch) == (26, 2)


def test_a_finished_run_reports_its_samples_and_does_not_train(
    gan: DCGAN,
    first_state: State,
    clock: Clock,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    gan.set_state({**first_state, "step": np.array(26)})
    (report,) = train(gan, tiny_dataset, tiny_config)
    assert isinstance(report, SampleReport)
    assert (report.step, report.epoch) == (26, 2)


def test_the_time_that_the_consumer_holds_a_report_is_not_training_time(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    num_reports = 0
    for _ in train(gan, tiny_dataset, tiny_config.replace(max_seconds=10)):
        num_reports += 1
        clock.now += 100  # A pause, or a slow disk.
    assert num_reports == 7
    assert gan.seconds == pytest.approx(26 * 0.01)


def test_closing_the_iterator_and_continuing_gives_the_numbers_of_an_uninterrupted_run(
    gan: DCGAN,
    first_state: State,
    clock: Clock,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    for _ in train(gan, tiny_dataset, tiny_config):
        pass
    uninterrupted = gan.get_state()

    gan.set_state(first_state)
    clock.step_seconds = 0.3  # Chunks of one step.
    reports = train(gan, tiny_dataset, tiny_config)
    for report in reports:
        if report.step == 15:  # In the middle of the second epoch.
            break
    reports.close()
    middle = gan.get_state()

    gan.set_state(first_state).set_state(middle)
    clock.step_seconds = 0.01
    for _ in train(gan, tiny_dataset, tiny_config):
        pass
    resumed = gan.get_state()
    for state in (resumed, uninterrupted):
        del state["seconds"]  # The first one had slower steps.
    assert_same_numbers(resumed, uninterrupted)


@pytest.mark.parametrize("make_error", [MemoryError, make_gpu_memory_error])
@pytest.mark.parametrize(
    ("work", "setting", "problem"),
    [
        ("train_steps", "batch_size", "got 16; a step of these networks does not fit into memory:"),
        ("generate", "num_samples", "a grid of 6 pictures of these networks does not fit into"),
    ],
)
def test_work_that_does_not_fit_into_memory_is_named(
    gan: DCGAN,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
    work: str,
    setting: str,
    problem: str,
    make_error: Callable[[], Exception],
) -> None:
    def fail(*arguments: object) -> NoReturn:
        raise make_error()

    monkeypatch.setattr(gan, work, fail)
    with pytest.raises(ConfigError, match=f"^{setting}: {problem}") as caught:
        list(train(gan, tiny_dataset, tiny_config))
    assert caught.value.setting == setting


@pytest.mark.parametrize("name", ["generator/00/kernel", "discriminator/00/kernel"])
@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_a_weight_that_is_not_finite_ends_training_with_a_divergence_error(
    gan: DCGAN,
    first_state: State,
    clock: Clock,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
    name: str,
    poison: float,
) -> None:
    kernel = first_state[name].copy()
    kernel[0, 0] = poison
    gan.set_state({**first_state, name: kernel, "step": np.array(4)})
    reports = train(gan, tiny_dataset, tiny_config)
    assert isinstance(next(reports), SampleReport)
    with pytest.raises(DivergenceError, match=r"^training diverged by step 5: .* Start a new run"):
        next(reports)
    assert list(reports) == []


def test_a_config_without_names_of_classes_learns_none(
    gan: DCGAN, first_state: State, clock: Clock, tiny_dataset: ImageDataset
) -> None:
    labels = np.arange(200, dtype=np.uint8) % 2
    labelled = dataclasses.replace(tiny_dataset, labels=labels, class_names=("a", "b"))
    assert gan.config.class_conditional
    assert gan.config.num_classes == 0
    trained = []
    for dataset in (tiny_dataset, labelled):
        gan.set_state(first_state)
        for _ in train(gan, dataset, gan.config):
            pass
        trained.append(gan.get_state())
    assert_same_numbers(*trained)
    assert gan.step == 26
