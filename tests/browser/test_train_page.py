"""The Train page: the welcome, a followed run, and its downloads."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from dcgan.config.training_config import TrainingConfig
from dcgan.images.png_recipe import read_recipe

from .accessibility import expect_accessible
from .page_elements import (
    PHONE_SIZE,
    button,
    download,
    loss_chart,
    measure_box,
    open_all_settings,
    picture_in,
    read_alt,
    read_image,
    read_step,
    stop_training,
    wait_for_step_after,
    wait_until,
)
from .quick_studio import SMALL_NETWORKS
from .studio import Studio

pytestmark = pytest.mark.browser

CHARTS = ("loss-chart", "accuracy-chart")


def expect_sharp(digits: Locator, pixel_ratio: float) -> None:
    """Expect that each pixel of a picture covers a whole number of the screen's pixels."""
    expect(digits).to_have_css("image-rendering", "pixelated")
    screen_width = digits.evaluate("node => node.clientWidth") * pixel_ratio
    enlargement = screen_width / digits.evaluate("node => node.naturalWidth")
    assert enlargement == pytest.approx(round(enlargement), abs=0.01)
    assert round(enlargement) >= 1


def test_at_every_size_the_start_button_is_in_sight_beside_sharp_digits(
    page: Page, idle_studio: Studio
) -> None:
    page.goto(idle_studio.url)
    digits = picture_in(page, "welcome")
    for width, height in ((1280, 800), (1440, 900), (1920, 1080), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        expect(button(page, "Start training")).to_be_in_viewport(ratio=1)
        expect(page.get_by_text("Change settings", exact=True)).to_be_visible()
        expect(button(page, "Add to the queue")).to_be_hidden()
        expect(digits).to_be_visible()
        assert digits.evaluate("node => node.clientHeight") <= 360
        expect_sharp(digits, 1)
        for name in ("Train", "Explore", "Runs", "Compare", "Learn"):
            expect(page.get_by_role("link", name=name, exact=True)).to_be_in_viewport(ratio=1)
        # The page does not scroll sideways.
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert re.search(r"digits.* step \d+", read_alt(digits))
    # The first Tab reaches the link to the content, which skips the navigation.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(button(page, "Start training")).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_start_button_stays_in_sight_while_all_settings_are_read(
    page: Page, idle_studio: Studio, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(idle_studio.url)
    start = button(page, "Start training")
    before = measure_box(start)
    page.get_by_text("Change settings", exact=True).click()
    open_all_settings(page)
    add = button(page, "Add to the queue")
    add.scroll_into_view_if_needed()
    expect(start).to_be_in_viewport(ratio=1)
    # A trial click fails where another element covers the button: neither covers the other.
    start.click(trial=True)
    add.click(trial=True)
    expect_accessible(page)
    page.get_by_role("heading", level=1).scroll_into_view_if_needed()
    page.get_by_text("Change settings", exact=True).click()
    expect(page.locator("[data-pinned]")).to_have_count(0)
    start.scroll_into_view_if_needed()
    assert measure_box(start)["x"] == before["x"]


@pytest.mark.parametrize(("width", "pixel_ratio"), [(1280, 1.5), (400, 2)])
def test_digits_are_sharp_on_screens_of_other_resolutions(
    open_context: Callable[..., BrowserContext], idle_studio: Studio, width: int, pixel_ratio: float
) -> None:
    page = open_context(
        viewport={"width": width, "height": 800}, device_scale_factor=pixel_ratio
    ).new_page()
    page.goto(idle_studio.url)
    digits = picture_in(page, "welcome")
    expect(digits).to_be_visible()
    expect_sharp(digits, pixel_ratio)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_value_out_of_range_is_refused_in_one_sentence(page: Page, idle_studio: Studio) -> None:
    page.goto(idle_studio.url)
    page.get_by_text("Change settings", exact=True).click()
    open_all_settings(page)
    page.get_by_role("spinbutton", name="Batch size").fill("1")
    button(page, "Start training").click()
    refusal = page.get_by_role("alert")
    expect(refusal).to_have_count(1)
    expect(refusal).to_contain_text("Batch size")
    expect(refusal).to_contain_text("2 to 4096")
    assert refusal.get_by_role("paragraph").inner_text().strip().count(". ") == 0
    expect_accessible(page)
    expect(button(page, "Start training")).to_be_visible()
    assert idle_studio.list_own_runs() == []


def test_start_trains_on_mnist_and_the_page_follows(training_page: Page, studio: Studio) -> None:
    run = studio.list_own_runs()[0]
    assert run.config == TrainingConfig(class_names=tuple("0123456789")).replace(**SMALL_NETWORKS)
    assert (run.dataset.name, run.dataset.num_images) == ("mnist", 60_000)
    chart, grid = loss_chart(training_page), picture_in(training_page, "sample-grid")
    step = read_step(chart)
    step = wait_for_step_after(chart, step)
    wait_for_step_after(chart, step)
    src, step = grid.get_attribute("src"), read_step(grid)
    wait_for_step_after(grid, step)
    assert grid.get_attribute("src") != src
    expect(training_page).to_have_title(re.compile(r"^\d+% · DCGAN Studio$"))
    expect_accessible(training_page)


def test_a_chart_keeps_its_node_and_its_zoom_when_points_are_added(training_page: Page) -> None:
    chart = loss_chart(training_page)
    expect(chart.locator(".main-svg").first).to_be_visible()
    chart.evaluate("""node => {
        node.isMarked = true;
        return Plotly.relayout(node, { "xaxis.range": [2, 7], "yaxis.range": [0.25, 3] });
    }""")
    picture_in(training_page, "sample-grid").evaluate("node => { node.isMarked = true; }")
    for _ in range(4):
        wait_for_step_after(chart, read_step(chart))
    # Plotly draws after `alt` has changed.
    wait_until(
        training_page, "node => node.data[0].x.at(-1) > 7", chart.evaluate_handle("node => node")
    )
    assert chart.evaluate("node => node.isMarked") is True
    assert chart.evaluate("node => node.layout.xaxis.range") == [2, 7]
    assert chart.evaluate("node => node.layout.yaxis.range") == [0.25, 3]
    grid = picture_in(training_page, "sample-grid")
    assert grid.evaluate("node => node.isMarked") is True


def test_more_measurements_are_drawn_only_while_they_are_open(training_page: Page) -> None:
    page = training_page
    assert page.locator(".st-key-chart-updates").count() == 0
    page.get_by_text("Training in detail").click()
    chart = page.locator(".st-key-chart-updates [role='img'][alt]")
    expect(chart).to_have_attribute("alt", re.compile(r"generator \d+\.\d\d%"))
    answers = page.locator(".st-key-chart-answers [role='img'][alt]")
    expect(answers).to_have_attribute("alt", re.compile("of real and .* got the right answer"))
    wait_for_step_after(chart, read_step(chart))
    # The chart settings also apply to the loss chart.
    button(page, "Chart settings").click()
    page.get_by_text("Logarithmic scale").click()
    wait_until(
        page,
        "() => document.querySelector('.st-key-loss-chart .chart').layout.yaxis.type === 'log'",
    )


def test_on_a_phone_digits_and_verdict_come_first_and_the_charts_share_a_row(
    training_page: Page,
) -> None:
    page = training_page
    png, detail = button(page, "Download PNG"), page.get_by_text("Settings of this run")
    expect(png).to_be_visible()
    page.set_viewport_size(PHONE_SIZE)
    parts = (
        picture_in(page, "sample-grid"),
        button(page, "Grid size"),
        page.locator(".st-key-verdict"),
        button(page, "Play the film"),
        loss_chart(page),
        button(page, "Chart settings"),
        page.locator(".st-key-answers"),
        png,
        detail,
    )
    tops = [measure_box(part)["y"] for part in parts]
    assert tops == sorted(tops)
    for part in (button(page, "Pause training"), *parts[:3]):
        expect(part).to_be_in_viewport(ratio=1)
    losses, accuracy = (
        measure_box(page.locator(f".st-key-{name}-chart")) for name in ("loss", "accuracy")
    )
    assert accuracy["y"] == losses["y"]
    assert losses["x"] + losses["width"] < accuracy["x"] < PHONE_SIZE["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_SIZE["width"]
    assert measure_box(button(page, "Download ZIP"))["y"] == measure_box(png)["y"]
    # On a laptop the downloads are right below the other buttons, as ten digits are as wide as one
    # row of these, and nothing is empty beside the charts. More charts are below.
    page.set_viewport_size({"width": 1280, "height": 800})
    left, right = measure_box(button(page, "Play the film")), measure_box(png)
    assert left["y"] + left["height"] < right["y"] < left["y"] + 2 * left["height"]
    assert (
        measure_box(detail)["x"] + measure_box(detail)["width"] < measure_box(loss_chart(page))["x"]
    )
    more = measure_box(page.locator(".st-key-more-charts"))
    assert more["y"] > measure_box(detail)["y"]


def test_the_replay_slider_goes_back_to_step_0(training_page: Page) -> None:
    grid = picture_in(training_page, "sample-grid")
    wait_for_step_after(grid, 0)
    marks = {key: training_page.locator(f".st-key-{key} .shapelayer path") for key in CHARTS}
    for key in CHARTS:
        expect(marks[key]).not_to_have_count(0)  # It is drawn.
    levels = {key: marks[key].count() for key in CHARTS}
    training_page.get_by_role("slider", name="Replay training").press("Home")
    expect(grid).to_have_attribute("alt", re.compile(r"step 0$"))
    # It stays at step 0 while the run continues.
    wait_for_step_after(loss_chart(training_page), read_step(loss_chart(training_page)))
    assert read_step(grid) == 0
    for key in CHARTS:  # A line marks the step of the picture.
        expect(marks[key]).to_have_count(levels[key] + 1)
    replay = training_page.locator(".replay")
    expect(replay.locator("output")).to_have_text(re.compile(r"^Replay: step 0 of [\d,]+$"))
    button(replay, "Show newest").click()
    wait_for_step_after(grid, 0)
    expect(replay.locator("output")).to_have_text(re.compile(r"^Picture of step [\d,]+$"))
    for key in CHARTS:
        expect(marks[key]).to_have_count(levels[key])


def test_the_training_film_plays_and_pauses(training_page: Page) -> None:
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


def test_a_person_sorts_real_pictures_and_fakes_beside_the_discriminator(
    training_page: Page, studio: Studio
) -> None:
    answers = training_page.locator(".st-key-answers figure")
    expect(answers).to_have_count(10)
    expect(answers.last.locator("img")).to_have_attribute("alt", re.compile(r"Fake .*% real, says"))
    button(training_page, "Can you tell?").click()
    tiles, quiz = training_page.locator(".quiz .choices button"), training_page.locator(".quiz")
    expect(tiles).to_have_count(20)
    # By keyboard: the second picture is a fake, and then it is not.
    tiles.first.focus()
    training_page.keyboard.press("ArrowRight")
    training_page.keyboard.press("Space")
    expect(tiles.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(quiz).to_contain_text("1 of 10 chosen")
    expect(button(quiz, "Check")).to_be_disabled()
    for index in range(2, 11):
        tiles.nth(index).click()
    button(quiz, "Check").click()
    # A person who marks ten fakes calls a fake real for each real picture called fake, so the
    # number of right answers is even.
    expect(quiz).to_contain_text(re.compile(r"You 1?[02468] of 20, the discriminator \d+ of 20"))
    expect(tiles.get_by_text(re.compile("[✓✗] real"))).to_have_count(10)
    expect(tiles.get_by_text(re.compile(r"D: \d+%"))).to_have_count(20)
    button(quiz, "New round").click()
    expect(button(quiz, "Check")).to_be_disabled()
    expect(tiles.first).to_be_focused()
    # The marks stay when the run ends, although the page is then another one.
    tiles.first.click()
    other = training_page.context.new_page()
    other.goto(studio.url)
    stop_training(other)
    other.close()
    expect(training_page.locator(".st-key-status")).not_to_contain_text("Training")
    expect(quiz).to_contain_text("1 of 10 chosen")


def test_the_grid_the_film_and_the_whole_run_are_downloaded(
    training_page: Page, studio: Studio
) -> None:
    body, run = training_page.locator("body"), studio.list_own_runs()[0]
    # A film has at least two frames.
    wait_for_step_after(picture_in(training_page, "sample-grid"), 0)
    name, png = download(training_page, body, "Download PNG")
    assert name.endswith(".png")
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        shown = read_image(picture_in(training_page, "sample-grid"))
        assert picture.width % shown.width == 0
    recipe = read_recipe(png)
    assert recipe["run"] == run.name
    assert recipe["step"] in run.samples.list_steps()

    name, gif = download(training_page, body, "Download GIF")
    assert name.endswith(".gif")
    with Image.open(io.BytesIO(gif)) as film:
        assert film.format == "GIF"
        assert getattr(film, "n_frames", 1) > 1

    name, packed = download(training_page, body, "Download ZIP")
    assert name == f"{run.name}.zip"
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        table = list(csv.DictReader(archive.read(f"{run.name}/history.csv").decode().splitlines()))
    assert f"{run.name}/config.json" in names
    assert any(re.search(r"/samples/step-\d+\.png$", name) for name in names)
    assert any(re.search(r"/checkpoints/step-\d+\.npz$", name) for name in names)
    assert int(table[-1]["step"]) > 0


def test_a_digit_of_the_sample_grid_opens_in_explore(training_page: Page) -> None:
    button(training_page, "Explore digit 5").click()
    grid = picture_in(training_page, "latent-grid")
    expect(grid).to_be_visible()
    text = "The selected digit, from picture 5 of the Train page"
    expect(training_page.get_by_text(text)).to_be_visible()
