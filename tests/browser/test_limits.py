"""Messages of a shared server at its limits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from dcgan.installation import INCLUDED_RUN

from .page_elements import button, wait_for_script_end
from .studio import Studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def full_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Start a server with a limit of one run, which it has reached."""
    studio = Studio(tmp_path_factory.mktemp("full"))
    shutil.copytree(INCLUDED_RUN, studio.root / "mine")
    yield studio.serve("--max-runs", "1")
    studio.close()


def test_a_full_server_starts_no_run_and_explains_how_to_make_room(
    page: Page, full_studio: Studio
) -> None:
    page.goto(full_studio.url)
    button(page, "Start training").click()
    expect(page.get_by_role("alert")).to_contain_text("This server keeps 1 run ")
    expect(button(page, "Start training")).to_be_visible()
    assert [run.name for run in full_studio.list_own_runs()] == ["mine"]


def test_a_download_that_fails_shows_the_reason_and_saves_no_file(
    page: Page, full_studio: Studio
) -> None:
    saved: list[str] = []
    page.on("download", lambda file: saved.append(file.suggested_filename))
    page.goto(f"{full_studio.url}/runs")
    card = page.locator(".st-key-card-mine")
    button(card, "More").click()
    menu = page.locator("[data-testid='stPopoverBody']")
    expect(button(menu, "Download ZIP")).to_be_enabled()
    wait_for_script_end(page)  # A rerun replaces the button's file, so a click would fail.
    for checkpoint in (full_studio.root / "mine" / "checkpoints").iterdir():
        checkpoint.write_bytes(b"damaged")
    button(menu, "Download ZIP").click()
    message = menu.get_by_test_id("stDownloadButtonError")
    expect(message).to_contain_text("is damaged; start a new run.")
    expect(button(menu, "Download ZIP")).to_be_enabled()
    assert saved == []
