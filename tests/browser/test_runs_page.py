"""The Runs page: runs are opened, continued, branched, deleted, downloaded and imported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

from dashboard.run_facts.labels import label_runs, make_file_stem
from dashboard.wording.messages import MEASURING
from dcgan.export.tables import make_history_csv, make_history_parquet
from dcgan.installation import INCLUDED_RUN
from dcgan.runs.run_folder import Run, open_run

from .accessibility import expect_accessible
from .page_elements import (
    button,
    download,
    loss_chart,
    measure_box,
    open_training,
    picture_in,
    read_step,
    stop_training,
    wait_for_script_end,
    wait_for_step_after,
)
from .studio import Studio

pytestmark = pytest.mark.browser


@pytest.fixture
def stopped_run(page: Page, studio: Studio) -> Run:
    """Open the Runs page with a stopped run, and return that run."""
    if not studio.list_own_runs() or any(run.lock.is_held() for run in studio.list_own_runs()):
        open_training(page, studio)
        stop_training(page)
    run = studio.list_own_runs()[0]
    run.write_label("", "")  # The pages name it by its folder.
    page.goto(f"{studio.url}/runs")
    expect(find_card(page, run)).to_be_visible()
    # The end of a measurement renders the page again, which would disturb the clicks of a test.
    expect(find_card(page, run)).not_to_contain_text(MEASURING)
    wait_for_script_end(page)
    return run


def find_card(page: Page, run: Run) -> Locator:
    """Return a run's card."""
    return page.locator(f".st-key-card-{run.name}")


def open_menu(page: Page, run: Run) -> Locator:
    """Open the More menu of a card and return it; in the document it is outside of the card."""
    button(find_card(page, run), "More").click()
    menu = page.get_by_test_id("stPopoverBody")
    expect(button(menu, "Download ZIP")).to_be_visible()
    wait_for_script_end(page)  # A download button that is rendered again drops its file.
    return menu


def test_the_included_run_can_be_explored_but_not_deleted(page: Page, idle_studio: Studio) -> None:
    page.goto(f"{idle_studio.url}/runs")
    run = open_run(INCLUDED_RUN)
    included = find_card(page, run)
    expect(included).to_contain_text("25 min trained")
    distance = "Nearly like real. Distance 0.18"
    expect(included).to_contain_text(distance)
    expect(included.locator(f"img[alt$='step {run.samples.list_steps()[-1]}']")).to_be_visible()
    button(included, "More").click()
    menu = page.get_by_test_id("stPopoverBody")
    expect(button(menu, "Download ZIP")).to_be_visible()
    expect(button(menu, "Delete")).to_have_count(0)
    expect_accessible(page)
    page.keyboard.press("Escape")
    button(included, "Explore").click()
    expect(picture_in(page, "latent-grid")).to_be_visible()
    assert urlsplit(page.url).path == "/explore"
    expect_accessible(page)


def test_a_stopped_run_continues_from_its_step(
    page: Page, studio: Studio, stopped_run: Run
) -> None:
    step = stopped_run.read_status().step
    assert step > 0
    expect(find_card(page, stopped_run)).to_contain_text("Stopped")
    button(find_card(page, stopped_run), "Continue").click()
    expect(page.locator(".st-key-status")).to_contain_text(stopped_run.read_label().title)
    expect(loss_chart(page)).to_be_visible()
    later = wait_for_step_after(loss_chart(page), step)
    # It is the same run, and its history is complete.
    assert [run.name for run in studio.list_own_runs()].count(stopped_run.name) == 1
    stop_training(page)
    steps = [report.step for report in stopped_run.history.read_steps()]
    assert steps == sorted(set(steps))
    assert steps[0] <= step < later <= steps[-1]


def test_a_stopped_run_opens_in_explore_and_has_its_charts_again(
    page: Page, studio: Studio, stopped_run: Run
) -> None:
    button(find_card(page, stopped_run), "Explore").click()
    label = label_runs(studio.list_own_runs())[stopped_run.name]
    expect(page.get_by_role("combobox", name="Run")).to_have_value(label)
    grid = picture_in(page, "latent-grid")
    expect(grid).to_be_visible()
    assert read_step(grid) == stopped_run.checkpoints.list_steps()[-1]
    page.get_by_role("link", name="Runs").click()
    button(find_card(page, stopped_run), "Open").click()
    expect(page.locator(".st-key-status")).to_contain_text(stopped_run.read_label().title)
    expect(loss_chart(page)).to_be_visible()


