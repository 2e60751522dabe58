"""The HTML report of a run, opened as a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from dcgan.documents.html_report import make_html_report

from .studio import open_included_run

pytestmark = pytest.mark.browser

_COUNT_LINES = """cell => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return new Set(Array.from(range.getClientRects(), (box) => Math.round(box.top))).size;
}"""


def test_the_names_of_metrics_and_settings_break_between_words_only(
    page: Page, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(make_html_report(open_included_run()), "utf-8")
    page.goto(file.as_uri())
    names = page.locator("tbody th").all()
    assert len(names) > 20
    for name in names:
        num_words = len(name.inner_text().split())
        assert name.evaluate(_COUNT_LINES) <= num_words, name.inner_text()
