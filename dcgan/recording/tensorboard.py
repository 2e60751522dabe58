"""TensorBoard's event files of a run in training: numbers, sample grids and weights.

Owns how a report becomes an event, and how events stand in a file. The events are TensorFlow's
own protocol buffers; its `tf.summary` functions need the package tensorboard, which only a reader
has to have. A run's history stays what counts: what the disk refuses here is left out.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import struct
import time
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from dcgan.backend import tf
from dcgan.config import TrainingConfig
from dcgan.config_text import format_setting, hide_dataset_path
from dcgan.files import append_or_undo
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.images.png_recipe import encode_png
from dcgan.model.gan import DCGAN
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, SampleReport, StepReport

FOLDER = "tensorboard"
# Seconds of training between two pictures and between two sets of histograms, at least: writing
# may not take more than a hundredth of the time.
_IMAGE_SECONDS, _HISTOGRAM_SECONDS = 1.0, 10.0
_HISTOGRAM_BINS = 30
_NOT_MEASURED = frozenset(("step", "epoch", "seconds", "num_steps", "images_per_step"))

_log = logging.getLogger(__name__)


class EventWriter:
    """Writes what one training says, from its start or resume to its end, into a file of its own.

    Tags are a report's kind and field: `step/generator_loss`, `evaluation/precision`, with what
    real images get as `evaluation/real_precision`, and `step/real_histogram` and
    `step/fake_histogram` for the discriminator's answers; the pictures are `sample_grid`, the
    weights `generator/…` and `discriminator/…`, the settings the text `settings`.
    """

    def __init__(self, run: Path) -> None:
        """Choose a new file in a run's folder; it is made with the first event."""
        # The name says when, and TensorBoard reads a folder's files in the order of their names.
        self._path = run / FOLDER / f"events.out.tfevents.{time.time_ns() // 1000}"
        # Goes before the next event: a file's first says which format it has.
        version = tf.compat.v1.Event(wall_time=time.time(), file_version="brain.Event:2")
        self._waiting = _record(version)
        self._begun_at = 0
        self._next_image = self._next_histograms = self._next_answers = -math.inf
        self._is_refused = False

    def begin(self, gan: DCGAN, config: TrainingConfig) -> None:
        """Say where training stands: what was written of later steps is no longer true.

        Args:
            gan: What learns.
            config: Its settings from here on.
        """
        self._begun_at = gan.step
        self._next_image = self._next_histograms = self._next_answers = -math.inf
        start = tf.compat.v1.SessionLog(status=tf.compat.v1.SessionLog.START)
        event = tf.compat.v1.Event(wall_time=time.time(), step=gan.step + 1, session_log=start)
        self._waiting += _record(event)
        self._write(gan.step, [_text("settings", _as_markdown(config))])

    def write(self, report: AnyReport, gan: DCGAN) -> None:
        """Write a report, and at an epoch's end the weights.

        Args:
            report: Of this training, in the order in which they come.
            gan: What learns, as it stands at that report.
        """
        values = [_scalar(tag, number) for tag, number in _numbers(report).items()]
        # The picture of where it goes on is there already.
        is_new = report.step > self._begun_at or report.step == 0
        if (
            isinstance(report, SampleReport | EpochReport)
            and is_new
            and report.seconds >= self._next_image
        ):
            self._next_image = report.seconds + _IMAGE_SECONDS
            values.append(_image("sample_grid", report.pixels))
        if isinstance(report, EpochReport) and report.seconds >= self._next_histograms:
            self._next_histograms = report.seconds + _HISTOGRAM_SECONDS
            values += [
                _histogram(f"{network.name}/{variable.path}", np.asarray(variable))
                for network in (gan.generator, gan.discriminator)
                for variable in network.trainable_variables
            ]
        if isinstance(report, StepReport) and report.seconds >= self._next_answers:
            self._next_answers = report.seconds + _HISTOGRAM_SECONDS
            values += [
                _shares(f"step/{name}", getattr(report, name))
                for name in ("real_histogram", "fake_histogram")
                if getattr(report, name)
            ]
        if values:
            self._write(report.step, values)

    def _write(self, step: int, values: Iterable[tf.compat.v1.Summary.Value]) -> None:
        summary = tf.compat.v1.Summary(value=values)
        event = tf.compat.v1.Event(wall_time=time.time(), step=step, summary=summary)
        try:
            self._path.parent.mkdir(exist_ok=True)
            append_or_undo(self._path, self._waiting + _record(event))
        except OSError as error:
            if not self._is_refused:
                _log.warning(
                    "%s cannot be written (%s); training goes on, and TensorBoard will lack what "
                    "it says meanwhile.",
                    self._path,
                    error.strerror,
                )
            self._is_refused = True
        else:
            self._waiting, self._is_refused = b"", False


