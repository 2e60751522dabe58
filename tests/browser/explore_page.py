"""Reads and actions on the Explore page that several test files share."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Locator, Page, expect

from .studio import alt_of, button, pixels_of

_FINGERPRINT = re.compile(r"z=([0-9a-f]{8})$")


def fingerprint(picture: Locator) -> str:
    """Return the hash of the latent batch that a picture's `alt` gives."""
    found = _FINGERPRINT.search(alt_of(picture))
    assert found, f"{alt_of(picture)!r} does not end in z= and a hash"
    return found[1]


def expect_other_latent(picture: Locator, before: str) -> None:
    """Wait until a picture shows another latent batch than `before`, a fingerprint."""
    expect(picture).to_have_attribute("alt", re.compile(f"z=(?!{before})[0-9a-f]{{8}}$"))


def middle_tile(picture: Locator, size: int) -> np.ndarray:
    """Return the digit in the middle of a square grid of size × size."""
    pixels = np.asarray(pixels_of(picture).convert("L"))
    pitch = (len(pixels) + 2) // size
    start = size // 2 * pitch
    return pixels[start : start + pitch - 2, start : start + pitch - 2]


def add_stop(page: Page, stop: str) -> None:
    """Add a stop to the walk: an option of the field, or a seed."""
    field = page.locator(".st-key-interpolation").get_by_role("combobox", name="Digits on the way")
    field.click()
    field.press_sequentially(stop)
    expect(page.get_by_role("option", name=stop).first).to_be_visible()
    field.press("Enter")
    expect(page.locator(".st-key-interpolation").get_by_text(stop, exact=True)).to_be_visible()
    page.keyboard.press("Escape")


def use_seeds_as_stops(page: Page, *seeds: str) -> None:
    """Replace the stops of the walk by seeds."""
    walk = page.locator(".st-key-interpolation")
    stops = walk.locator("[data-tag]").evaluate_all("nodes => nodes.map((it) => it.ariaLabel)")
    for seed in seeds:
        add_stop(page, seed)
    for stop in stops:
        button(page, f"Remove {stop}").click()
        expect(walk.get_by_text(stop, exact=True)).to_have_count(0)


def expect_named_sliders(page: Page) -> None:
    """Wait until all named sliders are shown; until the survey is done there are others."""
    expect_sorted(page)
    sliders = page.locator(".st-key-latent-sliders")
    expect(sliders.get_by_role("slider", name="Slant")).to_be_visible()


def expect_sorted(page: Page) -> None:
    """Wait until the generator's digits are sorted; until then the first digit is a seed's."""
    expect(page.locator(".st-key-slider-choice")).to_contain_text("was measured on")


def open_tool(page: Page, name: str) -> None:
    """Open one of the tabs beside the grid."""
    page.get_by_role("tab", name=name).click()


def open_seed(page: Page) -> Locator:
    """Open the grid's options; return the field of the seed."""
    button(page, "Grid options").click()
    return page.get_by_role("spinbutton", name="Digit number (seed)")
