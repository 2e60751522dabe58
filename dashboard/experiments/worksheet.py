"""The worksheet of the lesson and its answers: one HTML file each, to print. Imports no Streamlit.

The files open anywhere and load nothing; the page itself is the template `worksheet.html.jinja`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dashboard.experiments.catalog import EXPERIMENTS, describe_plan, format_unplanned_numbers
from dashboard.experiments.experiment import COMMON_SETTINGS, Answer
from dcgan.documents.templating import load_html_template


class Entry(Protocol):
    """A student's prediction and what the run showed; see `student_work.StudentWork`."""

    prediction: int | None
    answer: Answer | None


def make_worksheet(entries: Mapping[str, Entry] = {}) -> bytes:
    """Make the worksheet for students.

    Args:
        entries: Predictions and answers by the experiment's key; blank lines replace missing ones.

    Returns:
        An HTML document.
    """
    return _render(entries, is_teacher=False)


def make_teacher_sheet() -> bytes:
    """Make the page of answers for teachers, an HTML document."""
    return _render({}, is_teacher=True)


def _render(entries: Mapping[str, Entry], *, is_teacher: bool) -> bytes:
    template = load_html_template("dashboard.experiments", "worksheet.html.jinja")
    page = template.render(
        experiments=EXPERIMENTS,
        entries=entries,
        is_teacher=is_teacher,
        common_settings=COMMON_SETTINGS,
        plan=describe_plan(),
        unplanned_numbers=format_unplanned_numbers(),
    )
    return page.encode()
