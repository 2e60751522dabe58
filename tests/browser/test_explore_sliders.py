"""The sliders of the Explore page, and the grid that the page draws during a drag."""

from __future__ import annotations

import base64
import io
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from dcgan.latent.digit_shapes import measure_shapes

from .explore_page import (
    classify_digit,
    expect_named_sliders,
    expect_other_latent,
    open_seed_field,
    read_fingerprint,
    read_middle_digit,
)
from .page_elements import (
    button,
    choose,
    measure_box,
    picture_in,
    read_grey_levels,
    wait_for_script_end,
    wait_until,
)

pytestmark = pytest.mark.browser


def test_the_first_digit_is_a_clear_3_and_surprise_me_chooses_another(saved_page: Page) -> None:
    grid = picture_in(saved_page, "latent-grid")
    z, digit = read_fingerprint(grid), read_middle_digit(grid, 5)
    assert classify_digit(digit)[3] > 0.99
    expect(grid).to_have_attribute("alt", re.compile("to the right Slant, down Thickness"))
    assert open_seed_field(saved_page).input_value() == ""  # This z is not of a seed.
    saved_page.keyboard.press("Escape")
    button(saved_page, "Another handwriting").click()
    expect_other_latent(grid, z)
    z_of_seed, digit = read_fingerprint(grid), read_middle_digit(grid, 5)
    field = open_seed_field(saved_page)
    expect(field).not_to_have_value("")
    seed = field.input_value()
    field.fill("5")
    field.press("Enter")
    expect_other_latent(grid, z_of_seed)
    assert not np.array_equal(read_middle_digit(grid, 5), digit)
    # The same seed gives the same z again.
    field.fill(seed)
    field.press("Enter")
    expect(grid).to_have_attribute("alt", re.compile(f"from seed {seed}; .*z={z_of_seed}$"))


def test_surprise_me_can_be_clicked_faster_than_the_page_answers(saved_page: Page) -> None:
    grid = picture_in(saved_page, "latent-grid")
    for _ in range(10):
        button(saved_page, "Another handwriting").click(no_wait_after=True)
    expect(grid).to_have_attribute("alt", re.compile(r"from seed \d"))
    wait_for_script_end(saved_page)
    assert saved_page.get_by_text("encountered an error").count() == 0
    seed = open_seed_field(saved_page)
    # The answer to the last click replaces a seed that is typed before it comes, so wait for it.
    wait_until(
        saved_page,
        "([grid, seed]) => grid.alt.includes(`from seed ${seed.value};`)",
        [grid.element_handle(), seed.element_handle()],
    )
    # No slider has kept a value of another seed's z.
    seed.fill("7")
    expect(seed).to_have_value("7")
    seed.press("Enter")
    expect(grid).to_have_attribute("alt", re.compile("from seed 7; "))


def test_the_chosen_digit_stays_in_the_middle_of_a_larger_grid(saved_page: Page) -> None:
    grid = picture_in(saved_page, "latent-grid")
    z, digit = read_fingerprint(grid), read_middle_digit(grid, 5)
    button(saved_page, "Grid options").click()
    size = saved_page.get_by_role("slider", name="Rows and columns")
    size.press("ArrowRight")
    expect(grid).to_have_attribute("alt", re.compile("7 by 7"))
    expect_other_latent(grid, z)
    # Almost the same: rounding may depend on the size of the batch.
    difference = read_middle_digit(grid, 7) - digit
    assert np.abs(difference).max() <= 2


def measure_slant(digit: np.ndarray) -> float:
    """Return how far a digit leans to the right, in degrees."""
    return float(measure_shapes(digit[np.newaxis, ..., np.newaxis]).slant[0])


