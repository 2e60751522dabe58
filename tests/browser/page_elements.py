"""Elements of the dashboard's pages: tests find, read and click them."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import FloatRect, JSHandle, Locator, Page, ViewportSize, expect
from playwright.sync_api import TimeoutError as BrowserTimeoutError

from .studio import Studio

PHONE_SIZE: ViewportSize = {"width": 390, "height": 844}  # CSS pixels of a common phone.

# Every page


def button(page: Page | Locator, name: str) -> Locator:
    """Return the button with exactly this accessible name."""
    return page.get_by_role("button", name=name, exact=True)


def picture_in(page: Page, key: str) -> Locator:
    """Return the first picture in the container with this key."""
    return page.locator(f".st-key-{key} img[alt*='step ']").first


def read_image(picture: Locator) -> Image.Image:
    """Return the image that a picture on the page shows, at its own size."""
    encoded = (picture.get_attribute("src") or "").partition(";base64,")[2]
    return Image.open(io.BytesIO(base64.b64decode(encoded)))


def read_grey_levels(picture: Locator) -> np.ndarray:
    """Return a picture's grey levels from 0 to 255, int, shape (height, width)."""
    return np.asarray(read_image(picture).convert("L")).astype(int)


def read_alt(shown: Locator) -> str:
    """Return the `alt` of a picture or chart."""
    alt = shown.get_attribute("alt")
    assert alt, f"{shown} has no alt"
    return alt


def read_step(shown: Locator) -> int:
    """Return the step in the `alt` of a picture or chart."""
    match = re.search(r"step (\d+)", read_alt(shown))
    assert match, f"no step in {read_alt(shown)!r}"
    return int(match[1])


def measure_box(element: Locator) -> FloatRect:
    """Return the place and the size of a visible element, in CSS pixels."""
    box = element.bounding_box()
    assert box is not None, f"{element} is not visible"
    return box


def wait_for_step_after(shown: Locator, step: int) -> int:
    """Wait until a picture or chart shows a later step than `step`; return that later step.

    If the page replaces the element meanwhile, the old one showed another run, so the wait starts
    again with the new one.
    """
    later = None
    while later is None:
        found = wait_until(
            shown.page,
            """([node, step]) => {
                if (!node.isConnected) return { step: null };
                const found = /step (\\d+)/.exec(node.getAttribute("alt"));
                return found && Number(found[1]) > step ? { step: Number(found[1]) } : null;
            }""",
            [shown.element_handle(), step],
        )
        later = found.json_value()["step"]
    return int(later)


def wait_until(page: Page, condition: str, argument: object = None) -> JSHandle:
    """Wait until a function in JavaScript returns something true on the page; return that.

    By default Playwright calls it at each frame, which makes the browser draw sixty a second.
    """
    return page.wait_for_function(condition, arg=argument, polling=100)


def wait_for_script_end(page: Page) -> None:
    """Wait until the server has run the page's script, so that it replaces no element any more."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")


def wait_for_polls(page: Page) -> None:
    """Wait until the server has answered a poll that the page sends after this call."""
    for _ in range(2):  # The first answer may be to an earlier poll.
        with page.expect_response(re.compile("/news\\?")):
            pass


def download(page: Page, place: Locator, name: str) -> tuple[str, bytes]:
    """Click a download button in a place; return the file's name and bytes."""
    with page.expect_download() as waiting:
        button(place, name).click()
    file = waiting.value
    return file.suggested_filename, Path(file.path()).read_bytes()


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    """Choose an option in a select box; a rerun of the page may close its list several times."""
    choice = page.get_by_role("option", name=option, exact=isinstance(option, str))
    for _ in range(6):
        page.get_by_role("combobox", name=label, exact=True).click()
        try:
            choice.click(timeout=20_000)
        except BrowserTimeoutError:
            continue
        return
    raise AssertionError(f"{label} does not offer that option.")


# The Train page


def open_all_settings(page: Page) -> None:
    """Open all groups of settings of the form; a rerun may close one again several times."""
    groups = page.locator(".stVerticalBlock[class*='st-key-form-settings-']")
    expect(groups.first).to_be_visible()
    for group in groups.all():
        for _ in range(6):
            group.locator("summary").click()
            try:
                group.get_by_test_id("stTooltipIcon").first.wait_for(timeout=20_000)
            except BrowserTimeoutError:
                continue
            break
        else:
            raise AssertionError("A group of settings does not open.")


def loss_chart(page: Page) -> Locator:
    """Return the chart of the losses."""
    return page.locator(".st-key-loss-chart [role='img'][alt]")


def open_training(page: Page, studio: Studio) -> None:
    """Open the Train page with a run in training; start one with default settings if necessary."""
    page.goto(studio.url)
    start, stop = button(page, "Start training"), button(page, "Stop training")
    expect(start.or_(stop)).to_be_visible()
    if start.is_visible():
        start.click()
        expect(stop).to_be_visible()
    resume = button(page, "Resume training")
    if resume.is_visible():
        resume.click()
    # While a run is prepared, the charts of the previous run are shown.
    expect(page.locator(".st-key-status")).to_contain_text("Training")
    wait_for_step_after(loss_chart(page), 0)


def stop_training(page: Page) -> None:
    """Stop the run on the Train page and wait until it is saved."""
    button(page, "Stop training").click()
    expect(button(page, "Start training")).to_be_visible()
