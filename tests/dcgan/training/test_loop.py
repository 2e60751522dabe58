"""train: what is reported when, and where it ends.

The clock is a fake one that only training moves, so nothing here depends on the machine's speed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise
from typing import NoReturn

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError, DivergenceError
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.reports import AnyReport, EpochReport, SampleReport, StepReport
from dcgan.training import loop
from dcgan.training.batches import EpochOrders, check_batch, epoch_order
from dcgan.training.loop import fixed_latent, train
from tests.clock import Clock, count_steps, time_training
from tests.reports import step_report

State = dict[str, np.ndarray]

OUT_OF_MEMORY = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

PER_EPOCH = 13  # 200 images in batches of 16 are 12.5.


@pytest.fixture(scope="module")
def shared_gan(tiny_config: TrainingConfig) -> DCGAN:
    """Return a DCGAN whose graph is traced once for all tests here."""
    return DCGAN(tiny_config)


@pytest.fixture(scope="module")
def start(shared_gan: DCGAN) -> State:
    return shared_gan.get_state()


@pytest.fixture
def gan(shared_gan: DCGAN, start: State) -> Iterator[DCGAN]:
    shared_gan.set_state(start)
    yield shared_gan
    shared_gan.set_state(start)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, shared_gan: DCGAN) -> Clock:
    return time_training(monkeypatch, shared_gan)


@pytest.fixture
def quick_steps(monkeypatch: pytest.MonkeyPatch, shared_gan: DCGAN, clock: Clock) -> Clock:
    return count_steps(monkeypatch, shared_gan, clock)


@pytest.fixture
def few_pictures(tiny_dataset: ImageDataset) -> ImageDataset:
    """Return 16 pictures: an epoch is a step."""
    return dataclasses.replace(tiny_dataset, pixels=tiny_dataset.pixels[:16])


def steps_of(reports: list[AnyReport]) -> list[StepReport]:
    return [report for report in reports if isinstance(report, StepReport)]


def assert_same_numbers(state: State, expected: State) -> None:
    # The same tolerance, for the same reason, as in test_gan.
    for name in state.keys() - {"seconds"}:
        np.testing.assert_allclose(state[name], expected[name], rtol=1e-4, atol=1e-5, err_msg=name)


# The order of the images.


@given(num_images=st.integers(16, 300), epoch=st.integers(1, 1000))
def test_an_epoch_sees_every_image_once_and_fills_its_last_step_from_its_own_beginning(
    num_images: int, epoch: int
) -> None:
    config = TrainingConfig.create(batch_size=16)
    order = epoch_order(config, num_images, epoch)
    assert order.dtype == np.int32
    assert len(order) == config.steps_per_epoch(num_images) * 16
    assert sorted(order[:num_images]) == list(range(num_images))
    filling = order[num_images:]
    np.testing.assert_array_equal(filling, order[: len(filling)])


def test_the_order_follows_seed_and_epoch_alone(tiny_config: TrainingConfig) -> None:
    order = epoch_order(tiny_config, 200, epoch=3)
    np.testing.assert_array_equal(order, epoch_order(tiny_config, 200, epoch=3))
    assert not np.array_equal(order, epoch_order(tiny_config, 200, epoch=4))
    other = tiny_config.replace(seed=1)
    assert not np.array_equal(order, epoch_order(other, 200, epoch=3))
    # Neighbouring seeds do not share their epochs.
    assert not np.array_equal(order, epoch_order(other, 200, epoch=2))


# What is reported.


def test_the_reports_come_in_order_and_the_last_one_shows_pictures(
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
    steps = steps_of(list(train(gan, tiny_dataset, tiny_config)))
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
    for epoch, end in enumerate((r for r in reports if isinstance(r, EpochReport)), start=1):
        steps = [report for report in steps_of(reports) if report.epoch == epoch]
        for name in ("generator_loss", "discriminator_loss"):
            total = sum(getattr(report, name) * report.num_steps for report in steps)
            assert getattr(end, name) == pytest.approx(total / PER_EPOCH, rel=1e-5)


def test_every_grid_is_of_the_same_z(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    z = sample_latent(tiny_config.seed, 6, 4)
    np.testing.assert_array_equal(fixed_latent(tiny_config), z)
    grids = []
    for report in train(gan, tiny_dataset, tiny_config):
        if isinstance(report, SampleReport | EpochReport):
            np.testing.assert_array_equal(report.pixels, gan.generate(z))
            grids.append(report.pixels)
    assert len(grids) == 3
    assert not np.array_equal(grids[0], grids[-1])


def test_live_grids_come_every_sample_seconds(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    clock.step_seconds = 0.3
    config = tiny_config.replace(sample_seconds=1, epochs=1)
    reports = list(train(gan, tiny_dataset, config))
    # Half a second is over after 2 steps of 0.3, a third of the time so far after 4 × 0.3.
    shown = [report.step for report in reports if isinstance(report, SampleReport)]
    assert shown == [0, 2, 4, 6, 9]
    assert isinstance(reports[-1], EpochReport)


# Epochs of a moment.


def test_epochs_of_a_moment_are_reported_as_often_as_time_allows(
    gan: DCGAN, quick_steps: Clock, few_pictures: ImageDataset, tiny_config: TrainingConfig
) -> None:
    config = tiny_config.replace(epochs=None, max_seconds=60)
    reports = list(train(gan, few_pictures, config))
    assert gan.step == 60_000
    assert len(reports) < 250
    ends = [report for report in reports if isinstance(report, EpochReport)]
    assert len(ends) < 30
    assert [report.epoch for report in reports] == [max(1, report.step) for report in reports]
    # The last end is reported, and the doubled epochs are once they are half a second apart.
    assert reports[-1] is ends[-1]
    assert {512 * 2**power for power in range(7)} <= {end.step for end in ends}
    for before, after in pairwise(ends[2:-1]):
        assert 0.5 <= after.seconds - before.seconds <= 2 * 3
    begin = 0
    for end in ends:  # Each has the means of all steps since the one before.
        steps = [report for report in steps_of(reports) if begin < report.step <= end.step]
        assert sum(report.num_steps for report in steps) == end.step - begin
        total = sum(report.generator_loss * report.num_steps for report in steps)
        assert end.generator_loss == pytest.approx(total / (end.step - begin), rel=1e-5)
        begin = end.step


@pytest.mark.parametrize("epochs", [1, 2, 1000, 1023])
def test_epochs_of_a_moment_end_at_the_planned_step(
    gan: DCGAN,
    quick_steps: Clock,
    few_pictures: ImageDataset,
    tiny_config: TrainingConfig,
    epochs: int,
) -> None:
    *_, last = train(gan, few_pictures, tiny_config.replace(epochs=epochs))
    assert isinstance(last, EpochReport)
    assert (gan.step, last.step, last.epoch) == (epochs, epochs, epochs)


def test_epochs_in_one_chunk_learn_what_they_learn_one_by_one(
    gan: DCGAN,
    start: State,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    config = tiny_config.replace(epochs=4)
    one_by_one = list(train(gan, tiny_dataset, config))
    expected = gan.get_state()
    gan.set_state(start)
    monkeypatch.setattr(loop, "_EPOCH_SECONDS", 3.0)
    together = list(train(gan, tiny_dataset, config))
    assert [report.step for report in steps_of(together)] == [1, 2, 52]
    assert len(steps_of(one_by_one)) > 3
    assert_same_numbers(gan.get_state(), expected)


@pytest.mark.parametrize(("num_images", "epochs"), [(16, 1501), (40, 501), (200, 151)])
def test_a_deterministic_run_reports_at_the_same_steps_wherever_it_was_stopped(
    gan: DCGAN,
    start: State,
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

    def said(reports: list[AnyReport]) -> list[tuple[type[AnyReport], int, float]]:
        return [
            (type(report), report.step, report.generator_loss)
            for report in reports
            if isinstance(report, StepReport | EpochReport)
        ]

    whole = said(list(train(gan, dataset, config)))
    ends = [index for index, (kind, _, _) in enumerate(whole) if kind is EpochReport]
    assert len(ends) >= 2
    for stop in (0, 5, ends[0] - 1, ends[0], ends[0] + 1, ends[-1] - 1):
        kept = whole[: stop + 1]
        gan.set_state({**start, "step": np.array(kept[-1][1])})
        seen = list(train(gan, dataset, config, _open(kept)))
        assert kept + said(seen) == whole


def _open(kept: list[tuple[type[AnyReport], int, float]]) -> list[StepReport]:
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


def test_the_orders_of_several_epochs_are_theirs_one_after_the_other(
    tiny_config: TrainingConfig,
) -> None:
    for num_images in (16, 40, 200, 10_000):
        orders = EpochOrders(tiny_config, num_images)
        per_epoch = tiny_config.steps_per_epoch(num_images)
        lengths = set()
        for step, num_steps in [(0, 1), (1, 500), (7, 500), (3000, 1), (2, 3), (per_epoch - 1, 2)]:
            order, position = orders.select(step, num_steps)
            lengths.add(len(order))
            for place in range(num_steps):
                epoch, within = divmod(step + place, per_epoch)
                expected = epoch_order(tiny_config, num_images, epoch + 1)
                found = order.numpy()[16 * (position + place) :][:16]
                np.testing.assert_array_equal(found, expected[16 * within :][:16])
        assert len(lengths) == 1  # Another length would trace the graph again.


def test_a_report_cannot_be_changed(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    report = next(train(gan, tiny_dataset, tiny_config))
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(report, "step", 5)  # noqa: B010 - the type checker knows it is frozen


# Where it ends.


def test_training_ends_at_the_first_step_after_max_seconds_and_shows_its_pictures(
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


def test_the_sooner_of_epochs_and_seconds_ends_it(
    gan: DCGAN, start: State, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    for _ in train(gan, tiny_dataset, tiny_config.replace(epochs=1, max_seconds=100)):
        pass
    assert gan.step == 13
    gan.set_state(start)
    for _ in train(gan, tiny_dataset, tiny_config.replace(epochs=1, max_seconds=0.055)):
        pass
    assert gan.step == 6


def test_seconds_and_epochs_count_over_the_whole_run(
    gan: DCGAN, start: State, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    gan.set_state({**start, "step": np.array(15), "seconds": np.array(50.0)})
    first, *_, last = train(gan, tiny_dataset, tiny_config.replace(max_seconds=50.055))
    assert (first.step, first.epoch, first.seconds) == (15, 2, 50.0)
    assert gan.step == 15 + 6
    # And of an epoch that was begun elsewhere, the rest is trained.
    *_, last = train(gan, tiny_dataset, tiny_config)
    assert isinstance(last, EpochReport)
    assert (last.step, last.epoch) == (26, 2)


def test_a_run_that_is_done_shows_its_pictures_and_trains_no_more(
    gan: DCGAN, start: State, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    gan.set_state({**start, "step": np.array(26)})
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


def test_closing_the_iterator_and_going_on_gives_the_numbers_of_the_uninterrupted_run(
    gan: DCGAN, start: State, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    for _ in train(gan, tiny_dataset, tiny_config):
        pass
    uninterrupted = gan.get_state()

    gan.set_state(start)
    clock.step_seconds = 0.3  # Other chunks: one step each.
    reports = train(gan, tiny_dataset, tiny_config)
    for report in reports:
        if report.step == 15:  # In the middle of the second epoch.
            break
    reports.close()
    middle = gan.get_state()

    gan.set_state(start).set_state(middle)
    clock.step_seconds = 0.01
    for _ in train(gan, tiny_dataset, tiny_config):
        pass
    assert_same_numbers(gan.get_state(), uninterrupted)


# What is refused.


def test_a_batch_larger_than_the_data_set_is_refused_in_words_before_the_first_report(
    gan: DCGAN, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    with pytest.raises(ConfigError) as error:
        train(gan, tiny_dataset, tiny_config.replace(batch_size=201))
    assert str(error.value) == (
        "batch_size: got 201; the data set has 200 images, so use at most 200."
    )
    check_batch(tiny_config.replace(batch_size=200), num_images=200)


@pytest.mark.parametrize(
    ("batch_size", "num_replicas", "message"),
    [
        (33, 2, "got 33; it is split over 2 devices, so use a multiple of 2, such as 32."),
        (3, 4, "got 3; it is split over 4 devices, so use a multiple of 4, such as 4."),
    ],
)
def test_a_batch_that_cannot_be_split_evenly_is_refused_in_words(
    batch_size: int, num_replicas: int, message: str
) -> None:
    config = TrainingConfig.create(batch_size=batch_size)
    with pytest.raises(ConfigError) as error:
        check_batch(config, 1000, num_replicas)
    assert str(error.value) == f"batch_size: {message}"
    check_batch(config.replace(batch_size=4 * num_replicas), 1000, num_replicas)


@pytest.mark.parametrize("error", [MemoryError(), OUT_OF_MEMORY])
@pytest.mark.parametrize(
    ("work", "words"),
    [
        ("train_steps", "batch_size: got 16; a step of these networks does not fit into memory: l"),
        ("generate", "num_samples: a grid of 6 pictures of these networks does not fit into memor"),
    ],
)
def test_what_does_not_fit_into_memory_is_named(
    gan: DCGAN,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
    work: str,
    words: str,
    error: Exception,
) -> None:
    def fail(*arguments: object) -> NoReturn:
        raise error

    monkeypatch.setattr(gan, work, fail)
    with pytest.raises(ConfigError, match=f"^{words}"):
        list(train(gan, tiny_dataset, tiny_config))


@pytest.mark.parametrize("name", ["generator/00/kernel", "discriminator/00/kernel"])
@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_a_weight_that_is_no_number_ends_training_in_words(
    gan: DCGAN,
    start: State,
    clock: Clock,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
    name: str,
    poison: float,
) -> None:
    kernel = start[name].copy()
    kernel[0, 0] = poison
    gan.set_state({**start, name: kernel, "step": np.array(4)})
    reports = train(gan, tiny_dataset, tiny_config)
    assert isinstance(next(reports), SampleReport)
    with pytest.raises(DivergenceError, match=r"^training diverged by step 5: .* Start a new run"):
        next(reports)
    assert list(reports) == []
