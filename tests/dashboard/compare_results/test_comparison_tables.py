"""The tables of a comparison: the results, and the settings that differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import (
    ComparedRun,
    Record,
)
from dashboard.compare_results.comparison_table import (
    list_differing_settings,
    make_result_rows,
    make_setting_rows,
    make_titles_unique,
)
from dcgan.config.sections.few_pictures import AUGMENTED_BELOW
from dcgan.reports import EventReport

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_the_tables_have_the_results_and_the_settings_that_differ(
    compared: list[ComparedRun],
) -> None:
    names = list_differing_settings([each.run for each in compared])
    assert names == ["batch_size", "generator_learning_rate"]
    settings = {row.label: row.cells for row in make_setting_rows(compared)}
    assert settings == {
        "Batch size": ("16", "32"),
        "Generator learning rate": ("0.002", "0.001"),
    }
    results = {row.label: row.cells for row in make_result_rows(compared)}
    assert results["Quick distance to real digits (two sets of real digits: 5.00)"] == (
        "5.00",
        "8.00",
    )
    assert results["Lowest quick distance so far"] == ("4.00", "8.00")
    assert results["Looks real: precision (real digits: 80.0%)"] == ("80.0%", "80.0%")
    assert results["Measured at step"] == ("30", "10")
    assert results["Trained to step"] == ("30", "10")
    assert results["Time trained"] == ("6 s", "2 s")
    assert make_setting_rows([compared[0], compared[0]]) == []
    hints = {
        row.label: row.hint for row in [*make_result_rows(compared), *make_setting_rows(compared)]
    }
    assert hints["Lowest quick distance so far"] == (
        "Two sets of real digits are 5.00 apart; below that, lower is not better."
    )
    assert hints["Batch size"].startswith("Number of pictures in a batch")
    assert hints["Trained to step"] == ""


def test_two_learning_rates_that_change_together_are_one_difference(
    compared: list[ComparedRun],
) -> None:
    for each, rate in zip(compared, (0.002, 0.001), strict=True):
        each.run.config = compared[0].run.config.replace(
            generator_learning_rate=rate, discriminator_learning_rate=rate
        )
    assert [row.label for row in make_setting_rows(compared)] == ["Both learning rates"]
    compared[1].run.config = compared[1].run.config.replace(discriminator_learning_rate=0.004)
    assert [row.label for row in make_setting_rows(compared)] == [
        "Generator learning rate",
        "Discriminator learning rate",
    ]


def test_time_limits_that_differ_only_by_the_first_step_are_no_difference(
    compared: list[ComparedRun],
) -> None:
    def list_labels(*limits: float) -> list[str]:
        for each, limit in zip(compared, limits, strict=True):
            each.run.config = compared[0].run.config.replace(max_seconds=limit)
        return [row.label for row in make_setting_rows(compared)]

    starts = [each.record.history[0].seconds for each in compared]
    assert list_labels(starts[0] + 30.0, starts[1] + 30.01) == []
    assert list_labels(starts[0] + 30.0, starts[1] + 60.0) == ["Time limit"]


def test_the_time_limit_of_a_race_is_the_one_that_was_chosen(
    compared: list[ComparedRun],
) -> None:
    first, second = compared
    start = first.record.history[0].seconds
    first.run.config = second.run.config.replace(max_seconds=start + 30.01)
    rows = make_setting_rows([replace(first, race_seconds=30.0), second])
    assert {row.label: row.cells for row in rows} == {"Time limit": ("30 s", "no limit")}
    first.run.config = second.run.config.replace(max_seconds=90.0)  # Continued after the race.
    rows = make_setting_rows([replace(first, race_seconds=30.0), second])
    assert rows[0].cells == ("1 min 30 s", "no limit")


def test_settings_that_only_decide_the_length_are_the_last(compared: list[ComparedRun]) -> None:
    first, second = compared
    second.run.config = first.run.config.replace(epochs=7, max_seconds=60.0, batch_size=32, seed=5)
    labels = [row.label for row in make_setting_rows(compared)]
    assert labels == ["Batch size", "Seed", "Epochs", "Time limit"]


def test_the_explanation_of_both_learning_rates_fits_both(compared: list[ComparedRun]) -> None:
    for compared_run, rate in zip(compared, (0.002, 0.001), strict=True):
        compared_run.run.config = compared[0].run.config.replace(
            generator_learning_rate=rate, discriminator_learning_rate=rate
        )
    (row,) = make_setting_rows(compared)
    assert row.label == "Both learning rates"
    assert row.hint == "How far the weights move in one update."


def test_columns_of_runs_with_one_name_are_numbered() -> None:
    assert make_titles_unique(["one", "one", "", ""]) == ["one", "one (2)", "Run", "Run (2)"]


def test_a_run_without_reports_has_dashes(compared: list[ComparedRun]) -> None:
    empty = replace(compared[0], record=Record((), ()))
    cells = {cell for row in make_result_rows([empty]) for cell in row.cells}
    assert cells == {"not measured", "–"}


def test_other_pictures_count_as_another_data_set_unless_a_setting_explains_them(
    compared: list[ComparedRun],
) -> None:
    one, two = (each.run for each in compared)
    two.dataset = two.dataset.model_copy(update={"fingerprint": "0" * 64, "num_images": 7})
    assert list_differing_settings([one, two])[0] == "dataset"
    assert make_setting_rows(compared)[0].cells[1].endswith(", 7 pictures")
    two.config = two.config.replace(only_classes=(1,))
    names = list_differing_settings([one, two])
    assert ("dataset" in names, "only_classes" in names) == (False, True)


def test_automatic_augmentation_of_a_large_set_is_no_difference(
    compared: list[ComparedRun],
) -> None:
    """Runs of older versions and included runs have it turned off."""
    one, two = (each.run for each in compared)
    one.config = one.config.replace(augment="off")
    two.config = two.config.replace(augment="auto")

    def differs(num_images: int) -> bool:
        for run in (one, two):
            run.dataset = run.dataset.model_copy(update={"num_images": num_images})
        return "augment" in list_differing_settings([one, two])

    assert (differs(AUGMENTED_BELOW - 1), differs(AUGMENTED_BELOW)) == (True, False)
    two.config = two.config.replace(augment=0.3)
    assert differs(AUGMENTED_BELOW)
    one.config = two.config = two.config.replace(augment="auto")
    one.dataset = one.dataset.model_copy(update={"num_images": 7})
    assert "augment" not in list_differing_settings([one, two])


def test_the_table_of_settings_has_changes_during_training(
    compared: list[ComparedRun],
) -> None:
    one, other = compared
    texts = ("From step 5 on: lr.", "From step 9 on: lr.")
    events = tuple(EventReport(5, 1, 1.0, "changed", text) for text in texts)
    changed = replace(one, record=replace(one.record, events=events))
    row = make_setting_rows([changed, other])[-1]
    assert row.label == "Changed during training"
    assert row.cells == ("From step 5 on: lr. From step 9 on: lr.", "nothing")
