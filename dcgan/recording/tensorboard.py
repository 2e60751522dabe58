"""TensorBoard's event files of a run in training: numbers, sample grids and weights.

The events are TensorFlow's protocol buffers. They are not written by `tf.summary`, which needs the
package tensorboard; without it, only people who read the files have to install that package. A
run's history is complete without these files, so events that cannot be written are dropped.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from dcgan.backend import tf
from dcgan.config.config_text import format_setting, hide_dataset_path
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.files.whole_files import append_or_undo
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sample_grid import choose_sample_shape
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, SampleReport, StepReport
from dcgan.training.trainable import TrainableGAN

FOLDER = "tensorboard"
# Minimum seconds of training between two images and between two sets of histograms, so that
# writing takes at most a hundredth of the time.
_IMAGE_SECONDS, _HISTOGRAM_SECONDS = 1.0, 10.0
_HISTOGRAM_BINS = 30
_PROGRESS_FIELDS = frozenset(("step", "epoch", "seconds", "num_steps", "images_per_step"))

_log = logging.getLogger(__name__)


class EventWriter:
    """Writes the reports of one training, from its start or resume to its end, to a new file.

    Tags are a report's kind and field, such as `step/generator_loss` and `evaluation/precision`.
    Metrics of real images have tags such as `evaluation/real_precision`. The discriminator's
    answers are `step/real_histogram` and `step/fake_histogram`, the images `sample_grid`, the
    weights `generator/…` and `discriminator/…`, and the settings the text `settings`.
    """

    def __init__(self, run_folder: Path) -> None:
        """Choose a new file in a run's folder; the first event creates it."""
        # Named by the time, because TensorBoard reads a folder's files in the order of their names.
        self._path = run_folder / FOLDER / f"events.out.tfevents.{time.time_ns() // 1000}"
        # Bytes to write before the next event. The first event of a file names its format.
        version = tf.compat.v1.Event(wall_time=time.time(), file_version="brain.Event:2")
        self._pending = _encode_record(version)
        self._start_step = 0
        self._grid_shape = (1, 1)  # Rows and columns of the sample grid, known at the start.
        self._next_image = self._next_histograms = self._next_shares = -math.inf
        self._is_refused = False

    def write_start(self, gan: TrainableGAN, config: TrainingConfig) -> None:
        """Write the step at which training starts or continues, and its settings.

        A reader then discards earlier events of later steps.

        Args:
            gan: The networks at that step.
            config: The settings from there on.
        """
        self._start_step = gan.step
        self._grid_shape = choose_sample_shape(config)
        self._next_image = self._next_histograms = self._next_shares = -math.inf
        start = tf.compat.v1.SessionLog(status=tf.compat.v1.SessionLog.START)
        event = tf.compat.v1.Event(wall_time=time.time(), step=gan.step + 1, session_log=start)
        self._pending += _encode_record(event)
        with self._dropping_failures():
            self._write(gan.step, [_make_text("settings", _format_settings(config))])

    def write_report(self, report: AnyReport, gan: TrainableGAN) -> None:
        """Write a report, and at an epoch's end the weights.

        Args:
            report: The training's next report.
            gan: The networks at that report.
        """
        with self._dropping_failures():
            if values := self._make_values(report, gan):
                self._write(report.step, values)

    def _make_values(
        self, report: AnyReport, gan: TrainableGAN
    ) -> list[tf.compat.v1.Summary.Value]:
        values = [_make_scalar(tag, number) for tag, number in _select_metrics(report).items()]
        # The samples of the step at which training continues were written before.
        is_new = report.step > self._start_step or report.step == 0
        if (
            isinstance(report, SampleReport | EpochReport)
            and is_new
            and report.seconds >= self._next_image
        ):
            self._next_image = report.seconds + _IMAGE_SECONDS
            values.append(make_image("sample_grid", report.pixels, self._grid_shape))
        if isinstance(report, EpochReport) and report.seconds >= self._next_histograms:
            self._next_histograms = report.seconds + _HISTOGRAM_SECONDS
            values += [
                make_histogram(f"{network.name}/{variable.path}", np.asarray(variable))
                for network in (gan.generator, gan.discriminator)
                for variable in network.trainable_variables
            ]
        if isinstance(report, StepReport) and report.seconds >= self._next_shares:
            self._next_shares = report.seconds + _HISTOGRAM_SECONDS
            values += [
                _make_share_histogram(f"step/{name}", getattr(report, name))
                for name in ("real_histogram", "fake_histogram")
                if getattr(report, name)
            ]
        return values

    def _write(self, step: int, values: Iterable[tf.compat.v1.Summary.Value]) -> None:
        summary = tf.compat.v1.Summary(value=values)
        event = tf.compat.v1.Event(wall_time=time.time(), step=step, summary=summary)
        self._path.parent.mkdir(exist_ok=True)
        append_or_undo(self._path, self._pending + _encode_record(event))
        self._pending, self._is_refused = b"", False

    @contextlib.contextmanager
    def _dropping_failures(self) -> Iterator[None]:
        """Log the first of several failures, and drop their events."""
        try:
            yield
        # The disk refuses, or NumPy or a protocol buffer refuses a number. Neither must end a
        # training of hours.
        except (OSError, ValueError) as error:
            if not self._is_refused:
                _log.warning(
                    "%s cannot be written (%s); training continues, and TensorBoard will lack the "
                    "reports of this time.",
                    self._path,
                    getattr(error, "strerror", None) or error,
                )
            self._is_refused = True


