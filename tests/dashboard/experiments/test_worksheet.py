"""The worksheet of the lesson, and its answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from markupsafe import escape

from dashboard.experiments import catalog
from dashboard.experiments.catalog import EXPERIMENTS, describe_plan, format_unplanned_numbers
from dashboard.experiments.experiment import Answer
from dashboard.experiments.student_work import StudentWork
from dashboard.experiments.worksheet import make_teacher_sheet, make_worksheet

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "experiments.md"


def test_a_blank_worksheet_asks_everything_and_gives_nothing_away() -> None:
    page = make_worksheet().decode()
    for experiment in EXPERIMENTS:
        assert experiment.title in page
        assert experiment.predictions[0] in page
        assert experiment.explanation[:40] not in page
    assert "☒" not in page
    assert page.count("What I saw") == len(EXPERIMENTS)


def test_the_worksheet_has_what_was_predicted_and_seen() -> None:
    note = StudentWork(prediction=0, answer=Answer(1, ("Two pictures differ 12% <as much>.",)))
    page = make_worksheet({"collapse": note}).decode()
    assert page.count("☒") == 1
    assert page.count("What I saw") == len(EXPERIMENTS) - 1
    assert "What the run showed: Nearly all the same." in page
    assert "Two pictures differ 12% &lt;as much&gt;." in page


def test_students_read_once_that_the_networks_do_not_learn_the_classes() -> None:
    assert make_worksheet().decode().count("the networks do not learn the classes") == 1


def test_teachers_get_every_answer() -> None:
    page = make_teacher_sheet().decode()
    assert page.count("☒") == len(EXPERIMENTS)
    assert page.count("<b>Why.</b>") == len(EXPERIMENTS)
    assert "What I saw" not in page
    for when, what, ask in describe_plan():
        assert f"<td>{when}</td><td>{escape(what)}</td><td>{escape(ask)}</td>" in page


def test_the_plan_of_a_lesson_fills_30_minutes() -> None:
    spans = [[int(minute) for minute in when.split("–")] for when, _, _ in describe_plan()]
    assert [begin for begin, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == 30


def test_the_experiments_outside_the_plan_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert format_unplanned_numbers() == "5 to 9"
    assert "<p>Experiments 5 to 9 each change" in make_teacher_sheet().decode()
    assert "Experiments 5 to 9 each change" in DOCUMENT.read_text(encoding="utf-8")
    monkeypatch.setattr(catalog, "PLAN", catalog.PLAN[:2])
    assert format_unplanned_numbers() == "3 to 10"
    monkeypatch.setattr(catalog, "PLAN", ((4, "collapse"), (25, catalog.WALK)))
    assert format_unplanned_numbers() == "1, 3, 4, 5, 6, 7, 8 and 9"


def test_both_files_load_nothing_from_elsewhere() -> None:
    for page in (make_worksheet().decode(), make_teacher_sheet().decode()):
        assert "default-src 'none'" in page
        assert "http://" not in page
        assert "https://" not in page
