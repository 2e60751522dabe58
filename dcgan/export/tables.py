"""The history of a run as a table, in CSV and Parquet.

There is one row for each report and one column for each field, named as in `reports`. The column
`kind` is the kind of the report; fields that it does not have are empty. TensorFlow is not needed,
and pyarrow only for Parquet.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from dcgan.config.config_text import hide_dataset_path
from dcgan.evaluation.main_metric import MAIN_METRICS, get_page_label
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.runs.history_lines import REAL_PREFIX
from dcgan.runs.run_folder import Run


class Column(NamedTuple):
    """A column of the table.

    Attributes:
        type: The type of all values.
        kinds: The kinds of rows that have values.
        meaning: A sentence with range and unit.
    """

    type: type[int] | type[float] | type[str]
    kinds: tuple[str, ...]
    meaning: str


NUM_BINS = 20  # `step_metrics.HISTOGRAM_BINS`, which cannot be imported without TensorFlow.

_ALL = ("step", "epoch", "evaluation", "event")
_LOSSES = ("step", "epoch")

# Names as on the pages, where digits are ranked by one distance and other pictures by another.
_LABELS = {name: info.label for name, info in METRIC_INFO.items()} | {
    name: get_page_label(name, [name], has_digits=name == "frechet_distance")
    for name in MAIN_METRICS
}
_COLUMNS: dict[str, Column] = {
    "kind": Column(str, _ALL, "The kind of the report: step, epoch, evaluation or event."),
    "step": Column(int, _ALL, "Updates of both networks made so far."),
    "epoch": Column(int, _ALL, "The pass over the data that the step belongs to, from 1."),
    "seconds": Column(float, _ALL, "Training time so far, in seconds; pauses do not count."),
    "num_steps": Column(int, ("step",), "The number of steps whose means the values are."),
    "generator_loss": Column(
        float, _LOSSES, "The generator's loss; with the loss bce in nats, and above 0."
    ),
    "discriminator_loss": Column(
        float,
        _LOSSES,
        "The discriminator's loss on real and fake pictures, without penalties; with bce in nats.",
    ),
    "real_accuracy": Column(
        float, ("step",), "Share of real pictures with a logit above 0, in [0, 1]."
    ),
    "fake_accuracy": Column(
        float, ("step",), "Share of fake pictures with a logit below 0, in [0, 1]."
    ),
    "real_probability": Column(float, ("step",), "Mean D(x) of real pictures, in [0, 1]."),
    "fake_probability": Column(float, ("step",), "Mean D(G(z)) of fake pictures, in [0, 1]."),
    "generator_gradient_norm": Column(
        float, ("step",), "L2 norm of the generator's gradient over all its weights."
    ),
    "discriminator_gradient_norm": Column(
        float, ("step",), "L2 norm of the discriminator's gradient over all its weights."
    ),
    "images_per_second": Column(float, ("step",), "Real pictures processed per second."),
    "images_per_step": Column(int, ("step",), "Real pictures in each step; empty in older runs."),
    "augment_probability": Column(
        float,
        ("step",),
        "Probability of each augmentation, in [0, 1]; empty without augmentation.",
    ),
    "generator_update_ratio": Column(
        float,
        ("step",),
        "The change of the generator's weights in the last step, relative to their norm.",
    ),
    "discriminator_update_ratio": Column(
        float,
        ("step",),
        "The change of the discriminator's weights in the last step, relative to their norm.",
    ),
    "real_spread": Column(
        float,
        ("step",),
        "The difference of two real pictures of a batch: the root mean squared difference of their "
        "pixels, black to white being 1.",
    ),
    "fake_spread": Column(
        float, ("step",), "The difference of two fake pictures of the generator in training."
    ),
    **{
        f"{kind}_histogram_{index}": Column(
            float,
            ("step",),
            f"Share of {kind} pictures with {answer} from {index / NUM_BINS:g} to "
            f"{(index + 1) / NUM_BINS:g}.",
        )
        for kind, answer in (("real", "D(x)"), ("fake", "D(G(z))"))
        for index in range(NUM_BINS)
    },
    "num_images": Column(
        int,
        ("evaluation",),
        "The number of generated pictures, compared with the same number of real ones.",
    ),
    **{
        name: Column(float, ("evaluation",), f"{_LABELS[name]}: {info.explain()}")
        for name, info in METRIC_INFO.items()
    },
    **{
        REAL_PREFIX + name: Column(
            float,
            ("evaluation",),
            f"{_LABELS[name]}: the value of as many real pictures, compared with other real ones.",
        )
        for name in METRIC_INFO
    },
    **{
        f"{name}_{digit}": Column(
            float, ("evaluation",), f"Share of the {images} pictures that are a {digit}, in [0, 1]."
        )
        for name, images in (("digit_shares", "generated"), ("real_digit_shares", "real"))
        for digit in range(10)
    },
    "event": Column(
        str,
        ("event",),
        "The kind of the event: changed, diverged, rolled_back, branched (from another run, with "
        "other settings), continued (a branch, or a change of settings, after which it "
        "learns as before) or converged (the end of a run that stopped improving).",
    ),
    "text": Column(str, ("event",), "The event in one or two sentences."),
}
COLUMNS: Mapping[str, Column] = MappingProxyType(_COLUMNS)


def make_history_csv(run: Run) -> str:
    """Return a run's history as CSV: a header line, then a row for each report, oldest first.

    Returns:
        The columns of `COLUMNS` in that order, with commas and line feeds.

    Raises:
        RunError: If the run was deleted, or its history cannot be read.
    """
    run.check_folder()
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_escape_formulas, run.history.read_rows()))
    return text.getvalue()


def make_history_parquet(run: Run) -> bytes:
    """Return a run's history as Parquet: the table of `make_history_csv`, with types.

    Types are int64, float64 and string; an empty cell is null. Each column has its meaning in the
    metadata `description`; the file's metadata "dcgan-studio" describes the run as JSON: name,
    time of creation, data set, settings and versions.

    Returns:
        The bytes of the file, always the same for the same history.

    Raises:
        RunError: If the run was deleted, or its history cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    run.check_folder()
    types = {int: pa.int64(), float: pa.float64(), str: pa.string()}
    run_facts = {
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
        metadata={"dcgan-studio": json.dumps(run_facts)},
    )
    file = io.BytesIO()
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        rows = run.history.read_rows()
        while batch := list(itertools.islice(rows, _ROWS_PER_BATCH)):
            writer.write_table(pa.Table.from_pylist(batch, schema))
    return file.getvalue()


def _escape_formulas(row: dict[str, float | int | str]) -> dict[str, float | int | str]:
    """Put an apostrophe before texts that a spreadsheet would run as a formula."""
    return {
        name: f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
        for name, value in row.items()
    }


# The first characters of formulas (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_ROWS_PER_BATCH = 10_000
