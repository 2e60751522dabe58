"""A run's history as one table for other tools: CSV and Parquet.

A row a report, a column a field, under the names that `reports` has; `kind` says which report a
row is, and a cell is empty where that kind has no such field. Owns the columns, their order and
what is said about them. It needs no TensorFlow, and pyarrow only for Parquet.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from dcgan.config_text import hide_dataset_path
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.runs.history_lines import REAL_PREFIX
from dcgan.runs.run_folder import Run


class Column(NamedTuple):
    """What a column holds.

    Attributes:
        type: int, float or str, of all of its values.
        kinds: The kinds of rows that have it.
        meaning: In a sentence, with range and unit.
    """

    type: type[int] | type[float] | type[str]
    kinds: tuple[str, ...]
    meaning: str


NUM_BINS = 20  # Of the histograms in a step report: `gan.HISTOGRAM_BINS`, without TensorFlow.

_ALL = ("step", "epoch", "evaluation", "event")
_LOSSES = ("step", "epoch")

_COLUMNS: dict[str, Column] = {
    "kind": Column(str, _ALL, "Which report the row is: step, epoch, evaluation or event."),
    "step": Column(int, _ALL, "Updates of both networks made so far."),
    "epoch": Column(int, _ALL, "The pass over the data that the step belongs to, from 1."),
    "seconds": Column(float, _ALL, "Training time so far, in seconds; pauses do not count."),
    "num_steps": Column(int, ("step",), "Steps that the row's values are the means of."),
    "generator_loss": Column(float, _LOSSES, "The generator's loss, in nats; above 0."),
    "discriminator_loss": Column(
        float, _LOSSES, "The discriminator's loss on real and fake images together, in nats."
    ),
    "real_accuracy": Column(
        float, ("step",), "Share of real images with a logit above 0, in [0, 1]."
    ),
    "fake_accuracy": Column(
        float, ("step",), "Share of fake images with a logit below 0, in [0, 1]."
    ),
    "real_probability": Column(float, ("step",), "Mean D(x) of real images, in [0, 1]."),
    "fake_probability": Column(float, ("step",), "Mean D(G(z)) of fake images, in [0, 1]."),
    "generator_gradient_norm": Column(
        float, ("step",), "L2 norm of the generator's gradient over all its weights."
    ),
    "discriminator_gradient_norm": Column(
        float, ("step",), "L2 norm of the discriminator's gradient over all its weights."
    ),
    "images_per_second": Column(float, ("step",), "Real images seen for each second."),
    "images_per_step": Column(
        int, ("step",), "Real images that each step learned from; empty in older runs."
    ),
    "generator_update_ratio": Column(
        float,
        ("step",),
        "How far the last step moved the generator's weights, as a share of their length.",
    ),
    "discriminator_update_ratio": Column(
        float,
        ("step",),
        "How far the last step moved the discriminator's weights, as a share of their length.",
    ),
    "real_spread": Column(
        float,
        ("step",),
        "How far apart two real images of a batch are: the root mean squared difference of their "
        "pixels, black to white being 1.",
    ),
    "fake_spread": Column(
        float, ("step",), "The same of two fake images, of the generator as it trains."
    ),
    **{
        f"{kind}_histogram_{index}": Column(
            float,
            ("step",),
            f"Share of {kind} images with {answer} from {index / NUM_BINS:g} to "
            f"{(index + 1) / NUM_BINS:g}.",
        )
        for kind, answer in (("real", "D(x)"), ("fake", "D(G(z))"))
        for index in range(NUM_BINS)
    },
    "num_images": Column(
        int, ("evaluation",), "How many generated images were held against as many real ones."
    ),
    **{
        name: Column(float, ("evaluation",), f"{info.label}: {info.help_text}")
        for name, info in METRIC_INFO.items()
    },
    **{
        REAL_PREFIX + name: Column(
            float, ("evaluation",), f"{info.label} that as many real images get against others."
        )
        for name, info in METRIC_INFO.items()
    },
    **{
        f"{name}_{digit}": Column(
            float, ("evaluation",), f"Share of the {images} images that are a {digit}, in [0, 1]."
        )
        for name, images in (("digit_shares", "generated"), ("real_digit_shares", "real"))
        for digit in range(10)
    },
    "event": Column(
        str,
        ("event",),
        "What was done to the run: changed, diverged, rolled_back, branched (from another run, "
        "with other settings) or continued (a branch with the same settings).",
    ),
    "text": Column(str, ("event",), "The same in a sentence or two."),
}
COLUMNS: Mapping[str, Column] = MappingProxyType(_COLUMNS)


def history_csv(run: Run) -> str:
    """Write a run's history as CSV: a header line, then a row a report, oldest first.

    Returns:
        The columns of `COLUMNS`, in that order; UTF-8, commas, and a line feed behind each row.

    Raises:
        RunError: If the run is no longer there, or its history cannot be read.
    """
    run.check_folder()
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_without_formulas, run.history.read_rows()))
    return text.getvalue()


def history_parquet(run: Run) -> bytes:
    """Write a run's history as Parquet: the table of `history_csv`, with types.

    Whole numbers are int64, others float64, words string; an empty cell is null. Each column
    carries its meaning as the field's metadata `description`; the file carries the run under the
    key "dcgan-studio": name, when it began, data set, settings and versions, as JSON.

    Returns:
        The file's bytes; the same for the same run.

    Raises:
        RunError: If the run is no longer there, or its history cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    run.check_folder()
    types = {int: pa.int64(), float: pa.float64(), str: pa.string()}
    about = {
        "name": run.name,
        "created": run.created,
        "dataset": run.dataset.model_dump(),
        "config": hide_dataset_path(run.config).model_dump(),
        "versions": run.versions,
    }
    schema = pa.schema(
        [
            pa.field(name, types[column.type], metadata={"description": column.meaning})
            for name, column in COLUMNS.items()
        ],
        metadata={"dcgan-studio": json.dumps(about)},
    )
    file = io.BytesIO()
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        rows = run.history.read_rows()
        while batch := list(itertools.islice(rows, _ROWS_AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(batch, schema))
    return file.getvalue()


def _without_formulas(row: dict[str, float | int | str]) -> dict[str, float | int | str]:
    """Keep a spreadsheet from taking a text for a formula: an apostrophe before it."""
    return {
        name: f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
        for name, value in row.items()
    }


# What a spreadsheet begins a formula with (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_ONCE = 10_000