def _select_metrics(report: AnyReport) -> dict[str, float]:
    """Return the finite metrics of a report, by their tags."""
    if isinstance(report, EvaluationReport):
        real = {f"real_{name}": value for name, value in report.real_metrics.items()}
        values, kind = {**report.metrics, **real}, "evaluation"
    elif isinstance(report, StepReport | EpochReport):
        values = {
            field.name: getattr(report, field.name)
            for field in dataclasses.fields(report)
            if field.name not in _PROGRESS_FIELDS
        }
        kind = "step" if isinstance(report, StepReport) else "epoch"
    else:
        return {}
    return {
        f"{kind}/{name}": value
        for name, value in values.items()
        if isinstance(value, float | int) and math.isfinite(value)
    }


def _format_settings(config: TrainingConfig) -> str:
    shared = hide_dataset_path(config)
    rows = [f"| {name} | {format_setting(shared, name)} |" for name in Settings.model_fields]
    return "\n".join(["| setting | value |", "| --- | --- |", *rows])


def _make_scalar(tag: str, number: float) -> tf.compat.v1.Summary.Value:
    return tf.compat.v1.Summary.Value(tag=tag, simple_value=number)


def make_image(tag: str, pixels: np.ndarray, shape: tuple[int, int]) -> tf.compat.v1.Summary.Value:
    """Make a value with a grid of images.

    Args:
        tag: Name of the value.
        pixels: The images, uint8 [0, 255], shape (num, height, width, 1 or 3).
        shape: Rows and columns of the grid.
    """
    picture = tile(pixels, *shape)
    image = tf.compat.v1.Summary.Image(
        height=picture.shape[0],
        width=picture.shape[1],
        colorspace=1 if picture.ndim == 2 else 3,  # The protocol's numbers for grey and RGB.
        encoded_image_string=encode_png(picture),
    )
    return tf.compat.v1.Summary.Value(tag=tag, image=image)


def make_histogram(tag: str, values: np.ndarray) -> tf.compat.v1.Summary.Value:
    """Make a value with the histogram of an array of any shape; only finite numbers count."""
    # The loss check of training reports NaNs.
    values = values[np.isfinite(values)] if np.isfinite(values).any() else np.zeros(1)
    # In float32, the edges of bins between nearly equal values could not be distinguished.
    values = values.astype(np.float64)
    counts, edges = np.histogram(values, _HISTOGRAM_BINS)
    histogram = tf.compat.v1.HistogramProto(
        min=values.min(),
        max=values.max(),
        num=values.size,
        sum=values.sum(),
        sum_squares=np.square(values).sum(),
        bucket_limit=edges[1:],  # The upper end of each; the first one's lower end is `min`.
        bucket=counts,
    )
    return tf.compat.v1.Summary.Value(tag=tag, histo=histogram)


def _make_share_histogram(tag: str, shares: Sequence[float]) -> tf.compat.v1.Summary.Value:
    """Make a histogram of 100 values from shares of equal parts of [0, 1]."""
    edges = np.linspace(0, 1, len(shares) + 1)
    counts = 100 * np.array(shares)
    histogram = tf.compat.v1.HistogramProto(
        min=0.0,
        max=1.0,
        num=100,
        sum=counts @ (edges[1:] + edges[:-1]) / 2,
        bucket_limit=edges[1:],
        bucket=counts,
    )
    return tf.compat.v1.Summary.Value(tag=tag, histo=histogram)


def _make_text(tag: str, text: str) -> tf.compat.v1.Summary.Value:
    plugin = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="text")
    return tf.compat.v1.Summary.Value(
        tag=tag,
        metadata=tf.compat.v1.SummaryMetadata(plugin_data=plugin),
        tensor=tf.make_tensor_proto(text, tf.string),
    )


def _encode_record(event: tf.compat.v1.Event) -> bytes:
    """Return an event as the bytes of a TFRecord.

    The record is made in TensorFlow's file system in memory: on a disk that fills up, TensorFlow
    2.21 leaves half a record, at which every reader stops.
    """
    path = f"ram://dcgan-studio-{uuid.uuid4()}"
    with tf.io.TFRecordWriter(path) as writer:
        writer.write(event.SerializeToString())
    with tf.io.gfile.GFile(path, "rb") as file:
        record: bytes = file.read()
    tf.io.gfile.remove(path)
    return record
