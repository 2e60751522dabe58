"""The page of a generator, opened as a file: it draws what TensorFlow draws."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from dcgan.documents.generator_page import make_generator_page
from dcgan.model.sampler import Sampler
from dcgan.runs.checkpoint_generator import load_sampler

from .accessibility import find_problems
from .page_elements import PHONE_SIZE, button, download, wait_until
from .studio import open_included_run

pytestmark = pytest.mark.browser

_NUM_FRAMES = 62  # Of a film: 24 there, 22 back, and a pause of 8 frames at each end.
_TOLERANCE = 2  # Grey levels: the page computes with half-precision weights.
_READ_CANVAS = """canvas => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    return [height, width, Array.from(data).filter((_, index) => index % 4 === 0)];
}"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of the included run that learned the classes."""
    path = tmp_path_factory.mktemp("page") / "generator.html"
    path.write_text(make_generator_page(open_included_run()), "utf-8")
    return path


@pytest.fixture(scope="module")
def sampler() -> Sampler:
    """Return the same generator in TensorFlow."""
    return load_sampler(open_included_run())[0]


@pytest.fixture
def opened_page(page: Page, page_file: Path) -> Page:
    """Open the page as a file."""
    page.goto(page_file.as_uri())
    expect(page.locator("#digit")).to_have_attribute(
        "aria-label", re.compile("^The chosen digit: 3, a clear hand, step ")
    )
    return page


def read_canvas(canvas: Locator) -> np.ndarray:
    """Return a canvas's grey levels, int, shape (height, width)."""
    height, width, values = canvas.evaluate(_READ_CANVAS)
    return np.array(values).reshape(height, width)


def expect_digits(canvas: Locator, expected: np.ndarray) -> None:
    """Expect that a canvas shows digits side by side; `expected` is (num, side, side, 1), uint8."""
    difference = read_canvas(canvas) - np.hstack(list(expected[..., 0].astype(int)))
    assert np.abs(difference).max() <= _TOLERANCE


def test_the_digits_are_those_of_tensorflow(
    opened_page: Page, page_file: Path, sampler: Sampler
) -> None:
    assert page_file.stat().st_size < 2_000_000
    data = json.loads(opened_page.locator("#page-data").text_content() or "")
    z = np.array(data["examples"][0]["z"], np.float32)
    digit = opened_page.locator("#digit")
    expect_digits(digit, sampler.generate(z[np.newaxis], [3]))
    opened_page.get_by_role("radio", name="7").check()
    expect_digits(digit, sampler.generate(z[np.newaxis], [7]))
    slant = opened_page.get_by_role("slider", name="Slant")
    vector = np.array(data["vectors"][0])
    slant.fill("1.5")
    moved = z + (1.5 - z @ vector) * vector
    expect_digits(digit, sampler.generate(moved[np.newaxis].astype(np.float32), [7]))
    opened_page.get_by_role("slider", name="Distance from the average").fill("0.5")
    expect_digits(digit, sampler.generate(moved[np.newaxis].astype(np.float32) / 2, [7]))
    expect(digit).to_have_attribute(
        "aria-label", re.compile("^The chosen digit: 7, a clear hand, moved, step ")
    )


def test_a_number_is_written_and_saved(opened_page: Page, sampler: Sampler) -> None:
    data = json.loads(opened_page.locator("#page-data").text_content() or "")
    z = np.array([data["examples"][0]["z"]] * 4, np.float32)
    number = opened_page.get_by_role("textbox", name="Number")
    number.fill("1984")
    written = opened_page.locator("#written")
    expect_digits(written, sampler.generate(z, [1, 9, 8, 4]))
    section = opened_page.locator("section", has=number)
    name, png = download(opened_page, section, "Save PNG")
    assert name == "1984.png"
    with Image.open(io.BytesIO(png)) as picture:
        pixels = np.asarray(picture.convert("L")).astype(int)
    assert (pixels == read_canvas(written).repeat(8, axis=0).repeat(8, axis=1)).all()
    name, gif = download(opened_page, section, "Save GIF")
    assert name == "1984.gif"
    with Image.open(io.BytesIO(gif)) as film:
        first = np.asarray(film.convert("L")).astype(int)
        assert film.info["duration"] == 70
        film.seek(_NUM_FRAMES // 2)
        middle = np.asarray(film.convert("L")).astype(int)
    assert (first == read_canvas(written).repeat(4, axis=0).repeat(4, axis=1)).all()
    assert np.abs(middle - first).mean() > 5  # The handwriting has changed.
    number.fill("19x")
    expect(opened_page.locator("#text-problem")).to_contain_text("“x” can't be drawn")
    expect(button(section, "Save PNG")).to_be_disabled()


def test_a_digit_of_the_grid_is_chosen_by_keyboard_and_walked_from(opened_page: Page) -> None:
    cells = opened_page.locator("#grid button")
    expect(cells).to_have_count(60)
    cells.first.focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        opened_page.keyboard.press(key)
    chosen = cells.nth(11)  # The second row of ten, the second class.
    expect(chosen).to_have_attribute("aria-pressed", "true")
    digit, film = opened_page.locator("#digit"), opened_page.locator("#film")
    assert (read_canvas(digit) == read_canvas(chosen.locator("canvas"))).all()
    seed = opened_page.get_by_role("spinbutton", name="Digit number")
    expect(digit).to_have_attribute(
        "aria-label", re.compile(f"^The chosen digit: 1, number {seed.input_value()}, step ")
    )
    assert (read_canvas(film) == read_canvas(digit)).all()  # The walk starts there.
    button(opened_page, "Play").click()
    expect(opened_page.locator("#moment")).not_to_have_value("0")
    button(opened_page, "Pause").click()
    walk = opened_page.locator("section", has=film)
    name, gif = download(opened_page, walk, "Save GIF")
    assert name == "pretrained-writes-numbers-walk.gif"
    with Image.open(io.BytesIO(gif)) as picture:
        assert (getattr(picture, "n_frames", 1), picture.size) == (_NUM_FRAMES, (224, 224))
        first = np.asarray(picture.convert("L")).astype(int)
    assert (first == read_canvas(digit).repeat(8, axis=0).repeat(8, axis=1)).all()


def test_a_phone_shows_the_page_in_its_width(
    page_file: Path, open_context: Callable[..., BrowserContext]
) -> None:
    phone = open_context(offline=True, viewport=PHONE_SIZE).new_page()
    phone.goto(page_file.as_uri())
    expect(phone.locator("#grid button")).to_have_count(60)
    # Until a digit is drawn, its canvas is twice as wide as high.
    wait_until(
        phone,
        "() => [...document.querySelectorAll('#grid canvas')].every((c) => c.width === c.height)",
    )
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE_SIZE["width"]
    for scheme in ("dark", "light"):
        phone.emulate_media(color_scheme=scheme)
        assert find_problems(phone) == []
    phone.get_by_role("slider", name="Slant").scroll_into_view_if_needed()
    expect(phone.locator("#digit")).to_be_in_viewport(ratio=1)