# What a report says.


def _numbers(report: AnyReport) -> dict[str, float]:
    """Return the finite numbers that a report measured, by their tags."""
    if isinstance(report, EvaluationReport):
        real = {f"real_{name}": value for name, value in report.real_metrics.items()}
        found, kind = {**report.metrics, **real}, "evaluation"
    elif isinstance(report, StepReport | EpochReport):
        found = {
            field.name: getattr(report, field.name)
            for field in dataclasses.fields(report)
            if field.name not in _NOT_MEASURED
        }
        kind = "step" if isinstance(report, StepReport) else "epoch"
    else:
        return {}
    return {
        f"{kind}/{name}": value
        for name, value in found.items()
        if isinstance(value, float | int) and math.isfinite(value)
    }


def _as_markdown(config: TrainingConfig) -> str:
    shared = hide_dataset_path(config)
    rows = [f"| {name} | {format_setting(shared, name)} |" for name in TrainingConfig.model_fields]
    return "\n".join(["| setting | value |", "| --- | --- |", *rows])


# Summaries.


def _scalar(tag: str, number: float) -> tf.compat.v1.Summary.Value:
    return tf.compat.v1.Summary.Value(tag=tag, simple_value=number)


def _image(tag: str, pixels: np.ndarray) -> tf.compat.v1.Summary.Value:
    picture = tile(pixels, *choose_grid_shape(len(pixels)))
    image = tf.compat.v1.Summary.Image(
        height=picture.shape[0],
        width=picture.shape[1],
        colorspace=1 if picture.ndim == 2 else 3,  # As the protocol has it: grey, or RGB.
        encoded_image_string=encode_png(picture),
    )
    return tf.compat.v1.Summary.Value(tag=tag, image=image)


def _histogram(tag: str, values: np.ndarray) -> tf.compat.v1.Summary.Value:
    # Of the numbers alone: what is none is training's to notice.
    values = values[np.isfinite(values)] if np.isfinite(values).any() else np.zeros(1, np.float32)
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


def _shares(tag: str, shares: Sequence[float]) -> tf.compat.v1.Summary.Value:
    """Show shares of equal parts of [0, 1] as a histogram of 100 values."""
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


def _text(tag: str, words: str) -> tf.compat.v1.Summary.Value:
    plugin = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="text")
    return tf.compat.v1.Summary.Value(
        tag=tag,
        metadata=tf.compat.v1.SummaryMetadata(plugin_data=plugin),
        tensor=tf.make_tensor_proto(words, tf.string),
    )


# The file: records of a length, the bytes, and checksums of both.


def _record(event: tf.compat.v1.Event) -> bytes:
    """Frame an event as a TFRecord.

    Source:
        TensorFlow, "TFRecord and tf.train.Example", section "TFRecords format details".
    """
    data: bytes = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return b"".join(
        (length, struct.pack("<I", _masked(length)), data, struct.pack("<I", _masked(data)))
    )


def _masked(data: bytes) -> int:
    crc = checksum(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def checksum(data: bytes) -> int:
    """Return the CRC-32C of some bytes, which Python's zlib does not have.

    Source:
        RFC 3720, "Internet Small Computer Systems Interface", appendix B.4.
    """
    table = _checksum_table()
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


@cache
def _checksum_table() -> tuple[int, ...]:
    """Return what each byte does to a checksum."""
    table = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)
