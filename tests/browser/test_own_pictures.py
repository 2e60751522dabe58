"""Own pictures from the drop of a ZIP to a run: the check, what is left out, and the words."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from dcgan.config.picture_codes import make_picture_code
from dcgan.data.datasets import load_dataset
from tests.browser.page_elements import choose
from tests.browser.studio import QUICK, Studio
from tests.encoding import encode_picture, write_zip

WHITE = "b/white.png"


def make_letters(folder: Path) -> Path:
    """Write a ZIP of 120 digits in two folders, with a copy, a white picture and a text."""
    digits = load_dataset("mnist").pixels[:120, ..., 0]
    files = {}
    for index, digit in enumerate(digits):
        files[f"{'ab'[index % 2]}/{index:03}.png"] = encode_picture(digit)
    files["b/copy.png"] = files["a/000.png"]
    files[WHITE] = encode_picture(np.full((28, 28), 255, np.uint8))
    files["read me.txt"] = b"no picture"
    return write_zip(folder / "letters.zip", files)


def drop_letters(page: Page, studio: Studio, folder: Path) -> None:
    """Drop the letters into the form, and wait until they are read."""
    page.goto(studio.url)
    page.get_by_text("Change settings", exact=True).click()
    choose(page, "Data set", "My own pictures")
    page.locator("input[type=file]").set_input_files(make_letters(folder))
    expect(page.get_by_text("122 pictures read, 1 left out (1 not a picture).")).to_be_visible()


def test_a_dropped_zip_is_checked_and_an_outlier_excluded_before_training(
    page: Page, own_studio: Studio, tmp_path: Path
) -> None:
    studio = own_studio.serve(module=QUICK)
    drop_letters(page, studio, tmp_path)
    expect(
        page.get_by_text("Classes: 2 by folder or label, 60 to 62 pictures each")
    ).to_be_visible()

    page.get_by_text("Leave out 1 near-duplicate").click()
    expect(page.get_by_text("121 of 122 pictures will be learned.")).to_be_visible()
    page.get_by_role("button", name=f"Exclude {WHITE}").click()
    expect(page.get_by_text("120 of 122 pictures will be learned.")).to_be_visible()

    page.get_by_role("button", name="Start training").click()
    grid = page.locator(".st-key-sample-grid img").first
    expect(grid).to_have_attribute("alt", re.compile("pictures"), timeout=120_000)
    (run,) = studio.list_own_runs()
    assert run.config.excluded_pictures == (make_picture_code(WHITE),)
    assert run.config.near_duplicates == "leave_out"
    assert run.dataset.num_images == 120
    assert run.path.name.startswith("letters-zip-")
    expect(page.locator("[data-testid=stMain]")).to_contain_text("letters.zip")
    page.get_by_role("button", name="Stop training").click()


def test_a_tuning_shows_what_it_tries_and_can_be_stopped_and_continued_in_another_tab(
    page: Page, own_studio: Studio, tmp_path: Path
) -> None:
    studio = own_studio.serve(module=QUICK)
    drop_letters(page, studio, tmp_path)
    page.get_by_role("button", name="Tune for these pictures").click()
    expect(page.get_by_role("heading", name="Tuning for letters.zip")).to_be_visible()
    # The pictures are read and measured first.
    first_run = re.compile(r"Round 1 of \d, run 1 of \d+: Starting settings")
    expect(page.get_by_text(first_run)).to_be_visible(timeout=120_000)
    assert studio.list_own_runs() == []  # A tuning's runs are hidden.

    page.get_by_role("button", name="Stop tuning").click()
    expect(page.get_by_text("Not finished: it was stopped after")).to_be_visible(timeout=60_000)
    other_tab = page.context.new_page()
    other_tab.goto(studio.url)
    other_tab.get_by_role("button", name="Continue tuning").click()
    expect(other_tab.get_by_role("button", name="Stop tuning")).to_be_visible()
    expect(page.get_by_role("button", name="Stop tuning")).to_be_visible()
    other_tab.get_by_role("button", name="Stop tuning").click()
    expect(other_tab.get_by_role("button", name="Continue tuning")).to_be_visible(timeout=60_000)
    other_tab.get_by_role("button", name="Delete this tuning").click()
    expect(other_tab.get_by_role("button", name="Continue tuning")).to_have_count(0)
