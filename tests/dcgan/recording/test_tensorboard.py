"""TensorBoard's files hold the reports, and a rollback discards later ones."""

from __future__ import annotations

import io
import itertools
import logging
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.images.grids import tile
from dcgan.model.gan import DCGAN
from dcgan.recording.recorder import record
from dcgan.recording.rollback import roll_back
from dcgan.recording.start import continue_run, start_run
from dcgan.recording.tensorboard import EventWriter, make_histogram, make_image
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, SampleReport, StepReport
from dcgan.runs.copying import branch_run
from dcgan.runs.run_folder import Run, open_run
from tests.disk_errors import raise_disk_full
from tests.reports import step_report
from tests.tiny_sizes import STEPS_PER_EPOCH

pytestmark = pytest.mark.usefixtures("no_included_run", "reused_networks")


START = tf.compat.v1.SessionLog.START


@pytest.fixture
def config(config: TrainingConfig) -> TrainingConfig:
    """Return the tiny settings with event files and one epoch."""
    return config.replace(tensorboard=True, epochs=1)


def read_events(folder: Path) -> list[tf.compat.v1.Event]:
    """Read all event files in the order of their names; TensorFlow checks the sums."""
    names = sorted(str(path) for path in (folder / "tensorboard").iterdir())
    assert all("tfevents" in name for name in names)  # TensorBoard ignores others.
    return [
        tf.compat.v1.Event.FromString(record)
        for name in names
        for record in tf.data.TFRecordDataset(name).as_numpy_iterator()
    ]


def list_shown_steps(events: list[tf.compat.v1.Event], tag: str) -> list[int]:
    """Return the steps at which TensorBoard shows a tag.

    A later start of a session discards the values from its step on.
    """
    steps: list[int] = []
    for event in events:
        if event.session_log.status == START:
            steps = [step for step in steps if step < event.step]
        steps += [event.step for value in event.summary.value if value.tag == tag]
    return steps


def find_values(events: list[tf.compat.v1.Event], tag: str) -> list[tf.compat.v1.Summary.Value]:
    return [value for event in events for value in event.summary.value if value.tag == tag]


def train_run(config: TrainingConfig, path: Path) -> tuple[Run, DCGAN, list[AnyReport]]:
    run, gan, dataset = start_run(config, path=path)
    return run, gan, list(record(run, gan, dataset))


def test_an_event_file_holds_the_whole_training(config: TrainingConfig, tmp_path: Path) -> None:
    run, gan, reports = train_run(config, tmp_path / "run")
    events = read_events(run.path)
    assert events[0].file_version == "brain.Event:2"
    assert (events[1].session_log.status, events[1].step) == (START, 1)

    steps = [report for report in reports if isinstance(report, StepReport)]
    assert list_shown_steps(events, "step/generator_loss") == [report.step for report in steps]
    losses = [value.simple_value for value in find_values(events, "step/generator_loss")]
    assert losses == pytest.approx([report.generator_loss for report in steps])
    (epoch,) = [report for report in reports if isinstance(report, EpochReport)]
    (loss,) = find_values(events, "epoch/discriminator_loss")
    assert loss.simple_value == pytest.approx(epoch.discriminator_loss)
    assert not find_values(events, "step/step")

    first = next(report for report in reports if isinstance(report, SampleReport))
    picture = find_values(events, "sample_grid")[0].image
    with Image.open(io.BytesIO(picture.encoded_image_string)) as image:
        np.testing.assert_array_equal(np.asarray(image), tile(first.pixels, 2, 3))
        assert (picture.width, picture.height) == image.size

    for network in (gan.generator, gan.discriminator):
        for variable in network.trainable_variables:
            (found,) = find_values(events, f"{network.name}/{variable.path}")
            weights = np.asarray(variable)
            assert found.histo.num == sum(found.histo.bucket) == weights.size
            assert found.histo.min == weights.min()
            assert found.histo.max == weights.max() <= found.histo.bucket_limit[-1] + 1e-6
            assert found.histo.sum == pytest.approx(weights.sum(), abs=1e-3)

    (settings,) = find_values(events, "settings")
    assert settings.metadata.plugin_data.plugin_name == "text"
    assert b"| latent_dim | 4 |" in tf.make_ndarray(settings.tensor).item()


@pytest.mark.parametrize(("channels", "colorspace"), [(1, 1), (3, 3)])
def test_an_image_is_marked_as_grey_or_colour(channels: int, colorspace: int) -> None:
    # TensorFlow's Summary.Image: 1 is grayscale, 3 is RGB.
    pixels = np.arange(6 * 28 * 28 * channels, dtype=np.uint8).reshape(6, 28, 28, channels)
    image = make_image("sample_grid", pixels, (2, 3)).image
    assert image.colorspace == colorspace
    decoded = tf.io.decode_png(image.encoded_image_string).numpy()
    assert decoded.shape == (image.height, image.width, channels)


