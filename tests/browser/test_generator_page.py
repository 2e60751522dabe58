"""The page of a generator, opened as a file: it draws what TensorFlow draws."""

from __future__ import annotations

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
from dcgan.runs.run_folder import list_included_runs, open_run

from .accessibility import find_problems
from .studio import button

pytestmark = pytest.mark.browser

_NUM_FRAMES = 62  # Of a film: 24 there, 22 back, and a pause of 8 at each end.
TOLERANCE = 2  # Grey levels: the page computes with half-precision weights.
_READ = """canvas => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    return [height, width, Array.from(data).filter((_, index) => index % 4 === 0)];
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of the included run that learned the classes."""
    path = tmp_path_factory.mktemp("page") / "generator.html"
    path.write_text(make_generator_page(open_run(list_included_runs()[1])), "utf-8")
    return path


@pytest.fixture(scope="module")
def sampler() -> Sampler:
    """Return the same generator in TensorFlow."""
    return load_sampler(open_run(list_included_runs()[1]))[0]


@pytest.fixture
def shown(page: Page, file: Path) -> Page:
    """Open the page as a file."""
    page.goto(file.as_uri())
    expect(page.locator("#digit")).to_have_attribute(
        "aria-label", re.compile("^The chosen digit: 3, a clear hand, step ")
    )
    return page


def read(canvas: Locator) -> np.ndarray:
    """Return a canvas's grey levels, int, shape (height, width)."""
    height, width, values = canvas.evaluate(_READ)
    return np.array(values).reshape(height, width)


def assert_equal(canvas: Locator, expected: np.ndarray) -> None:
    """Check that a canvas shows digits side by side; `expected` is (num, side, side, 1), uint8."""
    difference = read(canvas) - np.hstack(list(expected[..., 0].astype(int)))
    assert np.abs(difference).max() <= TOLERANCE


def save(page: Page, place: Locator, name: str) -> tuple[str, Path]:
    with page.expect_download() as waiting:
        button(place, name).click()
    return waiting.value.suggested_filename, Path(waiting.value.path())


def test_the_digits_are_those_of_tensorflow(shown: Page, file: Path, sampler: Sampler) -> None:
    assert file.stat().st_size < 2_000_000
    data = json.loads(shown.locator("#page-data").text_content() or "")
    z = np.array(data["examples"][0]["z"], np.float32)
    digit = shown.locator("#digit")
    assert_equal(digit, sampler.generate(z[np.newaxis], [3]))
    shown.get_by_role("radio", name="7").check()
    assert_equal(digit, sampler.generate(z[np.newaxis], [7]))
    slant = shown.get_by_role("slider", name="Slant")
    vector = np.array(data["vectors"][0])
    slant.fill("1.5")
    moved = z + (1.5 - z @ vector) * vector
    assert_equal(digit, sampler.generate(moved[np.newaxis].astype(np.float32), [7]))
    shown.get_by_role("slider", name="Distance from the average").fill("0.5")
    assert_equal(digit, sampler.generate(moved[np.newaxis].astype(np.float32) / 2, [7]))
    expect(digit).to_have_attribute(
        "aria-label", re.compile("^The chosen digit: 7, a clear hand, moved, step ")
    )


def test_a_number_is_written_and_saved(shown: Page, sampler: Sampler) -> None:
    data = json.loads(shown.locator("#page-data").text_content() or "")
    z = np.array([data["examples"][0]["z"]] * 4, np.float32)
    number = shown.get_by_role("textbox", name="Number")
    number.fill("1984")
    written = shown.locator("#written")
    assert_equal(written, sampler.generate(z, [1, 9, 8, 4]))
    section = shown.locator("section", has=number)
    name, png = save(shown, section, "Save PNG")
    assert name == "1984.png"
    with Image.open(png) as picture:
        pixels = np.asarray(picture.convert("L")).astype(int)
    assert (pixels == read(written).repeat(8, axis=0).repeat(8, axis=1)).all()
    name, gif = save(shown, section, "Save GIF")
    assert name == "1984.gif"
    with Image.open(gif) as film:
        first = np.asarray(film.convert("L")).astype(int)
        assert film.info["duration"] == 70
        film.seek(_NUM_FRAMES // 2)
        middle = np.asarray(film.convert("L")).astype(int)
    assert (first == read(written).repeat(4, axis=0).repeat(4, axis=1)).all()
    assert np.abs(middle - first).mean() > 5  # The hand has changed.
    number.fill("19x")
    expect(shown.locator("#text-problem")).to_contain_text("“x” can't be drawn")
    expect(button(section, "Save PNG")).to_be_disabled()


def test_a_digit_of_the_grid_is_chosen_by_keyboard_and_walked_from(shown: Page) -> None:
    cells = shown.locator("#grid button")
    expect(cells).to_have_count(60)
    cells.first.focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        shown.keyboard.press(key)
    chosen = cells.nth(11)  # The second row, the second class.
    expect(chosen).to_have_attribute("aria-pressed", "true")
    digit, film = shown.locator("#digit"), shown.locator("#film")
    assert (read(digit) == read(chosen.locator("canvas"))).all()
    seed = shown.get_by_role("spinbutton", name="Seed")
    expect(digit).to_have_attribute(
        "aria-label", re.compile(f"^The chosen digit: 1, seed {seed.input_value()}, step ")
    )
    assert (read(film) == read(digit)).all()  # The walk starts there.
    button(shown, "Play").click()
    expect(shown.locator("#moment")).not_to_have_value("0")
    button(shown, "Pause").click()
    walk = shown.locator("section", has=film)
    name, gif = save(shown, walk, "Save GIF")
    assert name == "pretrained-writes-numbers-walk.gif"
    with Image.open(gif) as picture:
        assert (getattr(picture, "n_frames", 1), picture.size) == (_NUM_FRAMES, (224, 224))
        first = np.asarray(picture.convert("L")).astype(int)
    assert (first == read(digit).repeat(8, axis=0).repeat(8, axis=1)).all()


def test_a_phone_shows_the_page_in_its_width(
    file: Path, open_context: Callable[..., BrowserContext]
) -> None:
    phone = open_context(offline=True, viewport={"width": 390, "height": 844}).new_page()
    phone.goto(file.as_uri())
    expect(phone.locator("#grid button")).to_have_count(60)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    for scheme in ("dark", "light"):
        phone.emulate_media(color_scheme=scheme)
        assert find_problems(phone) == []
    phone.get_by_role("slider", name="Slant").scroll_into_view_if_needed()
    expect(phone.locator("#digit")).to_be_in_viewport(ratio=1)
