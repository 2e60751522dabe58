"""Runs of other processes on the Train page: followed, but not commanded."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import load_dataset
from dcgan.installation import INCLUDED_RUN
from dcgan.runs.run_folder import Run, open_run
from tests.reports import step_report

from .page_elements import (
    button,
    choose,
    loss_chart,
    picture_in,
    read_image,
    read_step,
    stop_training,
    wait_for_step_after,
    wait_until,
)
from .studio import QUICK, REPOSITORY, TIMEOUT_SECONDS, Studio

pytestmark = pytest.mark.browser

# Starts a run in another process; takes the name of the run's folder.
BeginRun = Callable[[str], "subprocess.Popen[bytes]"]

_COMMANDS = ("Pause training", "Resume training", "Stop training")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Serve a dashboard in which no other file's tests train."""
    studio = Studio(tmp_path_factory.mktemp("following")).serve(module=QUICK)
    yield studio
    studio.close()


@pytest.fixture
def begin_run(studio: Studio) -> Iterator[BeginRun]:
    """Return a function that starts a run in another process; it is killed after the test.

    The process only writes what a training writes; test_login.py follows a real one.
    """
    processes = []

    def start(name: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.other_run", studio.root / name],
            cwd=REPOSITORY,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL.")
def test_a_run_of_another_process_is_followed_until_it_is_killed(
    page: Page, studio: Studio, begin_run: BeginRun
) -> None:
    page.goto(studio.url)
    expect(picture_in(page, "welcome")).to_be_visible()
    process = begin_run("terminal")  # The open page shows it without a reload.
    grid, status = picture_in(page, "sample-grid"), page.locator(".st-key-status")
    expect(grid).to_be_visible()
    expect(status).to_contain_text("terminal")
    expect(status).to_contain_text("Trained by another process on this machine")
    step = wait_for_step_after(grid, wait_for_step_after(grid, read_step(grid)))
    wait_for_step_after(loss_chart(page), step)
    for name in _COMMANDS:
        expect(button(page, name)).to_have_count(0)
    expect(page.get_by_text("Steer this run")).to_have_count(0)
    # Training here is possible too; the form is folded.
    expect(button(page, "Start training")).to_have_count(0)
    page.get_by_text("Train another run here").click()
    expect(button(page, "Start training")).to_be_visible()

    news = page.request.get(f"{studio.url}/news?external=").text()
    process.kill()
    expect(status.get_by_text("Interrupted").first).to_be_visible()
    expect(status).to_contain_text("which ended without saving. It is saved up to step")
    # For a moment there are two forms: the folded one, and the open one that replaces it.
    expect(button(page, "Start training")).to_have_count(1)
    expect(button(page, "Start training")).to_be_visible()
    seen = max(open_run(studio.root / "terminal").samples.list_steps())
    assert seen >= step
    expect(grid).to_have_attribute("alt", re.compile(rf"step {seen}\b"))
    page.get_by_role("link", name="Learn").click()
    page.get_by_role("link", name="Train", exact=True).click()
    expect(status).to_contain_text("terminal")
    assert read_step(grid) == seen
    # A new page shows a run in training: wait until the server no longer lists this one as such.
    wait_until(
        page,
        "news => fetch('/news?external=').then(answer => answer.text()).then(now => now != news)",
        news,
    )
    page.reload()
    expect(picture_in(page, "welcome")).to_be_visible()
    expect(button(page.locator(".st-key-interrupted"), "Continue this run")).to_be_visible()


def test_a_new_page_shows_the_newest_external_run_and_every_page_a_run_that_starts_here(
    page: Page, studio: Studio, begin_run: BeginRun
) -> None:
    status = page.locator(".st-key-status")
    choice = page.get_by_role("combobox", name="Run to watch", exact=True)
    first = begin_run("first")
    page.goto(studio.url)
    expect(status).to_contain_text("first")
    wait_for_step_after(loss_chart(page), 0)
    expect(choice).to_have_count(0)
    title = status.get_by_role("heading", level=1)
    expect(title).not_to_have_css("width", "1px")
    second = begin_run("second")
    expect(choice).to_be_visible()
    expect(title).to_have_css("width", "1px")  # The choice shows the name.
    expect(status).to_contain_text("first")  # An open page keeps the run that it shows.
    other = page.context.new_page()
    other.goto(studio.url)
    expect(other.locator(".st-key-status")).to_contain_text("second")
    choose(page, "Run to watch", "second")
    expect(status).to_contain_text("second")
    second.send_signal(signal.SIGTERM)
    second.wait(TIMEOUT_SECONDS)
    expect(status).to_contain_text("Stopped")
    expect(button(page, "Continue this run")).to_be_visible()

    button(page, "Start training").click()
    for tab in (page, other):
        expect(button(tab, "Stop training")).to_be_visible()
        expect(tab.locator(".st-key-status")).to_contain_text("R1 penalty")
    page.get_by_role("link", name="Runs").click()
    button(page.locator(".st-key-card-first"), "Open").click()
    expect(status).to_contain_text("first")
    expect(button(page, "Stop training")).to_have_count(0)
    stop_training(other)
    first.send_signal(signal.SIGTERM)
    expect(status).to_contain_text("Stopped")


def test_look_for_copies_shows_digits_with_their_nearest_training_images(
    page: Page, studio: Studio
) -> None:
    # A run with metrics, which a new one has only after its first epoch.
    run = open_run(shutil.copytree(INCLUDED_RUN, studio.root / "evaluated"))
    with run.lock.held():
        run.write_status("running", step=max(run.checkpoints.list_steps()))
        page.goto(f"{studio.url}/runs")
        button(page.locator(".st-key-card-evaluated"), "Open").click()
        page.get_by_text("Quality in detail").click()
        button(page, "Look for copies").click()
        pairs = picture_in(page, "copies")
        expect(pairs).to_be_visible()
        # Eight digits above their nearest images: 28 pixels each, with gaps of 2 between them.
        assert read_image(pairs).size == (8 * 30 - 2, 2 * 30 - 2)
        expect(page.locator(".st-key-copies")).to_contain_text(
            re.compile(
                r"a copy has 0\. Real digits that are not in the training set: 0\.\d+ on median"
            )
        )
        run.write_status("finished", step=max(run.checkpoints.list_steps()))


def test_the_verdict_on_an_ended_run_fills_the_form_at_the_top(page: Page, studio: Studio) -> None:
    run = Run.create(TrainingConfig(), load_dataset("mnist"), path=studio.root / "collapsed")
    for step in range(20, 1200, 20):
        run.write(step_report(step, real_spread=0.37, fake_spread=0.05, fake_accuracy=0.9))
    run.write_status("running", step=1180)
    page.goto(f"{studio.url}/runs")
    button(page.locator(".st-key-card-collapsed"), "Open").click()
    expect(page.locator(".st-key-verdict")).to_contain_text("Collapsed")
    run.write_status("stopped", step=1180)
    run.lock.release()
    button(page, "Set up a new run with Generator learning rate 0.0005").click()
    expect(
        page.get_by_text(
            "Filled in: the settings of collapsed, with Generator learning rate 0.0005."
        )
    ).to_be_visible()
    expect(page.locator(".st-key-settings-form")).to_be_focused()