def test_each_column_of_the_sample_grid_has_one_class(
    tiny_config: TrainingConfig, tmp_path: Path
) -> None:
    names = ("one", "two", "three", "four", "five")
    config = tiny_config.replace(class_conditional=True, class_names=names, num_samples=20)
    gan = DCGAN(config)
    writer = EventWriter(tmp_path)
    writer.write_start(gan, config)
    writer.write_report(SampleReport(0, 1, 0.0, np.zeros((20, 28, 28, 1), np.uint8)), gan)
    (value,) = find_values(read_events(tmp_path), "sample_grid")
    assert (value.image.height, value.image.width) == (4 * 30 - 2, 5 * 30 - 2)


def test_an_evaluation_is_written_beside_the_metrics_of_real_images(
    config: TrainingConfig, tmp_path: Path
) -> None:
    gan = DCGAN(config)
    writer = EventWriter(tmp_path)
    writer.write_start(gan, config)
    writer.write_report(EvaluationReport(13, 1, 2.0, 100, {"recall": 0.25}, {"recall": 0.75}), gan)
    events = read_events(tmp_path)
    assert find_values(events, "evaluation/recall")[0].simple_value == 0.25
    assert find_values(events, "evaluation/real_recall")[0].simple_value == 0.75


def test_a_resume_writes_a_new_file_and_discards_events_after_its_checkpoint(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine a step could take so long that a checkpoint follows it.
    monkeypatch.setattr("dcgan.recording.recorder._FIRST_CHECKPOINT_SECONDS", 3600.0)
    train_run(config.replace(checkpoint_seconds=3600), tmp_path / "run")
    run = open_run(tmp_path / "run")
    # As if it had died before it saved its last step.
    run.checkpoints.get_path(STEPS_PER_EPOCH).unlink()
    run, gan, dataset = continue_run(run, epochs=1)
    reports = list(record(run, gan, dataset))
    assert len(list((run.path / "tensorboard").iterdir())) == 2
    events = read_events(run.path)
    starts = [event.step for event in events if event.session_log.status == START]
    assert starts == [1, 1]  # It starts again at step 0, so everything from step 1 on is discarded.
    shown = list_shown_steps(events, "step/generator_loss")
    assert shown == [report.step for report in reports if isinstance(report, StepReport)]
    pictures = list_shown_steps(events, "sample_grid")
    assert pictures == sorted(pictures)


def test_a_resume_does_not_repeat_the_samples_of_its_first_step(
    config: TrainingConfig, tmp_path: Path
) -> None:
    gan, pixels = DCGAN(config), np.zeros((6, 28, 28, 1), np.uint8)
    gan.step = 13
    writer = EventWriter(tmp_path)
    writer.write_start(gan, config)
    writer.write_report(SampleReport(13, 1, 1.0, pixels), gan)
    writer.write_report(SampleReport(17, 2, 1.5, pixels), gan)
    events = read_events(tmp_path)
    assert [event.step for event in events if event.session_log.status == START] == [14]
    assert list_shown_steps(events, "sample_grid") == [17]
    assert list_shown_steps(events, "settings") == [13]


def test_a_rollback_discards_later_events(config: TrainingConfig, tmp_path: Path) -> None:
    run, gan, dataset = start_run(config, path=tmp_path / "run")
    reports = record(run, gan, dataset)
    before = [report for report in itertools.islice(reports, 4) if isinstance(report, StepReport)]
    assert len(before) >= 2
    roll_back(run, gan, 0)
    after = [report for report in reports if isinstance(report, StepReport)]
    events = read_events(run.path)
    assert len(find_values(events, "step/generator_loss")) == len(before) + len(after)
    assert list_shown_steps(events, "step/generator_loss") == [report.step for report in after]


@pytest.mark.parametrize("refuses", ["to open", "in the middle"])
def test_a_full_disk_loses_its_events_and_training_continues(
    config: TrainingConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    refuses: str,
) -> None:
    class HalfWritingFile(io.FileIO):
        """Writes the first half of what it gets, as at the end of a full disk."""

        def write(self, data: bytes) -> int:  # type: ignore[override]
            return super().write(data[: len(data) // 2])

    opened = Path.open

    def refuse(path: Path, *arguments: object, **named: object) -> object:
        if "tfevents" not in path.name:
            return opened(path, *arguments, **named)  # type: ignore[call-overload]
        if refuses == "in the middle":
            return HalfWritingFile(path, "a")
        return raise_disk_full()

    run, gan, dataset = start_run(config, path=tmp_path / "run")
    reports = record(run, gan, dataset)
    with monkeypatch.context() as full, caplog.at_level(logging.WARNING):
        full.setattr(Path, "open", refuse)
        lost = [next(reports), next(reports)]
    assert [record.levelname for record in caplog.records] == ["WARNING"]  # Once, not each time.
    assert "No space left on device" in caplog.text
    rest = [report for report in reports if isinstance(report, StepReport)]
    assert run.read_status().state == "finished"
    assert len(run.history.read_steps()) == len(rest) + len(lost) - 1
    events = read_events(run.path)
    assert events[0].file_version == "brain.Event:2"
    assert (events[1].session_log.status, events[1].step) == (START, 1)
    assert list_shown_steps(events, "step/generator_loss") == [report.step for report in rest]


def test_short_epochs_do_not_all_have_images_and_weights(
    config: TrainingConfig, tmp_path: Path
) -> None:
    """Pictures at least a second of training apart, weights ten."""
    gan, pixels = DCGAN(config), np.zeros((6, 28, 28, 1), np.uint8)
    writer = EventWriter(tmp_path)
    writer.write_start(gan, config)
    for step in range(1, 41):
        writer.write_report(EpochReport(step, step, step / 2, 0.5, 0.5, pixels), gan)
    events = read_events(tmp_path)
    assert list_shown_steps(events, "sample_grid") == list(range(1, 41, 2))
    assert list_shown_steps(events, "generator/image/kernel") == [1, 21]
    assert len(find_values(events, "epoch/generator_loss")) == 40


def test_the_discriminators_answers_are_a_histogram(config: TrainingConfig, tmp_path: Path) -> None:
    gan = DCGAN(config)
    writer = EventWriter(tmp_path)
    writer.write_start(gan, config)
    for seconds in (1.0, 2.0, 11.0):
        step = round(seconds)
        histogram = (0.0, 0.25, 0.0, 0.75)
        report = step_report(step, seconds=seconds, real_histogram=histogram)
        writer.write_report(report, gan)
    events = read_events(tmp_path)
    assert list_shown_steps(events, "step/real_histogram") == [1, 11]
    found = find_values(events, "step/real_histogram")[0].histo
    assert list(found.bucket_limit) == [0.25, 0.5, 0.75, 1.0]
    assert list(found.bucket) == [0.0, 25.0, 0.0, 75.0]
    assert found.sum / found.num == 0.25 * 0.375 + 0.75 * 0.875  # The middles of the two bins.
    assert not find_values(events, "step/fake_histogram")


@pytest.mark.parametrize(
    ("values", "spread"),
    [
        ([1.0, np.nextafter(np.float32(1), np.float32(2))], 2.0**-23),
        ([0.0, np.nextafter(np.float32(0), np.float32(1))], 2.0**-149),
        ([-(2.0**127), 2.0**127], 2.0**128),  # Too large for a float32.
        ([0.5, 0.5], 0.0),
        ([np.nan, np.inf], 0.0),
    ],
)
def test_weights_have_a_histogram_however_far_apart_they_are(
    values: list[float], spread: float
) -> None:
    found = make_histogram("weights", np.array(values, np.float32)).histo
    assert found.max - found.min == spread
    assert sum(found.bucket) == found.num
    if spread:
        assert (found.bucket[0], found.bucket[-1]) == (1, 1)
        assert found.sum_squares == float(values[0]) ** 2 + float(values[1]) ** 2


def test_a_report_that_cannot_be_an_event_is_dropped_and_training_continues(
    config: TrainingConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("Too many bins")

    gan, pixels = DCGAN(config), np.zeros((6, 28, 28, 1), np.uint8)
    writer = EventWriter(tmp_path)
    writer.write_start(gan, config)
    with monkeypatch.context() as patch:
        patch.setattr(np, "histogram", refuse)
        writer.write_report(EpochReport(1, 1, 1.0, 0.5, 0.5, pixels), gan)
    writer.write_report(step_report(2), gan)
    assert "cannot be written (Too many bins); training continues" in caplog.text
    events = read_events(tmp_path)
    assert list_shown_steps(events, "epoch/generator_loss") == []
    assert list_shown_steps(events, "step/generator_loss") == [2]


def test_nan_metrics_are_left_out(config: TrainingConfig, tmp_path: Path) -> None:
    gan, nan = DCGAN(config), float("nan")
    writer = EventWriter(tmp_path)
    writer.write_start(gan, config)
    writer.write_report(step_report(1, generator_loss=nan), gan)
    events = read_events(tmp_path)
    assert not find_values(events, "step/generator_loss")
    assert find_values(events, "step/discriminator_loss")


def test_a_branch_does_not_copy_event_files(
    config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    run = Run.create(config, tiny_dataset, path=tmp_path / "run")
    run.save_checkpoint({"step": np.array(0), "seconds": np.array(0.0)})
    EventWriter(run.path).write_start(DCGAN(config), config)
    branch = branch_run(run, tmp_path / "library")
    for held in (run, branch):
        held.lock.release()
    assert (run.path / "tensorboard").is_dir()
    assert not (branch.path / "tensorboard").exists()
