"""Walks on the Explore page, and pictures and links that restore what it showed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .explore_page import (
    add_stop,
    expect_named_sliders,
    expect_other_latent,
    open_tool,
    read_fingerprint,
)
from .page_elements import button, download, measure_box, picture_in, read_image
from .studio import Studio

pytestmark = pytest.mark.browser


def test_a_walk_changes_with_its_stops_and_its_path(saved_page: Page) -> None:
    expect_named_sliders(saved_page)
    pictures = saved_page.locator(".st-key-interpolation img[alt]")
    expect(pictures).to_have_count(2)
    strip, film = pictures.nth(0), pictures.nth(1)
    assert getattr(read_image(film), "n_frames", 1) > 1
    scroll_to_end = "node => node.scrollTo(0, node.scrollHeight)"
    saved_page.get_by_test_id("stMain").evaluate(scroll_to_end)
    caption = measure_box(saved_page.locator(".st-key-explore-stage p:visible").first)
    files = measure_box(saved_page.locator(".st-key-explore-files"))
    assert caption["y"] + caption["height"] <= files["y"]  # Also where the page ends.
    z, src = read_fingerprint(strip), strip.get_attribute("src")
    saved_page.get_by_text("Walk options").click()
    saved_page.get_by_role("radio", name="Straight").click()
    expect_other_latent(strip, z)
    assert strip.get_attribute("src") != src
    z, src = read_fingerprint(strip), strip.get_attribute("src")
    add_stop(saved_page, "11")
    expect_other_latent(strip, z)
    assert strip.get_attribute("src") != src
    expect(film).to_have_attribute(
        "alt", re.compile("from The selected digit as 3 to a clear 8 to 11 as 3 by lerp")
    )


def test_a_walk_can_be_a_closed_curve_at_constant_speed(saved_page: Page) -> None:
    strip = picture_in(saved_page, "interpolation")
    film = saved_page.locator(".st-key-interpolation img[alt*='animation']")
    expect_named_sliders(saved_page)
    add_stop(saved_page, "A clear 7")
    saved_page.get_by_text("Walk options").click()
    for choice in ("Smooth curve", "Loop", "Constant speed"):
        z = read_fingerprint(strip)
        saved_page.get_by_text(choice, exact=True).click()
        expect_other_latent(strip, z)
    expect(film).to_have_attribute(
        "alt", re.compile("to 7 by spline, as a loop, at constant speed, step")
    )
    # Three legs of 13 frames; a closed walk does not go back.
    assert getattr(read_image(film), "n_frames", 1) == 39


def test_a_saved_sheet_restores_its_seed(saved_page: Page) -> None:
    open_tool(saved_page, "Many digits")
    sheet = saved_page.locator(".st-key-sheet-picture img")
    seed = saved_page.get_by_role("spinbutton", name="Sheet number")
    seed.fill("11")
    seed.press("Enter")
    expect(sheet).to_have_attribute("alt", re.compile("of seed 11"))
    _, png = download(saved_page, saved_page.locator("body"), "Download sheet (PNG)")
    saved_page.reload()
    open_tool(saved_page, "Many digits")
    expect(sheet).to_have_attribute("alt", re.compile("of seed 0"))
    button(saved_page, "More").click()
    upload = saved_page.locator("[class*='st-key-view-upload'] input[type=file]")
    upload.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png})
    expect(sheet).to_have_attribute("alt", re.compile("of seed 11"))


def test_a_saved_picture_and_a_link_restore_the_view(saved_page: Page, idle_studio: Studio) -> None:
    expect_named_sliders(saved_page)
    grid = picture_in(saved_page, "latent-grid")
    z, address = read_fingerprint(grid), saved_page.url
    slant = saved_page.locator(".st-key-latent-sliders").get_by_role("slider").first
    slant.press("ArrowRight")
    expect_other_latent(grid, z)
    # The page's own drawing covers the server's picture until the picture of the moved z has come.
    expect(saved_page.locator(".st-key-latent-grid canvas.cover")).to_be_hidden()
    moved, src = read_fingerprint(grid), grid.get_attribute("src")
    saved_page.wait_for_url(lambda url: "z=" in url and url != address)
    _, png = download(saved_page, saved_page.locator("body"), "Download PNG")

    linked = saved_page.context.new_page()
    linked.goto(saved_page.url)
    expect(picture_in(linked, "latent-grid")).to_have_attribute("src", src or "")

    opened = saved_page.context.new_page()
    opened.goto(f"{idle_studio.url}/explore")
    expect_named_sliders(opened)
    button(opened, "More").click()
    upload = opened.locator("[class*='st-key-view-upload'] input[type=file]")
    upload.set_input_files({"name": "no.png", "mimeType": "image/png", "buffer": b"GIF89a"})
    expect(opened.get_by_text("This is not a PNG file")).to_be_visible()
    upload.set_input_files({"name": "grid.png", "mimeType": "image/png", "buffer": png})
    again = picture_in(opened, "latent-grid")
    expect(again).to_have_attribute("alt", re.compile(f"z={moved}$"))
    assert again.get_attribute("src") == src
