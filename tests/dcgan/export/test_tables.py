"""A run's history as a table: every field has its column and its type."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.export.archive import export_run
from dcgan.export.tables import COLUMNS, NUM_BINS, make_history_csv, make_history_parquet
from dcgan.reports import EpochReport, EvaluationReport, EventReport, StepReport
from dcgan.runs.run_folder import Run
from dcgan.training_step.step_metrics import HISTOGRAM_BINS


@pytest.fixture
def run(empty_run: Run) -> Run:
    """Return a run with one report of each kind."""
    pixels = np.zeros((6, 28, 28, 1), np.uint8)
    metrics = dict.fromkeys(METRIC_INFO, 0.25)
    shares = (0.1,) * 10
    measured = StepReport(
        step=3,
        epoch=1,
        seconds=0.5,
        num_steps=2,
        generator_loss=1.5,
        discriminator_loss=0.75,
        real_accuracy=0.875,
        fake_accuracy=0.625,
        real_probability=0.5,
        fake_probability=0.375,
        generator_gradient_norm=2.0,
        discriminator_gradient_norm=3.0,
        images_per_second=1600.0,
        generator_update_ratio=0.01,
        discriminator_update_ratio=0.02,
        real_histogram=(0.05,) * NUM_BINS,
        fake_histogram=(1.0, *(0.0,) * (NUM_BINS - 1)),
        real_spread=0.4,
        fake_spread=0.3,
        images_per_step=64,
        augment_probability=0.25,
    )
    for report in (
        measured,
        EpochReport(13, 1, 1.0, 1.25, 0.5, pixels),
        EvaluationReport(
            13, 1, 1.5, 1000, metrics, dict.fromkeys(METRIC_INFO, 0.125), shares, shares
        ),
        EventReport(
            13, 1, 1.5, "changed", 'Generator learning rate 0.002 → 0.001, "why, and\nhow".'
        ),
    ):
        empty_run.write(report)
    return empty_run


def read_rows(run: Run) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(make_history_csv(run), newline="")))


def test_each_report_is_a_row_with_its_fields_and_no_other(run: Run) -> None:
    step, epoch, evaluation, event = read_rows(run)
    assert {name: value for name, value in step.items() if value and "histogram" not in name} == {
        "kind": "step", "step": "3", "epoch": "1", "seconds": "0.5", "num_steps": "2",
        "generator_loss": "1.5", "discriminator_loss": "0.75", "real_accuracy": "0.875",
        "fake_accuracy": "0.625", "real_probability": "0.5", "fake_probability": "0.375",
        "generator_gradient_norm": "2.0", "discriminator_gradient_norm": "3.0",
        "images_per_second": "1600.0", "generator_update_ratio": "0.01",
        "discriminator_update_ratio": "0.02", "real_spread": "0.4", "fake_spread": "0.3",
        "images_per_step": "64", "augment_probability": "0.25",
    }  # fmt: skip
    assert (step["real_histogram_19"], step["fake_histogram_0"]) == ("0.05", "1.0")
    assert {name: value for name, value in epoch.items() if value} == {
        "kind": "epoch", "step": "13", "epoch": "1", "seconds": "1.0",
        "generator_loss": "1.25", "discriminator_loss": "0.5",
    }  # fmt: skip
    assert (evaluation["num_images"], evaluation["recall"]) == ("1000", "0.25")
    assert (evaluation["real_recall"], evaluation["digit_shares_9"]) == ("0.125", "0.1")
    assert event["event"] == "changed"
    assert event["text"] == 'Generator learning rate 0.002 → 0.001, "why, and\nhow".'


def test_each_column_lists_the_kinds_of_rows_that_have_it(run: Run) -> None:
    for row in read_rows(run):
        has = {name for name, value in row.items() if value}
        assert has == {name for name, column in COLUMNS.items() if row["kind"] in column.kinds}


def test_every_field_of_a_report_has_a_column() -> None:
    fields = {
        field.name
        for kind in (StepReport, EpochReport, EvaluationReport, EventReport)
        for field in dataclasses.fields(kind)
    }
    not_columns = {"pixels", "metrics", "real_metrics"}  # Metrics have a column each.
    lists = {"digit_shares": 10, "real_digit_shares": 10}
    lists |= {"real_histogram": HISTOGRAM_BINS, "fake_histogram": HISTOGRAM_BINS}
    for name, num in lists.items():
        assert {column for column in COLUMNS if column.startswith(f"{name}_")} == {
            f"{name}_{index}" for index in range(num)
        }
        not_columns.add(name)
    assert fields - not_columns <= COLUMNS.keys()
    assert {*METRIC_INFO, *(f"real_{name}" for name in METRIC_INFO)} <= COLUMNS.keys()


def test_parquet_is_the_same_table_with_types(run: Run) -> None:
    table = pq.read_table(pa.BufferReader(make_history_parquet(run)))
    assert table.column_names == list(COLUMNS)
    types = {"int": pa.int64(), "float": pa.float64(), "str": pa.string()}
    for field in table.schema:
        assert field.type == types[COLUMNS[field.name].type.__name__]
        assert field.metadata == {b"description": COLUMNS[field.name].meaning.encode()}
    as_text = [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in table.to_pylist()
    ]
    assert as_text == read_rows(run)


def test_parquet_says_which_run_it_is_of(run: Run, tiny_config: TrainingConfig) -> None:
    about = json.loads(
        pq.read_schema(pa.BufferReader(make_history_parquet(run))).metadata[b"dcgan-studio"]
    )
    assert (about["name"], about["created"]) == ("first", run.created)
    assert TrainingConfig.create(**about["config"]) == tiny_config
    assert about["dataset"]["name"] == "spots"
    assert "tensorflow" in about["versions"]


def test_the_same_run_gives_the_same_bytes(run: Run) -> None:
    assert make_history_parquet(run) == make_history_parquet(run)
    assert make_history_csv(run) == make_history_csv(run)


def test_a_run_without_history_is_a_table_without_rows(empty_run: Run) -> None:
    assert read_rows(empty_run) == []
    assert pq.read_table(pa.BufferReader(make_history_parquet(empty_run))).shape == (
        0,
        len(COLUMNS),
    )


def test_the_table_of_a_deleted_run_is_refused(
    tmp_path: Path, tiny_config: TrainingConfig, tiny_dataset: ImageDataset
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "gone")
    run.lock.release()
    run.path.rename(tmp_path / "elsewhere")
    for write in (make_history_csv, make_history_parquet, export_run):
        with pytest.raises(RunError, match="gone is no longer there; choose another run"):
            write(run)
