"""The Train page: digits at once, a run that is watched, steered and taken home."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from dcgan.config import TrainingConfig
from dcgan.images.png_recipe import read_recipe
from dcgan.runs.run_folder import open_run

from .quick_studio import SECONDS, SMALL_NETWORKS
from .studio import (
    Studio,
    alt_of,
    button,
    choose,
    download,
    loss_chart,
    open_training,
    picture_in,
    pixels_of,
    step_of,
    stop_training,
    wait_for_polls,
    wait_for_step_after,
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "pixel_ratio"), [(1280, 1), (1280, 1.5), (400, 2)])
def test_a_new_user_sees_sharp_digits_at_once(
    open_context: Callable[..., BrowserContext], idle_studio: Studio, width: int, pixel_ratio: float
) -> None:
    page = open_context(
        viewport={"width": width, "height": 800}, device_scale_factor=pixel_ratio
    ).new_page()
    page.goto(idle_studio.url)
    digits = picture_in(page, "welcome")
    expect(digits).to_be_visible()
    expect(digits).to_have_css("image-rendering", "pixelated")
    assert re.search(r"digits.* step \d+", alt_of(digits))
    shown = digits.evaluate("node => node.clientWidth") * pixel_ratio
    enlarged = shown / digits.evaluate("node => node.naturalWidth")
    assert enlarged == pytest.approx(round(enlarged), abs=0.01)
    assert round(enlarged) >= 1
    # Nothing is cut off or has to be pushed sideways.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(button(page, "Start training")).to_be_visible()


def test_a_value_out_of_bounds_is_refused_in_one_sentence(page: Page, idle_studio: Studio) -> None:
    page.goto(idle_studio.url)
    page.get_by_text("All settings", exact=True).click()
    page.get_by_role("spinbutton", name="Batch size").fill("1")
    button(page, "Start training").click()
    refusal = page.get_by_role("alert")
    expect(refusal).to_have_count(1)
    expect(refusal).to_contain_text("Batch size")
    expect(refusal).to_contain_text("2 to 4096")
    assert refusal.get_by_role("paragraph").inner_text().strip().count(". ") == 0
    expect(button(page, "Start training")).to_be_visible()
    assert idle_studio.own_runs() == []


def test_start_trains_on_mnist_and_the_page_follows(training_page: Page, studio: Studio) -> None:
    run = studio.own_runs()[0]
    assert run.config == TrainingConfig().replace(**SMALL_NETWORKS)
    assert (run.dataset.name, run.dataset.num_images) == ("mnist", 60_000)
    chart, grid = loss_chart(training_page), picture_in(training_page, "sample-grid")
    step = step_of(chart)
    step = wait_for_step_after(chart, step)
    wait_for_step_after(chart, step)
    src, step = grid.get_attribute("src"), step_of(grid)
    wait_for_step_after(grid, step)
    assert grid.get_attribute("src") != src
    expect(training_page).to_have_title(re.compile(r"^\d+% · DCGAN Studio$"))


def test_the_charts_node_and_a_persons_zoom_outlive_new_points(training_page: Page) -> None:
    chart = loss_chart(training_page)
    expect(chart.locator(".main-svg").first).to_be_visible()
    chart.evaluate("""node => {
        node.isTheOneOfBefore = true;
        return Plotly.relayout(node, { "xaxis.range": [2, 7], "yaxis.range": [0.25, 3] });
    }""")
    picture_in(training_page, "sample-grid").evaluate("node => { node.isTheOneOfBefore = true; }")
    for _ in range(4):
        wait_for_step_after(chart, step_of(chart))
    # The drawing follows the words.
    training_page.wait_for_function(
        "node => node.data[0].x.at(-1) > 7", arg=chart.evaluate_handle("node => node")
    )
    assert chart.evaluate("node => node.isTheOneOfBefore") is True
    assert chart.evaluate("node => node.layout.xaxis.range") == [2, 7]
    assert chart.evaluate("node => node.layout.yaxis.range") == [0.25, 3]
    grid = picture_in(training_page, "sample-grid")
    assert grid.evaluate("node => node.isTheOneOfBefore") is True


def test_pause_holds_the_step_and_resume_goes_on(training_page: Page) -> None:
    button(training_page, "Pause training").click()
    expect(button(training_page, "Resume training")).to_be_visible()
    expect(button(training_page, "Pause training")).to_have_count(0)
    chart = loss_chart(training_page)
    step = step_of(chart)
    wait_for_polls(training_page)
    assert step_of(chart) == step
    button(training_page, "Resume training").click()
    expect(button(training_page, "Pause training")).to_be_visible()
    wait_for_step_after(chart, step)


def test_a_changed_learning_rate_is_saved_and_marked_and_the_run_goes_back(
    training_page: Page, studio: Studio
) -> None:
    run = studio.own_runs()[0]
    training_page.get_by_text("Steer this run").click()
    panel = training_page.locator(".st-key-steering")
    rate = panel.get_by_label("Generator lr", exact=True)
    rate.fill("3")
    button(panel, "Change now").click()
    expect(panel).to_contain_text("Generator lr: got 3.0; expected more than 0 to 1")
    rate.fill("0.001")
    button(panel, "Change now").click()
    chart = training_page.locator(".st-key-loss-chart")
    expect(chart).to_contain_text("Generator lr 0.002 → 0.001")
    assert open_run(run.path).config.generator_learning_rate == 0.001
    # Dashed is what the losses are compared with.
    marked = "node => node.layout.shapes.filter(shape => shape.line.dash === 'dot').length"
    assert loss_chart(training_page).evaluate(marked) == 1

    button(training_page, "Pause training").click()
    expect(button(training_page, "Resume training")).to_be_visible()
    rate.fill("0.0005")  # A second one in the same form.
    button(panel, "Change now").click()
    expect(chart).to_contain_text("Generator lr 0.001 → 0.0005")

    step = min(run.checkpoints.list_steps())  # While it is held, none is dropped.
    choose(training_page, "Return to a checkpoint", re.compile(rf"^Step {step:,}\b"))
    button(panel, f"Return to step {step:,}").click()
    expect(chart).to_contain_text(f"Back to step {step:,} from step ")
    expect(chart).to_contain_text("with the current settings: Generator lr 0.0005")
    (*_, event) = run.history.read_events()
    assert (event.event, event.step) == ("rolled_back", step)
    assert run.checkpoints.list_steps() == [step]
    button(training_page, "Resume training").click()
    wait_for_step_after(loss_chart(training_page), step)


def test_digits_are_held_beside_the_training_images_most_like_them(training_page: Page) -> None:
    training_page.get_by_text("More metrics, and how to read them").click()
    button(training_page, "Look for copies").click()
    pairs = picture_in(training_page, "copies")
    expect(pairs).to_be_visible()
    assert pixels_of(pairs).size == (8 * 30 - 2, 2 * 30 - 2)
    expect(training_page.locator(".st-key-copies")).to_contain_text(
        re.compile(r"a copy has 0\. Real digits outside the training set: 0\.\d+ on median")
    )


def test_a_tab_that_nobody_sees_asks_for_nothing(training_page: Page) -> None:
    asked: list[str] = []
    training_page.on("request", lambda request: asked.append(request.url))
    hide = """is_hidden => {
        Object.defineProperty(document, "hidden", { value: is_hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""

    def pass_several_intervals() -> None:
        end = training_page.evaluate("performance.now()") + 3500 * SECONDS
        training_page.wait_for_function("end => performance.now() > end", arg=end)

    training_page.evaluate(hide, True)
    pass_several_intervals()  # What was under way comes to its end.
    step = step_of(loss_chart(training_page))
    asked.clear()
    pass_several_intervals()
    assert not asked
    assert step_of(loss_chart(training_page)) == step
    training_page.evaluate(hide, False)
    wait_for_step_after(loss_chart(training_page), step)


def test_without_news_nothing_is_drawn(training_page: Page) -> None:
    button(training_page, "Pause training").click()
    expect(button(training_page, "Resume training")).to_be_visible()
    wait_for_polls(training_page)
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
    button(training_page, "Resume training").click()
    expect(button(training_page, "Pause training")).to_be_enabled()


def test_a_reload_finds_the_run_further_on(training_page: Page) -> None:
    step = step_of(loss_chart(training_page))
    training_page.reload()
    expect(button(training_page, "Stop training")).to_be_visible()
    expect(loss_chart(training_page)).to_be_visible()
    assert step_of(loss_chart(training_page)) >= step
    wait_for_step_after(loss_chart(training_page), step)


def test_a_second_tab_shows_the_same_run_and_offers_no_second_start(
    training_page: Page, studio: Studio, open_context: Callable[..., BrowserContext]
) -> None:
    runs = [run.name for run in studio.own_runs()]
    other = open_context().new_page()
    other.goto(studio.url)
    expect(other.locator(".st-key-status")).to_contain_text(runs[0])
    expect(training_page.locator(".st-key-status")).to_contain_text(runs[0])
    expect(button(other, "Stop training")).to_be_visible()
    expect(button(other, "Start training")).to_have_count(0)
    wait_for_step_after(loss_chart(other), step_of(loss_chart(training_page)) - 1)
    assert [run.name for run in studio.own_runs()] == runs


def test_the_grid_comes_as_a_png_with_its_recipe(training_page: Page, studio: Studio) -> None:
    name, png = download(training_page, training_page.locator("body"), "Download PNG")
    assert name.endswith(".png")
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        shown = pixels_of(picture_in(training_page, "sample-grid"))
        assert picture.width % shown.width == 0
    recipe = read_recipe(png)
    assert recipe["run"] == studio.own_runs()[0].name
    assert recipe["step"] in studio.own_runs()[0].samples.list_steps()


def test_the_training_film_comes_as_a_gif(training_page: Page) -> None:
    wait_for_step_after(picture_in(training_page, "sample-grid"), 0)  # Two moments at least.
    name, gif = download(training_page, training_page.locator("body"), "Download GIF")
    assert name.endswith(".gif")
    with Image.open(io.BytesIO(gif)) as film:
        assert film.format == "GIF"
        assert getattr(film, "n_frames", 1) > 1


def test_the_whole_run_comes_as_a_zip(training_page: Page, studio: Studio) -> None:
    run = studio.own_runs()[0]
    name, packed = download(training_page, training_page.locator("body"), "Download ZIP")
    assert name == f"{run.name}.zip"
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        table = list(csv.DictReader(archive.read(f"{run.name}/history.csv").decode().splitlines()))
    assert f"{run.name}/config.json" in names
    assert any(re.search(r"/samples/step-\d+\.png$", name) for name in names)
    assert any(re.search(r"/checkpoints/step-\d+\.npz$", name) for name in names)
    assert int(table[-1]["step"]) > 0


def test_the_moment_slider_goes_back_to_the_first_noise(training_page: Page) -> None:
    grid = picture_in(training_page, "sample-grid")
    wait_for_step_after(grid, 0)
    training_page.get_by_role("slider", name="Replay training").press("Home")
    expect(grid).to_have_attribute("alt", re.compile(r"step 0$"))
    # It stays there while the run goes on.
    wait_for_step_after(loss_chart(training_page), step_of(loss_chart(training_page)))
    assert step_of(grid) == 0


def test_stop_saves_and_every_tab_offers_a_new_start(
    training_page: Page, studio: Studio, open_context: Callable[..., BrowserContext]
) -> None:
    run = studio.own_runs()[0]
    other = open_context().new_page()
    open_training(other, studio)
    step = step_of(loss_chart(training_page))
    stop_training(training_page)
    expect(training_page).to_have_title("Stopped · DCGAN Studio")
    expect(training_page.locator(".st-key-status")).to_contain_text("Stopped")
    assert run.read_status().state == "stopped"
    assert run.checkpoints.list_steps()[-1] == run.read_status().step >= step
    # What was reached stays in sight.
    assert step_of(loss_chart(training_page)) >= step
    expect(button(other, "Start training")).to_be_visible()
    # It goes on from there, in every tab.
    button(training_page, "Continue this run").click()
    expect(button(other, "Stop training")).to_be_visible()
    assert wait_for_step_after(loss_chart(training_page), step) > step
    assert [own.name for own in studio.own_runs()] == [run.name]
    stop_training(training_page)
    expect(button(other, "Start training")).to_be_visible()
    # A start in one tab shows in the other.
    button(training_page, "Start training").click()
    expect(button(other, "Stop training")).to_be_visible()
    expect(button(other, "Start training")).to_have_count(0)


def test_more_measurements_are_drawn_while_that_is_open(training_page: Page) -> None:
    page = training_page
    assert page.locator(".st-key-chart-updates").count() == 0  # Costs nothing while it is closed.
    page.get_by_text("More measurements").click()
    chart = page.locator(".st-key-chart-updates [role='img'][alt]")
    expect(chart).to_have_attribute("alt", re.compile(r"generator \d+\.\d\d%"))
    answers = page.locator(".st-key-chart-answers [role='img'][alt]")
    expect(answers).to_have_attribute("alt", re.compile("of real and .* on their own side"))
    wait_for_step_after(chart, step_of(chart))
    # A person's look: smoothed, and on another scale.
    button(page, "Chart settings").click()
    page.get_by_text("Logarithmic scale").click()
    page.wait_for_function(
        "() => document.querySelector('.st-key-loss-chart .chart').layout.yaxis.type === 'log'"
    )


def test_the_verdict_says_how_the_run_stands_and_why(training_page: Page) -> None:
    verdict = training_page.locator(".st-key-verdict")
    expect(verdict).to_contain_text(re.compile("Too early to tell|Learning"))
    button(verdict, "Why").click()
    expect(training_page.get_by_text(re.compile("The verdict comes from"))).to_be_visible()


def test_the_training_film_plays_and_can_be_held(training_page: Page) -> None:
    button(training_page, "Play the film").click()
    film = training_page.locator(".film")
    moment = film.get_by_role("slider", name="Moment of training")
    expect(moment).to_be_visible()
    expect(film.locator("img")).to_have_attribute("alt", re.compile("step "))
    film.get_by_role("button", name="Pause").click()
    moment.press("Home")
    expect(film.locator("img")).to_have_attribute("alt", re.compile("step 0$"))
    film.get_by_role("button", name="Play").click()
    expect(film.locator("img")).not_to_have_attribute("alt", re.compile("step 0$"))


def test_a_digit_of_the_sample_grid_opens_in_explore(training_page: Page) -> None:
    button(training_page, "Explore digit 5").click()
    grid = picture_in(training_page, "latent-grid")
    expect(grid).to_be_visible()
    text = "The chosen z, from digit 5 of the sample grid"
    expect(training_page.get_by_text(text)).to_be_visible()


def test_runs_wait_for_their_turn(training_page: Page, studio: Studio) -> None:
    page = training_page
    page.get_by_text("Queue another run").click()
    seed = page.get_by_role("spinbutton", name="Seed")
    seed.fill("77")
    seed.press("Tab")
    button(page, "Add to the queue").click()
    waiting = page.locator(".st-key-queue")
    expect(waiting).to_contain_text("1 run waiting; the next one starts when this run ends.")
    expect(waiting).to_contain_text("seed 77")
    # What a person stops does not make room for the next.
    stop_training(page)
    expect(waiting).to_contain_text("the queue is paused")
    button(page, "Resume queue").click()
    expect(button(page, "Stop training")).to_be_visible()
    expect(waiting).to_have_count(0)
    wait_for_step_after(loss_chart(page), 0)
    assert studio.own_runs()[0].config.seed == 77
    stop_training(page)
