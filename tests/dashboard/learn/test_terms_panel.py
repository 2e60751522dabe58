"""The glossary on the Learn page: its columns, and a search that finds nothing."""

from __future__ import annotations

import pytest

from dashboard.learn.terms_panel import find_half
from dashboard.wording import glossary
from tests.dashboard.rendering import list_captions, prepare_panel, run_page


def render_panel() -> None:
    """Render the panel as a script."""
    from dashboard.learn import terms_panel

    terms_panel.render()


def test_a_search_without_a_result_leaves_all_words_in_sight() -> None:
    page = run_page(prepare_panel(render_panel))
    labels = [expander.label for expander in page.expander]
    assert labels == [chapter.title for chapter in glossary.list_chapters()]
    page.text_input[0].set_value("xylophone")
    run_page(page)
    assert "No text here has “xylophone”. All words:" in list_captions(page)
    assert [expander.label for expander in page.expander] == labels
    page.text_input[0].set_value("collapse")
    run_page(page)
    assert not page.expander


@pytest.mark.parametrize(
    ("lengths", "num_first"),
    [([], 0), ([100], 1), ([100] * 3, 2), ([100, 100, 100, 900], 3), ([900, 100, 100, 100], 1)],
)
def test_both_columns_are_about_as_long(lengths: list[int], num_first: int) -> None:
    assert find_half(lengths) == num_first
