"""The Learn page as a whole: what is folded, and when."""

from __future__ import annotations

import pytest

from dashboard.experiments.catalog import NORMAL_RUN
from dashboard.experiments.experiment import Answer
from dashboard.experiments.student_work import StudentWork
from dashboard.learn.explanations import PARTS
from tests.dashboard.rendering import prepare_page, read_texts, run_page

pytestmark = pytest.mark.usefixtures("no_included_run", "trainer")

GAME = "Two networks play a game."


def test_the_parts_in_detail_are_folded_and_the_introduction_is_not() -> None:
    page = run_page(prepare_page("learn"))
    parts = [element for element in page.expander if element.label in PARTS.values()]
    assert [element.label for element in parts] == list(PARTS.values())
    assert not any(element.proto.expanded for element in parts)
    assert GAME in read_texts(page)
    assert not any(element.label == "What a GAN is" for element in page.expander)


def test_after_the_first_answer_the_introduction_is_folded_too() -> None:
    page = prepare_page("learn")
    work = StudentWork(prediction=2, answer=Answer(2, ()))
    page.session_state["lesson_work"] = {NORMAL_RUN: work}
    run_page(page)
    (introduction,) = [each for each in page.expander if each.label == "What a GAN is"]
    assert not introduction.proto.expanded
    assert any(GAME in element.value for element in introduction.markdown)
