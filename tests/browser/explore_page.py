"""Readings of the Explore page, and actions on it, that several test files share."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Locator, Page, expect

from dcgan.digit_classifier.classifier import load_digit_classifier

from .page_elements import button, read_alt, read_grey_levels, wait_for_script_end

_FINGERPRINT = re.compile(r"z=([0-9a-f]{8})$")


def read_fingerprint(picture: Locator) -> str:
    """Return the hash of the latent batch that a picture's `alt` gives."""
    match = _FINGERPRINT.search(read_alt(picture))
    assert match, f"{read_alt(picture)!r} does not end in z= and a hash"
    return match[1]


def expect_other_latent(picture: Locator, before: str) -> None:
    """Wait until a picture shows another latent batch than `before`, a read_fingerprint."""
    expect(picture).to_have_attribute("alt", re.compile(f"z=(?!{before})[0-9a-f]{{8}}$"))


def read_middle_digit(picture: Locator, size: int) -> np.ndarray:
    """Return the grey levels of the digit in the middle of a grid of size × size digits, int."""
    pixels = read_grey_levels(picture)
    gap = 2  # Pixels between two digits.
    pitch = (len(pixels) + gap) // size
    start, end = size // 2 * pitch, (size // 2 + 1) * pitch - gap
    return pixels[start:end, start:end]


def classify_digit(digit: np.ndarray) -> np.ndarray:
    """Return the digit classifier's probabilities of the ten digits.

    Args:
        digit: Grey levels, shape (28, 28).
    """
    pixels = digit.astype(np.uint8)[np.newaxis, ..., np.newaxis]
    return load_digit_classifier().predict(pixels).probabilities[0]


def add_stop(page: Page, stop: str) -> None:
    """Add a stop to the walk: an option of the field, or a seed."""
    field = page.locator(".st-key-interpolation").get_by_role("combobox", name="Digits on the way")
    wait_for_script_end(page)  # It empties a field in which somebody types.
    field.click()
    field.press_sequentially(stop)
    # Not Enter, which would choose all digits if the field were empty.
    page.get_by_role("option", name=stop).first.click()
    expect(page.locator(".st-key-interpolation").get_by_text(stop, exact=True)).to_be_visible()
    page.keyboard.press("Escape")


def use_seeds_as_stops(page: Page, *seeds: str) -> None:
    """Replace the stops of the walk by seeds."""
    walk = page.locator(".st-key-interpolation")
    stops = walk.locator("[data-tag]").evaluate_all("nodes => nodes.map((node) => node.ariaLabel)")
    for seed in seeds:
        add_stop(page, seed)
    for stop in stops:
        button(page, f"Remove {stop}").click()
        expect(walk.get_by_text(stop, exact=True)).to_have_count(0)


def expect_named_sliders(page: Page) -> None:
    """Wait until the sliders have names; before the survey each moves one number of z."""
    expect_sorted_digits(page)
    sliders = page.locator(".st-key-latent-sliders")
    expect(sliders.get_by_role("slider", name="Slant")).to_be_visible()


def expect_sorted_digits(page: Page) -> None:
    """Wait until the generator's digits are sorted; before that the first digit is a seed's."""
    # The second of these while a run trains.
    is_measured = re.compile("was measured on|sliders are measured again")
    expect(page.locator(".st-key-slider-choice")).to_contain_text(is_measured)


def open_tool(page: Page, name: str) -> None:
    """Open one of the tabs beside the grid."""
    page.get_by_role("tab", name=name).click()


def open_seed_field(page: Page) -> Locator:
    """Open the grid's options; return the field of the seed."""
    button(page, "Grid options").click()
    return page.get_by_role("spinbutton", name="Picture number (seed)")
