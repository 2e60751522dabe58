"""The tools of the Explore page: sorted digits, pad, drawing, mix, map, replay and activations."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from .accessibility import expect_accessible
from .explore_page import (
    classify_digit,
    expect_named_sliders,
    expect_other_latent,
    open_tool,
    read_fingerprint,
    read_middle_digit,
)
from .page_elements import button, measure_box, picture_in, read_grey_levels, read_image, wait_until
from .studio import Studio, open_included_run

pytestmark = pytest.mark.browser


def test_a_digit_is_picked_by_keyboard(saved_page: Page) -> None:
    grid = picture_in(saved_page, "latent-grid")
    z = read_fingerprint(grid)
    open_tool(saved_page, "Pick a digit")
    saved_page.get_by_role("radio", name="7", exact=True).click()
    sevens = saved_page.get_by_role("button", name=re.compile("^A 7, .* sure$"))
    expect(sevens.nth(42)).to_be_visible()  # Many of them are offered.
    sevens.first.focus()
    saved_page.keyboard.press("ArrowRight")
    saved_page.keyboard.press("Enter")
    expect_other_latent(grid, z)
    expect(saved_page.get_by_text("the selected digit, a 7")).to_be_visible()
    assert classify_digit(read_middle_digit(grid, 5)).argmax() == 7


def test_the_pad_previews_the_digit_at_the_pointer_and_a_click_chooses_it(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    open_tool(saved_page, "Pad")
    field = saved_page.get_by_role("slider", name="Width across, Roundness down")
    expect(field).to_be_visible()
    digit = saved_page.locator(".st-key-pad canvas.digit")
    # All digits of the pad come in one picture.
    wait_until(
        saved_page,
        "() => document.querySelector('.st-key-pad canvas.digit')?.getContext('2d')"
        ".getImageData(0, 0, 28, 28).data.some((value, index) => index % 4 == 0 && value > 128)",
    )
    grid = picture_in(saved_page, "latent-grid")
    z, before = read_fingerprint(grid), digit.evaluate("node => node.toDataURL()")
    field.hover(position={"x": 20, "y": 200})
    assert digit.evaluate("node => node.toDataURL()") != before  # Without the server.
    assert read_fingerprint(grid) == z
    field.click(position={"x": 20, "y": 200})
    expect_other_latent(grid, z)
    # By keyboard.
    z, shown = read_fingerprint(grid), field.get_attribute("aria-valuetext")
    field.press("ArrowRight")
    assert field.get_attribute("aria-valuetext") != shown
    field.press("Enter")
    expect_other_latent(grid, z)


def test_a_z_is_found_for_a_drawn_digit_and_a_file_that_is_not_a_picture_is_refused(
    saved_page: Page,
) -> None:
    expect_named_sliders(saved_page)
    open_tool(saved_page, "Draw")
    square = saved_page.locator(".pencil canvas")
    square.scroll_into_view_if_needed()
    box = measure_box(square)

    def locate(x: float, y: float) -> tuple[float, float]:
        """Return the point at these shares of the square's width and height."""
        return box["x"] + box["width"] * x, box["y"] + box["height"] * y

    mouse = saved_page.mouse
    mouse.move(*locate(0.5, 0.2))
    mouse.down()
    mouse.move(*locate(0.5, 0.8), steps=8)
    mouse.up()
    picture = saved_page.locator(".st-key-inversion-picture img")
    expect(picture).to_have_count(2)
    expect(saved_page.get_by_text(re.compile(r"Yours differs from it by \d+\.\d%"))).to_be_visible()
    drawn, nearest = (read_grey_levels(picture.nth(index)) for index in (0, 1))
    assert np.sqrt(((drawn - nearest) ** 2).mean()) / 255 < 0.15
    grid = picture_in(saved_page, "latent-grid")
    z = read_fingerprint(grid)
    button(saved_page, "Explore the closest 1").click()
    expect(button(saved_page, "Explore the closest 1")).to_be_disabled()
    expect_other_latent(grid, z)
    assert classify_digit(read_middle_digit(grid, 5)).argmax() == 1  # A stroke from top to bottom.
    upload = saved_page.locator("[class*='st-key-digit-upload'] input[type=file]")
    upload.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(saved_page.get_by_text("a.png: not a picture.")).to_be_visible()


def test_two_vectors_are_added_and_the_sum_is_chosen(saved_page: Page) -> None:
    open_tool(saved_page, "Mix")
    result = saved_page.locator(".st-key-mix-result img")
    expect(result).to_have_attribute("alt", re.compile(r"^Random 1 \+ Random 2, step"))
    grid = picture_in(saved_page, "latent-grid")
    z = read_fingerprint(grid)
    button(saved_page, "Use the result").click()
    expect_other_latent(grid, z)
    assert abs(read_middle_digit(grid, 5) - read_grey_levels(result)).max() <= 2


