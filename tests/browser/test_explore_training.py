"""The Explore page of a run in training: pictures that follow it, downloads and pins."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from dcgan.images.png_recipe import read_recipe

from .explore_page import (
    expect_other_latent,
    expect_sorted_digits,
    open_tool,
    read_fingerprint,
    use_seeds_as_stops,
)
from .page_elements import (
    button,
    choose,
    download,
    measure_box,
    open_training,
    picture_in,
    read_grey_levels,
    wait_for_step_after,
)
from .studio import Studio

pytestmark = pytest.mark.browser


@pytest.fixture
def live_page(page: Page, studio: Studio) -> Page:
    """Open Explore for the run in training."""
    if not studio.is_training():
        open_training(page, studio)
    page.goto(f"{studio.url}/explore")
    expect(page.get_by_role("combobox", name="Run")).to_have_value(re.compile("^In training: "))
    expect(picture_in(page, "latent-grid")).to_be_visible()
    expect_sorted_digits(page)
    return page


# Holds the next poll back, clicks a link, and answers the poll before the next page has loaded.
_ANSWER_A_POLL_AS_A_LINK_IS_CLICKED = """name => new Promise(clicked => {
    const plain = window.fetch;
    window.fetch = (url, options) => {
        if (!String(url).includes("/news")) return plain(url, options);
        window.fetch = plain;
        const links = [...document.querySelectorAll("header a")];
        links.find(link => link.textContent.includes(name)).click();
        clicked();
        return Promise.resolve(new Response("another phase"));
    };
})"""


def test_a_poll_that_ends_as_a_link_is_clicked_does_not_empty_the_next_page(
    training_page: Page,
) -> None:
    for name, key in (("Explore", "latent-grid"), ("Train", "sample-grid")):
        training_page.evaluate(_ANSWER_A_POLL_AS_A_LINK_IS_CLICKED, name)
        expect(picture_in(training_page, key)).to_be_visible()
        # The next poll of this page: the held request has ended before it.
        with training_page.expect_response(re.compile("/news")):
            pass
        expect(picture_in(training_page, key)).to_be_visible()


def test_a_latent_slider_moves_the_grid_while_the_run_trains(live_page: Page) -> None:
    choose(live_page, "Sliders", "Sliders: z 1 to 12 of 16")
    sliders = live_page.locator(".st-key-latent-sliders input[type=range]")
    expect(sliders).to_have_count(12)
    grid = picture_in(live_page, "latent-grid")
    z, src = read_fingerprint(grid), grid.get_attribute("src")
    sliders.nth(4).press("ArrowRight")
    expect_other_latent(grid, z)
    expect(grid).not_to_have_attribute("src", src or "")
    # The same position of a slider gives the same z.
    moved = read_fingerprint(grid)
    sliders.nth(4).press("ArrowRight")
    expect_other_latent(grid, moved)
    sliders.nth(4).press("ArrowLeft")
    expect(grid).to_have_attribute("alt", re.compile(f"z={moved}$"))


def test_the_grid_and_the_walk_follow_training_with_the_same_z(live_page: Page) -> None:
    # Seeds, because the clear digits with which a walk begins change with the next sorting.
    use_seeds_as_stops(live_page, "11", "12")
    for key in ("latent-grid", "interpolation"):
        shown = picture_in(live_page, key)
        shown.evaluate("node => { node.isMarked = true; }")
        z, src = read_fingerprint(shown), shown.get_attribute("src")
        wait_for_step_after(shown, wait_for_step_after(shown, 0))
        assert read_fingerprint(shown) == z
        assert shown.get_attribute("src") != src
        assert shown.evaluate("node => node.isMarked") is True


def test_the_grid_downloads_as_a_picture_and_a_zip_and_the_walk_as_a_film(
    live_page: Page, studio: Studio
) -> None:
    body = live_page.locator("body")
    grid = picture_in(live_page, "latent-grid")
    first = read_fingerprint(grid)  # Of a clear digit, whose z need not come from a seed.
    button(live_page, "Another handwriting").click()
    expect_other_latent(grid, first)
    name, png = download(live_page, body, "Download PNG")
    assert name.endswith(".png")
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        assert picture.width == picture.height
    recipe = read_recipe(png)
    assert recipe["run"] == studio.list_own_runs()[0].name
    assert isinstance(recipe["seed"], int)

    name, packed = download(live_page, body, "Download ZIP")
    assert name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        digits = [name for name in archive.namelist() if name.endswith(".png")]
        with np.load(io.BytesIO(archive.read("vectors.npz"))) as vectors:
            assert vectors["z"].shape == (25, 16)
            assert vectors["images"].shape == (25, 28, 28)
    assert len(digits) == 25  # A grid of 5 × 5.

    walk = live_page.locator(".st-key-interpolation")
    expect(walk.locator("img[alt]")).to_have_count(2)
    name, gif = download(live_page, walk, "Download GIF")
    assert re.fullmatch(r"walk-\d-to-\d\.gif", name)
    with Image.open(io.BytesIO(gif)) as film:
        assert getattr(film, "n_frames", 1) == 78  # 40 there, and back without both ends.


def test_a_saved_checkpoint_draws_the_same_picture_each_time(page: Page, studio: Studio) -> None:
    if not studio.is_training():
        open_training(page, studio)
    run = studio.list_own_runs()[0]
    saved = run.checkpoints.list_steps()[-1]
    # Everything that a new page would choose by the newest sorting is in the address.
    address = f"{studio.url}/explore?run={run.name}&seed=11&rows=z%201&columns=z%202"
    sources = []
    for tab in (page, page.context.new_page()):
        tab.goto(address)
        grid = picture_in(tab, "latent-grid")
        expect_sorted_digits(tab)
        wait_for_step_after(grid, saved)
        live = grid.get_attribute("src")
        choose(tab, "Checkpoint", re.compile(rf"^Step {saved:,}\b"))
        expect(grid).to_have_attribute("alt", re.compile(f"step {saved},"))
        sources.append(grid.get_attribute("src"))
        assert sources[-1] != live
    assert sources[0] == sources[1]


def test_the_chosen_z_is_shown_at_every_checkpoint(live_page: Page, studio: Studio) -> None:
    open_tool(live_page, "Over time")
    strip = live_page.locator(".st-key-moments-strip img")
    expect(strip).to_have_attribute("alt", re.compile("^The selected digit at steps 0, "))
    shown = live_page.locator(".st-key-moments-moment img")
    expect(shown).to_have_attribute("alt", re.compile("at step [1-9]"))
    panel = live_page.locator(".st-key-through-training")
    one, every = (panel.get_by_text(text) for text in (re.compile("^Step [1-9]"), "All steps"))
    assert measure_box(one)["y"] == measure_box(every)["y"]
    slider = panel.get_by_role("slider", name="Step")
    before_training = re.compile("at step 0$")
    slider.press("Home")
    # A checkpoint that arrives within the slider's delay redraws the slider, and the move is lost.
    # A person would move it again.
    with contextlib.suppress(AssertionError):
        expect(shown).to_have_attribute("alt", before_training, timeout=10_000)
    slider.press("Home")
    expect(shown).to_have_attribute("alt", before_training)
    assert abs(read_grey_levels(shown) - 128).max() < 60  # An untrained network draws grey.


_NOTE_PLACES_OF_THE_TOOLS = """() => {
    window.places = new Set();
    const note = () => {
        window.places.add(document.querySelector("[role=tablist]").getBoundingClientRect().top);
        requestAnimationFrame(note);
    };
    note();
}"""


def test_pins_are_saved_with_the_run_and_can_be_exported_and_imported(
    live_page: Page, studio: Studio
) -> None:
    grid = picture_in(live_page, "latent-grid")
    before = read_fingerprint(grid)
    button(live_page, "Another handwriting").click()  # A sorted digit has a name.
    expect_other_latent(grid, before)
    z = read_fingerprint(grid)
    button(live_page, "Pins").click()
    live_page.get_by_label("Name of the pin").fill("mine *bold*")
    live_page.get_by_label("Name of the pin").press("Enter")
    live_page.evaluate(_NOTE_PLACES_OF_THE_TOOLS)
    button(live_page, "Pin this digit").click()
    tray = live_page.locator(".st-key-pins")
    expect(tray.get_by_role("button", name="mine *bold*")).to_be_visible()
    # A pin moves nothing on the page, not even while the page is drawn again.
    assert live_page.evaluate("window.places.size") == 1
    # Another tab reads the pin from the disk.
    tab = live_page.context.new_page()
    tab.goto(f"{studio.url}/explore")
    button(tab, "Another handwriting").click()
    other = picture_in(tab, "latent-grid")
    expect_other_latent(other, z)
    button(tab, "Pins").click()
    tab.locator(".st-key-pins").get_by_role("button", name="mine *bold*").click()
    # Not by the hash: the axes of the grid may have changed with the training.
    expect(other).to_have_attribute("alt", re.compile(r"from the pin mine \*bold\*; to the right"))
    expect(tab.get_by_text("the selected digit, from the pin mine *bold*")).to_be_visible()
    # Export, delete and import.
    if not button(tab, "Delete this pin").count():
        button(tab, "Pins").click()
    name, data = download(tab, tab.locator("body"), "Download all pins")
    assert name.endswith(".json")
    button(tab, "Delete this pin").click()
    expect(tab.locator(".st-key-pins")).to_have_count(0)
    upload = tab.locator("[class*='st-key-import-pins'] input[type=file]")
    if not upload.count():
        button(tab, "Pins").click()
    upload.set_input_files({"name": name, "mimeType": "application/json", "buffer": data})
    expect(tab.locator(".st-key-pins").get_by_role("button", name="mine *bold*")).to_be_visible()