def test_the_slant_slider_makes_the_digit_lean(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    sliders = saved_page.locator(".st-key-latent-sliders").get_by_role("slider")
    names = sliders.evaluate_all("all => all.map((slider) => slider.ariaLabel)")
    assert names == ["Slant", "Thickness", "Width", "Height", "Roundness"]
    saved_page.get_by_text("More like another digit").click()
    assert sliders.count() > len(names)
    # The text above the sliders scrolls with them: it would hide them.
    text = saved_page.locator(".st-key-latent-sliders .help")
    sliders.last.evaluate("slider => slider.scrollIntoView({ block: 'start' })")
    assert measure_box(text)["y"] < measure_box(sliders.nth(0))["y"] < 60
    sliders.nth(0).evaluate("slider => slider.scrollIntoView({ block: 'center' })")
    grid = picture_in(saved_page, "latent-grid")
    before = read_middle_digit(grid, 5)
    slant = sliders.nth(0)
    for _ in range(12):
        z = read_fingerprint(grid)
        slant.press("ArrowRight")
        expect_other_latent(grid, z)
    assert measure_slant(read_middle_digit(grid, 5)) > measure_slant(before) + 3


def test_the_page_draws_and_describes_the_grid_during_a_drag_as_the_server_after_it(
    saved_page: Page,
) -> None:
    slider = saved_page.get_by_role("slider", name="Slant")
    saved_page.locator("[data-generator]").wait_for(state="attached")
    grid = picture_in(saved_page, "latent-grid")
    before = read_fingerprint(grid)
    box = measure_box(slider)
    across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    saved_page.mouse.move(across, down)
    saved_page.mouse.down()
    saved_page.mouse.move(across + box["width"] / 4, down)
    cover = saved_page.locator(".st-key-latent-grid canvas.cover")
    wait_until(saved_page, "node => node.dataset.isComplete === 'true'", cover.element_handle())
    drawn = cover.evaluate("node => node.toDataURL()")
    # The server has not been asked yet.
    described, src = read_fingerprint(grid), grid.get_attribute("src")
    assert described != before
    saved_page.mouse.up()
    expect(cover).to_be_hidden()
    assert grid.get_attribute("src") != src
    assert read_fingerprint(grid) == described
    by_page = np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn.partition(",")[2]))))
    by_server = read_grey_levels(grid)
    assert np.abs(by_page[..., 0] - by_server).max() <= 4  # The page has weights of half precision.


def test_a_drag_that_ends_at_its_start_shows_the_servers_grid_again(saved_page: Page) -> None:
    slider = saved_page.get_by_role("slider", name="Slant")
    saved_page.locator("[data-generator]").wait_for(state="attached")
    grid = picture_in(saved_page, "latent-grid")
    box = measure_box(slider)
    # Pressed at its thumb, so that it has the same value again when the pointer is back. Values
    # are from -2.5 to 2.5, and the middle of the thumb stays 8 pixels inside of the slider.
    share = float(slider.input_value()) / 5 + 0.5
    across, down = box["x"] + 8 + (box["width"] - 16) * share, box["y"] + box["height"] / 2
    cover = saved_page.locator(".st-key-latent-grid canvas.cover")
    saved_page.mouse.move(across, down)
    saved_page.mouse.down()
    saved_page.mouse.move(across + 40, down, steps=4)
    expect(cover).to_be_visible()
    saved_page.mouse.move(across, down, steps=4)
    saved_page.mouse.up()
    expect(cover).to_be_hidden()
    z = read_fingerprint(grid)
    slider.press("ArrowRight")
    expect_other_latent(grid, z)
    expect(cover).to_be_hidden()


def read_z(url: str) -> np.ndarray:
    """Return the z that the server has written into the address of Explore."""
    packed = parse_qs(urlsplit(url).query)["z"][0]
    return np.frombuffer(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), "<f4")


def test_moves_of_several_sliders_at_once_are_all_kept(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    choose(saved_page, "Sliders", "Sliders: z 1 to 12 of 16")
    sliders = saved_page.locator(".st-key-latent-sliders input[type=range]")
    expect(sliders).to_have_count(12)
    # In one script, so that no answer of the server comes in between.
    sliders.evaluate_all(
        """all => [[0, "1"], [1, "-2"], [2, "3"]].forEach(([index, value]) => {
            all[index].value = value;
            for (const name of ["input", "change"]) {
                all[index].dispatchEvent(new Event(name, { bubbles: true }));
            }
        })"""
    )
    # The server takes the first move alone, and the others together.
    saved_page.wait_for_url(lambda url: np.allclose(read_z(url)[:3], [1, -2, 3], atol=1e-6))
    expect(saved_page.locator(".st-key-latent-grid canvas.cover")).to_be_hidden()
    values = saved_page.locator(".st-key-latent-sliders output")
    assert values.all_inner_texts()[:3] == ["1.00", "−2.00", "3.00"]


def test_sliders_can_move_entries_of_z_or_follow_principal_directions(saved_page: Page) -> None:
    grid = picture_in(saved_page, "latent-grid")
    z = read_fingerprint(grid)
    choose(saved_page, "Sliders", "Sliders: z 13 to 16 of 16")  # The second page of them.
    last = saved_page.locator(".st-key-latent-sliders").get_by_role("slider", name="z 16")
    expect(last).to_be_visible()
    last.press("ArrowLeft")
    expect_other_latent(grid, z)
    choose(saved_page, "Sliders", "Sliders: by principal direction")
    sliders = saved_page.locator(".st-key-latent-sliders")
    for name in ("GANSpace 1", "SeFa 6"):
        expect(sliders.get_by_role("slider", name=re.compile(f"^{name} "))).to_be_visible()
    z = read_fingerprint(grid)
    sliders.get_by_role("slider", name=re.compile("^SeFa 1 ")).press("ArrowLeft")
    expect_other_latent(grid, z)
