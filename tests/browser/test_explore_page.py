"""The Explore page: z is steered by hand, live while a run trains, and taken home."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from dcgan.imaging import read_recipe

from .studio import (
    Studio,
    alt_of,
    button,
    choose,
    download,
    open_training,
    picture_in,
    pixels_of,
    wait_for_step_after,
)

pytestmark = pytest.mark.browser

_FINGERPRINT = re.compile(r"z=([0-9a-f]{8})$")


@pytest.fixture
def live_page(page: Page, studio: Studio) -> Page:
    """Show Explore for the run that trains now."""
    open_training(page, studio)
    page.get_by_role("link", name="Explore").click()
    expect(page.get_by_role("combobox", name="Run")).to_have_value(re.compile(r"\(training now\)$"))
    expect(picture_in(page, "latent-grid")).to_be_visible()
    return page


@pytest.fixture
def saved_page(page: Page, idle_studio: Studio) -> Page:
    """Show Explore for the run that comes with the program; its weights stay as they are."""
    page.goto(f"{idle_studio.url}/explore")
    expect(picture_in(page, "latent-grid")).to_be_visible()
    return page


def fingerprint(picture: Locator) -> str:
    """Return the hash of the latent batch that a picture says that it shows."""
    found = _FINGERPRINT.search(alt_of(picture))
    assert found, f"no z= at the end of {alt_of(picture)!r}"
    return found[1]


def expect_other_latent(picture: Locator, before: str) -> None:
    """Wait until a picture shows another latent batch than the one of this fingerprint."""
    expect(picture).to_have_attribute("alt", re.compile(f"z=(?!{before})[0-9a-f]{{8}}$"))


def middle_tile(picture: Locator, size: int) -> np.ndarray:
    """Return the digit in the middle of a square grid of size × size."""
    pixels = np.asarray(pixels_of(picture).convert("L"))
    pitch = (len(pixels) + 2) // size
    start = size // 2 * pitch
    return pixels[start : start + pitch - 2, start : start + pitch - 2]


def test_a_latent_slider_moves_the_grid_while_the_run_trains(live_page: Page) -> None:
    grid = picture_in(live_page, "latent-grid")
    z, src = fingerprint(grid), grid.get_attribute("src")
    sliders = live_page.locator(".st-key-latent-sliders input[type=range]")
    assert sliders.count() == 12
    sliders.nth(4).press("ArrowRight")
    expect_other_latent(grid, z)
    assert grid.get_attribute("src") != src
    # And back to what it was: a slider's place stands for the same z each time.
    moved = fingerprint(grid)
    sliders.nth(4).press("ArrowRight")
    expect_other_latent(grid, moved)
    sliders.nth(4).press("ArrowLeft")
    expect(grid).to_have_attribute("alt", re.compile(f"z={moved}$"))


def test_the_grid_follows_training_while_z_stays(live_page: Page) -> None:
    grid = picture_in(live_page, "latent-grid")
    grid.evaluate("node => { node.isTheOneOfBefore = true; }")
    z, src = fingerprint(grid), grid.get_attribute("src")
    step = wait_for_step_after(grid, 0)
    wait_for_step_after(grid, step)
    assert fingerprint(grid) == z
    assert grid.get_attribute("src") != src
    assert grid.evaluate("node => node.isTheOneOfBefore") is True


def test_the_walk_follows_training_too(live_page: Page) -> None:
    strip = picture_in(live_page, "interpolation")
    z = fingerprint(strip)
    step = wait_for_step_after(strip, 0)
    wait_for_step_after(strip, step)
    assert fingerprint(strip) == z


def test_surprise_me_chooses_another_z(saved_page: Page) -> None:
    grid = picture_in(saved_page, "latent-grid")
    z, digit = fingerprint(grid), middle_tile(grid, 5)
    seed = saved_page.get_by_role("spinbutton", name="Seed of z").input_value()
    button(saved_page, "Surprise me").click()
    expect_other_latent(grid, z)
    assert not np.array_equal(middle_tile(grid, 5), digit)
    # The same seed gives the same z again.
    field = saved_page.get_by_role("spinbutton", name="Seed of z")
    expect(field).not_to_have_value(seed)  # Typing what still stands there changes nothing.
    field.fill(seed)
    field.press("Enter")
    expect(grid).to_have_attribute("alt", re.compile(f"z={z}$"))


def test_surprise_me_may_be_pressed_faster_than_the_page_answers(saved_page: Page) -> None:
    grid = picture_in(saved_page, "latent-grid")
    seed = saved_page.get_by_role("spinbutton", name="Seed of z")
    z = fingerprint(grid)  # Of the first seed.
    first = seed.input_value()
    for _ in range(10):
        button(saved_page, "Surprise me").click(no_wait_after=True)
    expect(seed).not_to_have_value(first)
    app = saved_page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    assert saved_page.get_by_text("encountered an error").count() == 0
    # Back to the first: no slider brought a number of another seed's z along.
    seed.fill(first)
    seed.press("Enter")
    expect(grid).to_have_attribute("alt", re.compile(f"around seed {first}, .*z={z}$"))


def test_the_chosen_digit_stays_in_the_middle_of_other_grids(saved_page: Page) -> None:
    grid = picture_in(saved_page, "latent-grid")
    z, digit = fingerprint(grid), middle_tile(grid, 5)
    button(saved_page, "Directions").click()
    size = saved_page.get_by_role("slider", name="Rows and columns")
    size.press("ArrowRight")
    expect(grid).to_have_attribute("alt", re.compile("7 by 7"))
    expect_other_latent(grid, z)
    # To the grey value: one batch of pictures may be rounded otherwise than another.
    difference = middle_tile(grid, 7).astype(int) - digit
    assert np.abs(difference).max() <= 2


def test_pages_of_sliders_reach_the_last_number_of_z(saved_page: Page) -> None:
    grid = picture_in(saved_page, "latent-grid")
    z = fingerprint(grid)
    choose(saved_page, "Numbers of z", "13 to 16 of 16")
    last = saved_page.locator(".st-key-latent-sliders").get_by_role("slider", name="z 16")
    expect(last).to_be_visible()
    last.press("ArrowLeft")
    expect_other_latent(grid, z)


def test_a_walk_changes_with_its_seeds_and_its_path(saved_page: Page) -> None:
    pictures = saved_page.locator(".st-key-interpolation img[alt]")
    expect(pictures).to_have_count(2)
    strip, film = pictures.nth(0), pictures.nth(1)
    assert getattr(pixels_of(film), "n_frames", 1) > 1
    z, src = fingerprint(strip), strip.get_attribute("src")
    saved_page.get_by_role("radio", name="Straight").click()
    expect_other_latent(strip, z)
    assert strip.get_attribute("src") != src
    z, src = fingerprint(strip), strip.get_attribute("src")
    to_seed = saved_page.get_by_role("spinbutton", name="To seed")
    to_seed.fill("11")
    to_seed.press("Enter")
    expect_other_latent(strip, z)
    assert strip.get_attribute("src") != src
    expect(film).to_have_attribute("alt", re.compile("to seed 11 by lerp"))


def test_the_latent_grid_comes_as_a_png_with_its_recipe(live_page: Page, studio: Studio) -> None:
    name, png = download(live_page, live_page.locator("body"), "Download PNG")
    assert name.endswith(".png")
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        assert picture.width == picture.height
    recipe = read_recipe(png)
    assert recipe["run"] == studio.own_runs()[0].name
    assert recipe["seed"] == 7


def test_the_latent_grid_comes_as_a_zip_of_digits_and_vectors(live_page: Page) -> None:
    name, packed = download(live_page, live_page.locator("body"), "Download ZIP")
    assert name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        digits = [name for name in archive.namelist() if name.endswith(".png")]
        with np.load(io.BytesIO(archive.read("vectors.npz"))) as vectors:
            assert vectors["z"].shape == (25, 16)
            assert vectors["images"].shape == (25, 28, 28)
    assert len(digits) == 25


def test_the_walk_comes_as_a_gif_there_and_back(live_page: Page) -> None:
    walk = live_page.locator(".st-key-interpolation")
    expect(walk.locator("img[alt]")).to_have_count(2)
    name, gif = download(live_page, walk, "Download GIF")
    assert name == "from-1-to-2-slerp.gif"
    with Image.open(io.BytesIO(gif)) as film:
        assert getattr(film, "n_frames", 1) == 78  # 40 there, and back without both ends.


def test_a_saved_checkpoint_draws_the_same_picture_each_time(
    page: Page, studio: Studio, open_context: Callable[..., BrowserContext]
) -> None:
    open_training(page, studio)
    run = studio.own_runs()[0]
    saved = run.checkpoints()[-1]
    seen = []
    for tab in (page, open_context().new_page()):
        tab.goto(f"{studio.url}/explore")
        grid = picture_in(tab, "latent-grid")
        wait_for_step_after(grid, saved)
        live = grid.get_attribute("src")
        choose(tab, "Checkpoint", re.compile(rf"^Step {saved:,}\b"))
        expect(grid).to_have_attribute("alt", re.compile(f"step {saved},"))
        seen.append(grid.get_attribute("src"))
        assert seen[-1] != live
    assert seen[0] == seen[1]
