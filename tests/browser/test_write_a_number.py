"""A run that learns the classes: a number is written while it trains, saved and linked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from dcgan.images.png_recipe import read_recipe

from .explore_page import expect_other_latent, open_tool, read_fingerprint
from .page_elements import (
    button,
    download,
    measure_box,
    open_training,
    picture_in,
    read_image,
    stop_training,
    wait_for_step_after,
)
from .studio import Studio

pytestmark = pytest.mark.browser


def test_a_number_is_written_while_a_run_learns_the_classes(page: Page, studio: Studio) -> None:
    open_training(page, studio)
    expect(picture_in(page, "sample-grid")).to_have_attribute("alt", re.compile("7 by 10 digits"))

    page.goto(f"{studio.url}/explore")
    page.locator(".st-key-explore-class").get_by_role("radio", name="7", exact=True).click()
    open_tool(page, "Write a number")
    written = picture_in(page, "written")
    # The tool is complete: what is typed while it is rendered can be lost.
    expect(written).to_have_attribute("alt", re.compile("^2026, written by"))
    expect(page.locator(".st-key-explore-stage")).to_be_hidden()  # It has no effect on the number.
    number = page.get_by_role("textbox", name="Number", exact=True)
    number.fill("1984")
    number.press("Enter")
    expect(written).to_have_attribute("alt", re.compile("^1984, written by the generator of step"))
    save_button = measure_box(button(page, "Download 1984 (PNG)"))
    # In sight without scrolling on a laptop, whose page is 700 pixels high.
    assert save_button["y"] + save_button["height"] < 700
    assert read_image(written).size == (4 * 28, 28)
    wait_for_step_after(written, wait_for_step_after(written, 0))

    z = read_fingerprint(written)
    button(page, "Another handwriting").click()
    expect_other_latent(written, z)
    name, png = download(page, page.locator("body"), "Download 1984 (PNG)")
    assert name == "1984.png"
    assert read_recipe(png)["text"] == "1984"
    name, _ = download(page, page.locator("body"), "Download film (GIF)")
    assert name == "1984-to-1985.gif"

    expect(page).to_have_url(re.compile("class=7"))
    page.goto(page.url.replace("class=7", "class=4"))
    expect(page.locator(".st-key-explore-class").get_by_role("radio", name="4")).to_be_checked()
    page.goto(studio.url)
    stop_training(page)
