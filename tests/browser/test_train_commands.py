"""Commands to a run on the Train page, and the tabs that follow it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from dcgan.runs.run_folder import open_run

from .page_elements import (
    button,
    choose,
    loss_chart,
    measure_box,
    open_training,
    picture_in,
    read_step,
    stop_training,
    wait_for_polls,
    wait_for_step_after,
    wait_until,
)
from .quick_studio import POLL_SECONDS
from .studio import Studio

pytestmark = pytest.mark.browser


def test_a_paused_run_keeps_its_step_and_nothing_on_its_page_changes_until_it_is_resumed(
    training_page: Page,
) -> None:
    button(training_page, "Pause training").click()
    expect(button(training_page, "Resume training")).to_be_visible()
    expect(button(training_page, "Pause training")).to_have_count(0)
    chart = loss_chart(training_page)
    wait_for_polls(training_page)  # On a busy machine the last points are drawn after the buttons.
    step = read_step(chart)
    wait_for_polls(training_page)
    assert read_step(chart) == step
    training_page.evaluate(
        """() => {
            window.__changed = 0;
            const root = document.querySelector(".stMain");
            new MutationObserver(found => { window.__changed += found.length; })
                .observe(root, { subtree: true, childList: true, attributes: true });
        }"""
    )
    with training_page.expect_response("**/news?external=") as answer:
        wait_for_polls(training_page)
    assert answer.value.ok
    assert training_page.evaluate("window.__changed") == 0
    assert read_step(chart) == step
    button(training_page, "Resume training").click()
    expect(button(training_page, "Pause training")).to_be_enabled()
    wait_for_step_after(chart, step)


def test_a_learning_rate_is_changed_and_the_run_is_rolled_back(
    training_page: Page, studio: Studio
) -> None:
    run = studio.list_own_runs()[0]
    training_page.get_by_text("Steer this run").click()
    panel = training_page.locator(".st-key-steering")
    rate = panel.get_by_label("Generator learning rate", exact=True)
    rate.fill("3")
    button(panel, "Apply").click()
    expect(panel).to_contain_text("Generator learning rate: got 3.0; expected more than 0 to 1")
    rate.fill("0.001")
    button(panel, "Apply").click()
    chart = training_page.locator(".st-key-loss-chart")
    expect(chart).to_contain_text("Generator learning rate 0.002 → 0.001")
    assert open_run(run.path).config.generator_learning_rate == 0.001
    # A dotted line marks the change; dashed lines are the balance of the losses.
    count_marks = "node => node.layout.shapes.filter(shape => shape.line.dash === 'dot').length"
    assert loss_chart(training_page).evaluate(count_marks) == 1

    button(training_page, "Pause training").click()
    expect(button(training_page, "Resume training")).to_be_visible()
    rate.fill("0.0005")  # The same form can send a second change.
    button(panel, "Apply").click()
    expect(chart).to_contain_text("Generator learning rate 0.001 → 0.0005")

    step = min(run.checkpoints.list_steps())  # A paused run deletes none.
    choose(training_page, "Return to a checkpoint", re.compile(rf"^Step {step:,}\b"))
    button(panel, f"Return to step {step:,}").click()
    expect(chart).to_contain_text(f"Back to step {step:,} from step ")
    expect(chart).to_contain_text("with the current settings: Generator learning rate 0.0005")
    (*_, event) = run.history.read_events()
    assert (event.event, event.step) == ("rolled_back", step)
    assert run.checkpoints.list_steps() == [step]
    button(training_page, "Resume training").click()
    wait_for_step_after(loss_chart(training_page), step)


def test_a_hidden_tab_sends_no_requests(training_page: Page) -> None:
    requested: list[str] = []
    training_page.on("request", lambda request: requested.append(request.url))
    hide = """is_hidden => {
        Object.defineProperty(document, "hidden", { value: is_hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""

    def wait_for_several_intervals() -> None:
        milliseconds = 3.5 * 1000 * POLL_SECONDS
        end = training_page.evaluate("performance.now()") + milliseconds
        wait_until(training_page, "end => performance.now() > end", end)

    training_page.evaluate(hide, True)
    wait_for_several_intervals()  # Earlier requests have now ended.
    step = read_step(loss_chart(training_page))
    requested.clear()
    wait_for_several_intervals()
    assert not requested
    assert read_step(loss_chart(training_page)) == step
    training_page.evaluate(hide, False)
    wait_for_step_after(loss_chart(training_page), step)


def test_a_reloaded_page_and_a_second_tab_follow_the_run_without_a_start_button(
    training_page: Page, studio: Studio
) -> None:
    step = read_step(loss_chart(training_page))
    training_page.reload()
    expect(button(training_page, "Stop training")).to_be_visible()
    expect(loss_chart(training_page)).to_be_visible()
    assert read_step(loss_chart(training_page)) >= step
    wait_for_step_after(loss_chart(training_page), step)

    runs = [run.name for run in studio.list_own_runs()]
    title = studio.list_own_runs()[0].read_label().title
    other = training_page.context.new_page()
    other.goto(studio.url)
    expect(other.locator(".st-key-status")).to_contain_text(title)
    expect(training_page.locator(".st-key-status")).to_contain_text(title)
    expect(button(other, "Stop training")).to_be_visible()
    expect(button(other, "Start training")).to_have_count(0)
    wait_for_step_after(loss_chart(other), read_step(loss_chart(training_page)) - 1)
    assert [run.name for run in studio.list_own_runs()] == runs


def test_a_run_stopped_in_one_tab_can_be_continued_or_replaced_in_every_tab(
    training_page: Page, studio: Studio
) -> None:
    names = [own.name for own in studio.list_own_runs()]
    run = studio.list_own_runs()[0]
    other = training_page.context.new_page()
    open_training(other, studio)
    step = read_step(loss_chart(training_page))
    stop_training(training_page)
    expect(training_page).to_have_title("Stopped · DCGAN Studio")
    expect(training_page.locator(".st-key-status")).to_contain_text("Stopped")
    assert run.read_status().state == "stopped"
    assert run.checkpoints.list_steps()[-1] == run.read_status().step >= step
    # The reached step stays visible.
    assert read_step(loss_chart(training_page)) >= step
    expect(button(other, "Start training")).to_be_visible()
    # Every tab shows that it continues from there.
    button(training_page, "Continue this run").click()
    expect(button(other, "Stop training")).to_be_visible()
    assert wait_for_step_after(loss_chart(training_page), step) > step
    assert [own.name for own in studio.list_own_runs()] == names
    stop_training(training_page)
    expect(button(other, "Start training")).to_be_visible()
    # Every tab shows a start in one of them.
    button(training_page, "Start training").click()
    expect(training_page.locator(".st-key-status")).to_be_focused()
    expect(button(other, "Stop training")).to_be_visible()
    expect(button(other, "Start training")).to_have_count(0)


def test_a_queued_run_starts_when_the_queue_is_resumed(training_page: Page, studio: Studio) -> None:
    page = training_page
    page.get_by_text("Queue another run").click()
    seed = page.get_by_role("spinbutton", name="Seed")
    seed.fill("77")
    seed.press("Tab")
    button(page, "Add to the queue").click()
    waiting = page.locator(".st-key-queue")
    expect(waiting).to_contain_text("1 run waiting; the next one starts when this run ends.")
    expect(waiting).to_contain_text("seed 77")
    # A run that a person stops does not start the next one.
    stop_training(page)
    expect(waiting).to_contain_text("the queue is paused")
    button(page, "Resume queue").click()
    expect(button(page, "Stop training")).to_be_visible()
    expect(waiting).to_have_count(0)
    expect(page.locator(".st-key-status")).to_contain_text("Training")
    wait_for_step_after(loss_chart(page), 0)
    assert studio.list_own_runs()[0].config.seed == 77
    stop_training(page)


def test_an_experiment_takes_the_place_of_a_run_which_goes_on_after_it(
    training_page: Page, studio: Studio
) -> None:
    page, run = training_page, studio.list_own_runs()[0]
    page.get_by_role("link", name="Learn").click()
    button(page, "2. Speed the generator up").click()
    page.get_by_text("Nearly all the same").click()
    button(page, "Stop that run and start the experiment").click()
    digits = picture_in(page, "experiment-grid")
    expect(digits).to_be_visible()
    box = measure_box(digits)
    assert box["y"] + box["height"] < 800  # In sight as a whole on a laptop.
    assert run.read_status().state == "stopped"
    expect(page.locator(".st-key-experiment-run")).to_contain_text("Training")
    button(page, "Stop training").click()
    expect(page.locator(".st-key-experiment-answer")).to_be_visible()
    assert studio.list_own_runs()[0].config.generator_learning_rate == 0.04
    assert studio.list_own_runs()[0].read_label().title == "Experiment: Speed the generator up"
    button(page, "Next: Slow the generator down").click()
    expect(page.get_by_role("heading", name="Slow the generator down")).to_be_visible()
    button(page, f"Continue {run.read_label().title}").click()
    expect(page.locator(".st-key-status")).to_contain_text(run.read_label().title)
    # The digits stay in place when the run ends: nothing is added above them.
    grid = page.locator(".st-key-sample-grid")
    wait_for_step_after(loss_chart(page), 0)
    before = measure_box(grid)
    stop_training(page)
    assert measure_box(grid)["y"] == pytest.approx(before["y"], abs=4)
