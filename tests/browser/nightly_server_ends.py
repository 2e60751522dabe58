"""A closed terminal and a crash of the server while a run trains; two minutes on a busy machine."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .page_elements import button, loss_chart, open_training, wait_for_step_after
from .studio import QUICK, Studio
from .test_server import expect_saved_after

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("default_hangups")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGHUP.")
def test_a_server_whose_terminal_is_closed_saves_the_run(page: Page, tmp_path: Path) -> None:
    studio = Studio(tmp_path).serve(module=QUICK)
    open_training(page, studio)
    expect_saved_after(signal.SIGHUP, page, studio)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL.")
def test_a_run_can_be_continued_after_a_crash(page: Page, tmp_path: Path) -> None:
    studio = Studio(tmp_path).serve(module=QUICK)
    open_training(page, studio)
    (run,) = studio.list_own_runs()
    expect(loss_chart(page).locator("svg").first).to_be_visible()  # Its script is loaded.
    studio.process.kill()
    studio.process.wait()
    assert run.read_status().state == "interrupted"
    saved = max(run.checkpoints.list_steps())

    studio.serve(module=QUICK)
    page.goto(studio.url)
    card = page.locator(".st-key-interrupted")
    expect(card).to_contain_text(f"It is saved up to step {saved:,}.")
    button(card, "Continue this run").click()
    expect(page.locator(".st-key-status")).to_contain_text(run.read_label().title)
    expect(button(page, "Stop training")).to_be_visible()
    wait_for_step_after(loss_chart(page), saved)
    assert [other.name for other in studio.list_own_runs()] == [run.name]
    studio.close()
    steps = [report.step for report in run.history.read_steps()]
    assert steps == sorted(set(steps))