def test_a_digit_is_picked_on_the_map_by_pointer_and_by_keyboard(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    open_tool(saved_page, "Map")
    points = saved_page.locator(".st-key-map .scatterlayer .points path")
    # With the ring: around the most similar digit, then around the chosen one.
    expect(points).to_have_count(2001)
    grid = picture_in(saved_page, "latent-grid")
    z = read_fingerprint(grid)
    point = points.nth(700)
    point.scroll_into_view_if_needed()
    point.hover(force=True)
    expect(saved_page.locator(".st-key-map .preview")).to_be_visible()
    point.click(force=True)
    expect_other_latent(grid, z)
    expect(saved_page.get_by_text("The ring marks the selected digit.")).to_be_visible()
    expect(saved_page.get_by_text(re.compile(r"the selected digit, an? \d\."))).to_be_visible()
    # By keyboard.
    z = read_fingerprint(grid)
    chart = saved_page.get_by_role("application", name=re.compile("^Map of 2000 digits"))
    saved_page.mouse.move(0, 0)
    expect(saved_page.locator(".st-key-map .preview")).to_be_hidden()
    chart.focus()
    for key in ("ArrowRight", "ArrowUp"):
        chart.press(key)
    expect(chart).to_have_attribute("aria-label", re.compile(r": a digit seen as \d$"))
    expect(saved_page.locator(".st-key-map .preview")).to_be_visible()
    chart.press("Enter")
    expect_other_latent(grid, z)


def test_a_walk_and_the_pad_are_shown_at_every_checkpoint(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    open_tool(saved_page, "Over time")
    choices = saved_page.get_by_test_id("stMainBlockContainer")
    choices.get_by_text("The walk", exact=True).click()
    last = max(open_included_run().checkpoints.list_steps())
    shown = saved_page.locator(f".st-key-moments-{last} img")
    expect(shown).to_have_attribute("alt", f"The walk at step {last}")
    walk = picture_in(saved_page, "interpolation")
    assert read_image(shown).size == read_image(walk).size
    before = saved_page.locator(".st-key-moments-0 img")
    expect(before).to_have_attribute("alt", "The walk at step 0")
    assert abs(read_grey_levels(shown) - read_grey_levels(walk)).max() <= 2
    choices.get_by_text("The pad", exact=True).click()
    place = saved_page.locator(".st-key-through-training")
    field = place.get_by_role("slider", name="Width across, Roundness down")
    digit = place.locator("canvas.digit")
    expect(digit).to_have_attribute("aria-label", re.compile(f"step {last}$"))
    place.get_by_role("slider", name="Step").press("Home")
    expect(digit).to_have_attribute("aria-label", re.compile("step 0$"))
    grid = picture_in(saved_page, "latent-grid")
    z = read_fingerprint(grid)
    field.click(position={"x": 20, "y": 200})
    expect_other_latent(grid, z)


def test_the_activations_of_both_networks_are_shown(saved_page: Page) -> None:
    open_tool(saved_page, "Inside")
    inside = saved_page.locator(".st-key-inside")
    image = inside.locator("img[alt^='Layer 4: The digit']")
    expect(image).to_be_visible()
    maps = inside.locator("img[alt^='Layer 3: Feature maps, 14×14 pixels: 24 maps']")
    expect(maps).to_be_visible()
    digit = read_middle_digit(picture_in(saved_page, "latent-grid"), 5)
    assert abs(read_grey_levels(image) - digit).max() <= 2
    expect(
        inside.get_by_text(
            re.compile(r"^The generator's digit: \d+% real, says the discriminator$")
        )
    ).to_be_visible()
    assert inside.locator("img[alt*='and its saliency']").count() == 3
    expect_accessible(saved_page)


def test_the_pad_and_the_drawing_square_work_by_touch(
    open_context: Callable[..., BrowserContext], idle_studio: Studio
) -> None:
    options = {"has_touch": True, "is_mobile": True, "viewport": {"width": 420, "height": 900}}
    page = open_context(**options).new_page()
    page.goto(f"{idle_studio.url}/explore")
    grid = picture_in(page, "latent-grid")
    expect(grid).to_be_visible()
    expect_named_sliders(page)
    fingers = page.context.new_cdp_session(page)

    def measure_ends(element: Locator) -> tuple[float, float]:
        """Return where an element begins and ends from the top."""
        box = measure_box(element)
        return box["y"], box["y"] + box["height"]

    def draw_over(element: Locator, ends: tuple[float, float]) -> None:
        """Draw a line down the middle of an element; its ends are shares of the height."""
        element.evaluate("node => node.scrollIntoView({ block: 'end' })")  # Below the grid.
        box = measure_box(element)
        across = box["x"] + box["width"] / 2
        for number in range(9):
            share = ends[0] + (ends[1] - ends[0]) * number / 8
            point = {"x": across, "y": box["y"] + box["height"] * share}
            kind = "touchMove" if number else "touchStart"
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    open_tool(page, "Pad")
    field = page.get_by_role("slider", name="Width across, Roundness down")
    expect(field).to_be_visible()
    stage = page.locator(".st-key-explore-stage")
    tabs = page.get_by_role("tablist")
    assert measure_ends(tabs)[1] <= measure_ends(stage)[0] < measure_ends(field)[0]
    z = read_fingerprint(grid)
    draw_over(field, (0.2, 0.9))
    expect_other_latent(grid, z)
    # The grid stays in sight below the names of pages and tools, in the upper 370 pixels.
    wait_until(
        page,
        """([field, stage]) => {
            field.scrollIntoView({ block: "start" });
            const { top, bottom } = stage.getBoundingClientRect();
            return top > 0 && bottom <= 370;
        }""",
        [field.element_handle(), stage.element_handle()],
    )
    open_tool(page, "Draw")
    # The grid is below the drawing square: this tool shows another picture.
    wait_until(
        page,
        """() => document.querySelector(".st-key-explore-stage").getBoundingClientRect().top
            > document.querySelector(".pencil canvas")?.getBoundingClientRect().bottom""",
    )
    draw_over(page.locator(".pencil canvas"), (0.2, 0.8))
    expect(page.get_by_text(re.compile(r"Yours differs from it by \d+\.\d%"))).to_be_visible()
