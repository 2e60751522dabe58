"""The Explore page: z is steered by hand, live while a run trains, and taken home."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from dcgan.evaluation.digit_classifier import load_digit_classifier
from dcgan.images.png_recipe import read_recipe
from dcgan.latent.shapes import measure_shapes

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
    choose(live_page, "Sliders", "z 1 to 12 of 16")
    sliders = live_page.locator(".st-key-latent-sliders input[type=range]")
    expect(sliders).to_have_count(12)
    grid = picture_in(live_page, "latent-grid")
    z, src = fingerprint(grid), grid.get_attribute("src")
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
    choose(saved_page, "Sliders", "z 13 to 16 of 16")
    last = saved_page.locator(".st-key-latent-sliders").get_by_role("slider", name="z 16")
    expect(last).to_be_visible()
    last.press("ArrowLeft")
    expect_other_latent(grid, z)


def test_a_walk_changes_with_its_stops_and_its_path(saved_page: Page) -> None:
    pictures = saved_page.locator(".st-key-interpolation img[alt]")
    expect(pictures).to_have_count(2)
    strip, film = pictures.nth(0), pictures.nth(1)
    assert getattr(pixels_of(film), "n_frames", 1) > 1
    z, src = fingerprint(strip), strip.get_attribute("src")
    saved_page.get_by_role("radio", name="Straight").click()
    expect_other_latent(strip, z)
    assert strip.get_attribute("src") != src
    z, src = fingerprint(strip), strip.get_attribute("src")
    add_stop(saved_page, "11")
    expect_other_latent(strip, z)
    assert strip.get_attribute("src") != src
    expect(film).to_have_attribute("alt", re.compile("from Seed 1 to Seed 2 to 11 by lerp"))


def test_a_walk_may_be_a_closed_curve_at_constant_speed(saved_page: Page) -> None:
    strip = picture_in(saved_page, "interpolation")
    film = saved_page.locator(".st-key-interpolation img[alt*='animation']")
    expect_named_sliders(saved_page)
    add_stop(saved_page, "The best 7")
    for choice in ("Smooth curve", "Closed", "Constant speed"):
        z = fingerprint(strip)
        saved_page.get_by_text(choice, exact=True).click()
        expect_other_latent(strip, z)
    expect(film).to_have_attribute(
        "alt", re.compile("to The best 7 by spline, closed, at constant speed, step")
    )
    assert getattr(pixels_of(film), "n_frames", 1) == 39  # Three legs of 13, and not back again.


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
    assert name == "walk-seed-1-to-seed-2-by-slerp.gif"
    with Image.open(io.BytesIO(gif)) as film:
        assert getattr(film, "n_frames", 1) == 78  # 40 there, and back without both ends.


def test_a_saved_checkpoint_draws_the_same_picture_each_time(
    page: Page, studio: Studio, open_context: Callable[..., BrowserContext]
) -> None:
    open_training(page, studio)
    run = studio.own_runs()[0]
    saved = run.checkpoints.list_steps()[-1]
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


# The latent studio


def add_stop(page: Page, stop: str) -> None:
    """Add a stop to the walk: a known one, or a seed that is typed."""
    field = page.locator(".st-key-interpolation").get_by_role("combobox", name="Stops")
    field.click()
    field.press_sequentially(stop)
    expect(page.get_by_role("option", name=stop).first).to_be_visible()
    field.press("Enter")
    expect(page.locator(".st-key-interpolation").get_by_text(stop, exact=True)).to_be_visible()
    page.keyboard.press("Escape")


def expect_named_sliders(page: Page) -> None:
    """Wait until the sliders with a name are there."""
    sliders = page.locator(".st-key-latent-sliders")
    expect(sliders.get_by_role("slider", name=re.compile("^Slant"))).to_be_visible()


def open_tool(page: Page, name: str) -> None:
    """Open one of the tabs below the grid."""
    page.get_by_role("tab", name=name).click()


def slant_of(digit: np.ndarray) -> float:
    return float(measure_shapes(digit[np.newaxis, ..., np.newaxis]).slant[0])


def test_a_named_slider_does_what_it_says(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    sliders = saved_page.locator(".st-key-latent-sliders").get_by_role("slider")
    names = [name or "" for name in sliders.evaluate_all("all => all.map(n => n.ariaLabel)")]
    assert len(names) >= 10
    for name in names:  # Each says how well it does what it says.
        assert float(name.split("r = ")[1].rstrip(")")) >= 0.5, name
    grid = picture_in(saved_page, "latent-grid")
    before = middle_tile(grid, 5)
    slant = sliders.nth(0)
    for _ in range(12):
        z = fingerprint(grid)
        slant.press("ArrowRight")
        expect_other_latent(grid, z)
    assert slant_of(middle_tile(grid, 5)) > slant_of(before) + 3


def test_under_a_hand_the_page_draws_by_itself_what_the_server_draws_then(
    saved_page: Page,
) -> None:
    slider = saved_page.get_by_role("slider", name=re.compile("^Slant"))
    saved_page.locator("[data-generator]").wait_for(state="attached")
    grid = picture_in(saved_page, "latent-grid")
    before = fingerprint(grid)
    box = slider.bounding_box()
    assert box
    across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    saved_page.mouse.move(across, down)
    saved_page.mouse.down()
    saved_page.mouse.move(across + box["width"] / 4, down)
    cover = saved_page.locator(".st-key-latent-grid canvas.cover")
    saved_page.wait_for_function(
        "node => node.dataset.isComplete === 'true'", arg=cover.element_handle()
    )
    drawn = cover.evaluate("node => node.toDataURL()")
    assert fingerprint(grid) == before  # The server knows nothing of it yet.
    saved_page.mouse.up()
    expect_other_latent(grid, before)
    expect(cover).to_be_hidden()
    by_page = np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn.partition(",")[2]))))
    by_server = np.asarray(pixels_of(grid).convert("L")).astype(int)
    assert np.abs(by_page[..., 0] - by_server).max() <= 4  # Half precision's doing.


def test_a_slider_that_goes_away_and_back_leaves_the_grid_to_the_server(saved_page: Page) -> None:
    slider = saved_page.get_by_role("slider", name=re.compile("^Slant"))
    saved_page.locator("[data-generator]").wait_for(state="attached")
    grid = picture_in(saved_page, "latent-grid")
    box = slider.bounding_box()
    assert box
    # From where it stands: pressed there, it has the same value when it comes back.
    share = float(slider.input_value()) / 7 + 0.5
    across, down = box["x"] + 8 + (box["width"] - 16) * share, box["y"] + box["height"] / 2
    cover = saved_page.locator(".st-key-latent-grid canvas.cover")
    saved_page.mouse.move(across, down)
    saved_page.mouse.down()
    saved_page.mouse.move(across + 40, down, steps=4)
    expect(cover).to_be_visible()
    saved_page.mouse.move(across, down, steps=4)
    saved_page.mouse.up()
    expect(cover).to_be_hidden()
    z = fingerprint(grid)
    slider.press("ArrowRight")
    expect_other_latent(grid, z)
    expect(cover).to_be_hidden()


def test_moves_of_two_sliders_at_once_are_both_kept(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    choose(saved_page, "Sliders", "z 1 to 12 of 16")
    sliders = saved_page.locator(".st-key-latent-sliders input[type=range]")
    expect(sliders).to_have_count(12)
    # In one go: no answer comes in between.
    sliders.evaluate_all(
        """all => [[0, "1"], [1, "-2"], [2, "3"]].forEach(([index, value]) => {
            all[index].value = value;
            for (const name of ["input", "change"]) {
                all[index].dispatchEvent(new Event(name, { bubbles: true }));
            }
        })"""
    )
    cover = saved_page.locator(".st-key-latent-grid canvas.cover")
    expect(cover).to_be_hidden()
    app = saved_page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    words = saved_page.locator(".st-key-latent-sliders output")
    assert words.all_inner_texts()[:3] == ["1.00", "−2.00", "3.00"]
    # As the server knows it: in the address, which is its word.
    packed = parse_qs(urlsplit(saved_page.url).query)["z"][0]
    z = np.frombuffer(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), "<f4")
    np.testing.assert_allclose(z[:3], [1, -2, 3], atol=1e-6)


def test_principal_directions_are_beside_the_named_ones(saved_page: Page) -> None:
    choose(saved_page, "Sliders", "By principal direction")
    sliders = saved_page.locator(".st-key-latent-sliders")
    for name in ("GANSpace 1", "SeFa 6"):
        expect(sliders.get_by_role("slider", name=re.compile(f"^{name} "))).to_be_visible()
    grid = picture_in(saved_page, "latent-grid")
    z = fingerprint(grid)
    sliders.get_by_role("slider", name=re.compile("^SeFa 1 ")).press("ArrowLeft")
    expect_other_latent(grid, z)


def test_a_digit_is_picked_from_the_bank_also_by_keyboard(saved_page: Page) -> None:
    grid = picture_in(saved_page, "latent-grid")
    z = fingerprint(grid)
    saved_page.get_by_role("radio", name="7", exact=True).click()
    sevens = saved_page.get_by_role("button", name=re.compile("^A 7, .* sure$"))
    expect(sevens.nth(80)).to_be_visible()
    sevens.first.focus()
    saved_page.keyboard.press("ArrowRight")
    saved_page.keyboard.press("Enter")
    expect_other_latent(grid, z)
    expect(saved_page.get_by_text("The chosen z, from the bank, a 7")).to_be_visible()
    judge = load_digit_classifier().predict(middle_tile(grid, 5)[np.newaxis, ..., np.newaxis])
    assert judge.logits.argmax() == 7


def test_the_pad_follows_the_pointer_by_itself_and_a_press_chooses(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    open_tool(saved_page, "Pad")
    field = saved_page.get_by_role("slider", name="Slant across, Thickness down")
    expect(field).to_be_visible()
    digit = saved_page.locator(".st-key-pad canvas.digit")
    saved_page.wait_for_function(  # Its digits are drawn ahead, in one picture.
        "() => document.querySelector('.st-key-pad canvas.digit')?.getContext('2d')"
        ".getImageData(0, 0, 28, 28).data.some((value, index) => index % 4 == 0 && value > 128)"
    )
    grid = picture_in(saved_page, "latent-grid")
    z, before = fingerprint(grid), digit.evaluate("node => node.toDataURL()")
    field.hover(position={"x": 20, "y": 200})
    assert digit.evaluate("node => node.toDataURL()") != before  # At once: no server was asked.
    assert fingerprint(grid) == z
    field.click(position={"x": 20, "y": 200})
    expect_other_latent(grid, z)
    # And by keyboard.
    z, shown = fingerprint(grid), field.get_attribute("aria-valuetext")
    field.press("ArrowRight")
    assert field.get_attribute("aria-valuetext") != shown
    field.press("Enter")
    expect_other_latent(grid, z)


def test_a_drawn_digit_gets_its_z(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    open_tool(saved_page, "Draw a digit")
    square = saved_page.locator(".pencil canvas")
    square.scroll_into_view_if_needed()
    box = square.bounding_box()
    assert box is not None

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + box["width"] * x, box["y"] + box["height"] * y

    mouse = saved_page.mouse
    mouse.move(*at(0.5, 0.2))
    mouse.down()
    mouse.move(*at(0.5, 0.8), steps=8)
    mouse.up()
    found = saved_page.locator(".st-key-inversion-picture img")
    expect(found).to_be_visible()
    expect(saved_page.get_by_text(re.compile(r"They differ by \d+\.\d%"))).to_be_visible()
    pair = np.asarray(pixels_of(found).convert("L"))
    own, nearest = pair[:, :28].astype(float), pair[:, 30:]
    assert np.sqrt(((own - nearest) ** 2).mean()) / 255 < 0.15
    grid = picture_in(saved_page, "latent-grid")
    z = fingerprint(grid)
    button(saved_page, "Explore this digit").click()
    expect_other_latent(grid, z)
    judge = load_digit_classifier().predict(middle_tile(grid, 5)[np.newaxis, ..., np.newaxis])
    assert judge.logits.argmax() == 1  # A stroke from top to bottom.


def test_a_file_that_is_no_digit_is_a_sentence(saved_page: Page) -> None:
    open_tool(saved_page, "Draw a digit")
    expect(saved_page.locator(".pencil canvas")).to_be_visible()
    upload = saved_page.locator("[class*='st-key-digit-upload'] input[type=file]")
    upload.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(saved_page.get_by_text("a.png: not a picture.")).to_be_visible()


def test_vectors_are_added_and_the_result_chosen(saved_page: Page) -> None:
    open_tool(saved_page, "Mix")
    result = saved_page.locator(".st-key-mix-result img")
    expect(result).to_have_attribute("alt", re.compile(r"^Seed 1 \+ Seed 2, step"))
    grid = picture_in(saved_page, "latent-grid")
    z = fingerprint(grid)
    button(saved_page, "Use the result").click()
    expect_other_latent(grid, z)
    shown = np.asarray(pixels_of(result).convert("L")).astype(int)
    assert abs(middle_tile(grid, 5) - shown).max() <= 2


def test_a_digit_is_picked_on_the_map(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    open_tool(saved_page, "Map")
    points = saved_page.locator(".st-key-map .scatterlayer .points path")
    expect(points).to_have_count(2000)
    grid = picture_in(saved_page, "latent-grid")
    z = fingerprint(grid)
    point = points.nth(700)
    point.scroll_into_view_if_needed()
    point.hover(force=True)
    expect(saved_page.locator(".st-key-map .preview")).to_be_visible()
    point.click(force=True)
    expect_other_latent(grid, z)
    expect(saved_page.get_by_text("The chosen z, from the map")).to_be_visible()
    # And by keyboard.
    z = fingerprint(grid)
    chart = saved_page.get_by_role("application", name=re.compile("^Map of 2000 digits"))
    saved_page.mouse.move(0, 0)
    chart.focus()
    for key in ("ArrowRight", "ArrowUp"):
        chart.press(key)
    expect(chart).to_have_attribute("aria-label", re.compile(r": a digit seen as \d$"))
    expect(saved_page.locator(".st-key-map .preview")).to_be_visible()
    chart.press("Enter")
    expect_other_latent(grid, z)


def test_the_same_z_is_seen_through_training(live_page: Page, studio: Studio) -> None:
    open_tool(live_page, "Through training")
    strip = live_page.locator(".st-key-moments-strip img")
    expect(strip).to_have_attribute("alt", re.compile("^The chosen z at steps 0, "))
    shown = live_page.locator(".st-key-moments-moment img")
    expect(shown).to_have_attribute("alt", re.compile("at step [1-9]"))
    slider = live_page.locator(".st-key-through-training").get_by_role("slider", name="Step")
    slider.press("Home")
    expect(shown).to_have_attribute("alt", re.compile("at step 0$"))
    grey = np.asarray(pixels_of(shown).convert("L")).astype(int)
    assert abs(grey - 128).max() < 60  # A network that has learned nothing.


def test_a_walk_and_the_pad_are_seen_through_training(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    open_tool(saved_page, "Through training")
    choices = saved_page.get_by_test_id("stMainBlockContainer")
    choices.get_by_text("The walk below", exact=True).click()
    shown = saved_page.locator(".st-key-moments-moment img")
    expect(shown).to_have_attribute("alt", re.compile("^The walk below at step 54638"))
    walk = picture_in(saved_page, "interpolation")
    assert pixels_of(shown).size == pixels_of(walk).size
    now, there = (np.asarray(pixels_of(it).convert("L")).astype(int) for it in (shown, walk))
    assert abs(now - there).max() <= 2
    choices.get_by_text("The pad", exact=True).click()
    place = saved_page.locator(".st-key-through-training")
    field = place.get_by_role("slider", name="Slant across, Thickness down")
    digit = place.locator("canvas.digit")
    expect(digit).to_have_attribute("aria-label", re.compile("step 54638$"))
    place.get_by_role("slider", name="Step").press("Home")
    expect(digit).to_have_attribute("aria-label", re.compile("step 0$"))
    grid = picture_in(saved_page, "latent-grid")
    z = fingerprint(grid)
    field.click(position={"x": 20, "y": 200})
    expect_other_latent(grid, z)


def test_the_networks_are_seen_from_inside(saved_page: Page) -> None:
    open_tool(saved_page, "Inside")
    inside = saved_page.locator(".st-key-inside")
    image = inside.locator("img[alt^='Layer image, the picture']")
    expect(image).to_be_visible()
    maps = inside.locator("img[alt^='Layer up_1_relu, 24 maps of 14×14']")
    expect(maps).to_be_visible()
    drawn = np.asarray(pixels_of(image).convert("L")).astype(int)
    digit = middle_tile(picture_in(saved_page, "latent-grid"), 5)
    assert abs(drawn - digit).max() <= 2
    expect(
        inside.get_by_text(
            re.compile(r"^The generator's digit: \d+% real, says the discriminator$")
        )
    ).to_be_visible()
    assert inside.locator("img[alt*='and its saliency']").count() == 3


def test_many_digits_come_back_from_their_picture(saved_page: Page) -> None:
    sheet = saved_page.locator(".st-key-sheet-picture img")
    seed = saved_page.get_by_role("spinbutton", name="Seed", exact=True)
    seed.fill("11")
    seed.press("Enter")
    expect(sheet).to_have_attribute("alt", re.compile("of seed 11"))
    _, png = download(saved_page, saved_page.locator("body"), "Save sheet as PNG")
    saved_page.reload()
    expect(sheet).to_have_attribute("alt", re.compile("of seed 0"))
    button(saved_page, "Open a picture").click()
    upload = saved_page.locator("[class*='st-key-view-upload'] input[type=file]")
    upload.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png})
    expect(sheet).to_have_attribute("alt", re.compile("of seed 11"))


def test_by_touch_a_digit_is_drawn_and_the_pad_chooses(
    open_context: Callable[..., BrowserContext], idle_studio: Studio
) -> None:
    options = {"has_touch": True, "is_mobile": True, "viewport": {"width": 420, "height": 900}}
    page = open_context(**options).new_page()
    page.goto(f"{idle_studio.url}/explore")
    grid = picture_in(page, "latent-grid")
    expect(grid).to_be_visible()
    expect_named_sliders(page)
    fingers = page.context.new_cdp_session(page)

    def draw_over(place: Locator, ends: tuple[float, float]) -> None:
        place.scroll_into_view_if_needed()
        box = place.bounding_box()
        assert box
        across = box["x"] + box["width"] / 2
        for number in range(9):
            share = ends[0] + (ends[1] - ends[0]) * number / 8
            point = {"x": across, "y": box["y"] + box["height"] * share}
            kind = "touchMove" if number else "touchStart"
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    open_tool(page, "Pad")
    field = page.get_by_role("slider", name="Slant across, Thickness down")
    expect(field).to_be_visible()
    z = fingerprint(grid)
    draw_over(field, (0.2, 0.9))
    expect_other_latent(grid, z)
    open_tool(page, "Draw a digit")
    draw_over(page.locator(".pencil canvas"), (0.2, 0.8))
    expect(page.get_by_text(re.compile(r"They differ by \d+\.\d%"))).to_be_visible()


def test_pins_stay_with_the_run_and_travel(
    live_page: Page, studio: Studio, open_context: Callable[..., BrowserContext]
) -> None:
    grid = picture_in(live_page, "latent-grid")
    z = fingerprint(grid)
    live_page.get_by_label("Name of the pin").fill("mine *bold*")
    live_page.get_by_label("Name of the pin").press("Enter")
    button(live_page, "Pin this digit").click()
    tray = live_page.locator(".st-key-pins")
    expect(tray.get_by_role("button", name="mine *bold*")).to_be_visible()
    # In another tab, from the disk.
    tab = open_context().new_page()
    tab.goto(f"{studio.url}/explore")
    button(tab, "Surprise me").click()
    other = picture_in(tab, "latent-grid")
    expect_other_latent(other, z)
    tab.locator(".st-key-pins").get_by_role("button", name="mine *bold*").click()
    expect(other).to_have_attribute("alt", re.compile(f"z={z}$"))
    expect(tab.get_by_text("The chosen z, from the pin mine *bold*")).to_be_visible()
    # Out and in again.
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


def test_a_picture_and_a_link_bring_the_view_back(
    saved_page: Page, idle_studio: Studio, open_context: Callable[..., BrowserContext]
) -> None:
    expect_named_sliders(saved_page)
    grid = picture_in(saved_page, "latent-grid")
    z = fingerprint(grid)
    slant = saved_page.locator(".st-key-latent-sliders").get_by_role("slider").first
    slant.press("ArrowRight")
    expect_other_latent(grid, z)
    moved, src = fingerprint(grid), grid.get_attribute("src")
    saved_page.wait_for_url(re.compile("z="))
    _, png = download(saved_page, saved_page.locator("body"), "Download PNG")

    linked = open_context().new_page()
    linked.goto(saved_page.url)
    expect(picture_in(linked, "latent-grid")).to_have_attribute("src", src or "")

    opened = open_context().new_page()
    opened.goto(f"{idle_studio.url}/explore")
    expect_named_sliders(opened)
    button(opened, "Open a picture").click()
    upload = opened.locator("[class*='st-key-view-upload'] input[type=file]")
    upload.set_input_files({"name": "no.png", "mimeType": "image/png", "buffer": b"GIF89a"})
    expect(opened.get_by_text("This is not a PNG file")).to_be_visible()
    upload.set_input_files({"name": "grid.png", "mimeType": "image/png", "buffer": png})
    again = picture_in(opened, "latent-grid")
    expect(again).to_have_attribute("alt", re.compile(f"z={moved}$"))
    assert again.get_attribute("src") == src