def test_a_branch_continues_with_other_settings(
    page: Page, studio: Studio, stopped_run: Run
) -> None:
    button(open_menu(page, stopped_run), "Branch with other settings").click()
    dialog = page.get_by_role("dialog")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    dialog.get_by_label("Label smoothing", exact=True).fill("0.9")
    button(dialog, "Start the branch").click()
    expect(dialog).to_contain_text("Label smoothing: got 0.9; expected 0 to 0.5")
    dialog.get_by_label("Label smoothing", exact=True).fill("0")
    button(dialog, "Start the branch").click()
    expect(page.locator(".st-key-loss-chart")).to_contain_text(
        f"Branch of {stopped_run.read_label().title} at step "
        f"{max(stopped_run.checkpoints.list_steps()):,}: Label smoothing 0.1 → 0."
    )
    branch = studio.list_own_runs()[0]
    assert (branch.parent, branch.config.label_smoothing) == (stopped_run.name, 0)
    assert stopped_run.config.label_smoothing == 0.1
    stop_training(page)


def test_renaming_a_run_moves_no_card(page: Page, stopped_run: Run) -> None:
    card = find_card(page, stopped_run)
    before = measure_box(card)
    button(card, "Name and note").click()
    menu = page.get_by_test_id("stPopoverBody")
    menu.get_by_label("Name", exact=True).fill("Spots")
    assert measure_box(card) == before
    button(menu, "Save").click()
    expect(card).to_contain_text("Spots")
    expect(menu).to_have_count(0)
    expect(card).to_be_focused()
    assert stopped_run.read_label().title == "Spots"


def test_undo_restores_a_deleted_run(page: Page, stopped_run: Run) -> None:
    button(open_menu(page, stopped_run), "Delete").click()
    expect(find_card(page, stopped_run)).to_have_count(0)
    assert not stopped_run.path.exists()
    expect(button(page, "Undo")).to_be_focused()
    button(page, "Undo").click()
    expect(find_card(page, stopped_run)).to_be_focused()
    assert stopped_run.read_status().state == "stopped"


def test_a_runs_history_downloads_as_csv_and_parquet(page: Page, stopped_run: Run) -> None:
    menu = open_menu(page, stopped_run)
    name, table = download(page, menu, "Download losses and metrics (CSV)")
    assert (name, table.decode()) == (
        f"{make_file_stem(stopped_run)}.csv",
        make_history_csv(stopped_run),
    )
    name, table = download(page, menu, "Download losses and metrics (Parquet)")
    assert (name, table) == (
        f"{make_file_stem(stopped_run)}.parquet",
        make_history_parquet(stopped_run),
    )


def test_a_runs_report_opens_offline(
    page: Page, stopped_run: Run, open_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    name, report = download(page, open_menu(page, stopped_run), "Download report")
    assert name == f"{make_file_stem(stopped_run)}.html"
    (tmp_path / name).write_bytes(report)
    for scheme, width in (("light", 400), ("dark", 1280)):
        tab = open_context(
            offline=True, color_scheme=scheme, viewport={"width": width, "height": 900}
        ).new_page()
        tab.goto((tmp_path / name).as_uri())
        expect(tab).to_have_title(f"{stopped_run.read_label().title} – DCGAN Studio")
        for chart in ("losses", "accuracy"):
            expect(tab.locator(f"#{chart} .main-svg").first).to_be_visible()
        text = tab.locator("#losses .xtitle")
        page_color = tab.evaluate("getComputedStyle(document.body).color")
        expect(text).to_have_css("fill", page_color)
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        images = tab.locator("img")
        assert images.count() == 4
        for index in range(4):
            assert images.nth(index).evaluate("image => image.decode().then(() => true)")


def test_a_run_is_downloaded_as_a_zip_and_imported_again(
    page: Page, studio: Studio, stopped_run: Run
) -> None:
    steps, reports = stopped_run.checkpoints.list_steps(), stopped_run.history.read_steps()
    name, packed = download(page, open_menu(page, stopped_run), "Download ZIP")
    file: FilePayload = {"name": name, "mimeType": "application/zip", "buffer": packed}
    page.keyboard.press("Escape")
    button(page, "Import").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text("This run is here already")
    button(open_menu(page, stopped_run), "Delete").click()
    expect(find_card(page, stopped_run)).to_have_count(0)
    button(page, "Import").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text(re.compile("^Imported "))).to_be_visible()
    expect(find_card(page, stopped_run)).to_be_visible()
    copy = open_run(stopped_run.path)
    assert copy.config == stopped_run.config
    assert copy.history.read_steps() == reports
    assert copy.checkpoints.list_steps()[-1] == steps[-1]


def test_a_file_that_is_not_a_run_is_refused_with_a_reason(page: Page, idle_studio: Studio) -> None:
    page.goto(f"{idle_studio.url}/runs")
    button(page, "Import").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "holiday.zip", "mimeType": "application/zip", "buffer": b"no archive at all"}
    )
    expect(page.get_by_role("alert")).to_contain_text("not a readable ZIP")
    assert idle_studio.list_own_runs() == []
