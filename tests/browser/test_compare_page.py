"""The Compare page: runs in one chart, what differs between them, and digits side by side."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dcgan.runs.measurement_file import MEASUREMENT_NAME

from .accessibility import expect_accessible
from .page_elements import PHONE_SIZE, choose, read_alt, read_image, wait_until
from .studio import Studio, open_included_run

pytestmark = pytest.mark.browser
_LAST_STEP = f"step {max(open_included_run().checkpoints.list_steps())}"


@pytest.fixture
def twin(idle_studio: Studio) -> Iterator[Path]:
    """Copy the included run that the page shows first, as the only run of a person."""
    folder = idle_studio.root / "twin"
    shutil.copytree(open_included_run().path, folder)
    (folder / MEASUREMENT_NAME).unlink()  # As after a person's training.
    yield folder
    shutil.rmtree(folder)  # Other files' tests expect no run there.


def open_parts(page: Page) -> None:
    """Open all parts that are folded below the answer."""
    for name in ("Pictures side by side", "Curves of training", "All numbers"):
        page.locator("summary").filter(has_text=name).click()


def test_two_runs_are_compared_by_charts_and_by_pictures(
    page: Page, idle_studio: Studio, twin: Path
) -> None:
    page.goto(f"{idle_studio.url}/compare")
    open_parts(page)
    chart = page.locator(".st-key-compare-chart [role='img'][alt]")
    expect(chart).to_have_attribute(
        "alt", re.compile(f"^Quick distance to real digits of .*{_LAST_STEP}$")
    )
    # Both runs and the real digits have a line. Plotly is loaded after the page.
    wait_until(
        page, "() => document.querySelector('.st-key-compare-chart .chart').data?.length === 3"
    )
    # The dots of the verdict are above it.
    dots = page.locator(".st-key-compare-dots [role='img'][alt]")
    expect(dots).to_have_attribute(
        "alt", re.compile(r"^Quick distance to real digits of .* 0\.\d\d, ")
    )
    expect_accessible(page)
    choose(page, "Measure", "Generator's loss")
    expect(chart).to_have_attribute("alt", re.compile("^Generator's loss of"))
    result = page.locator(".st-key-compare-result")
    expect(result).to_contain_text("too near to real digits for a quick distance.")
    cards, sentences, below = (
        page.locator(f".st-key-compare-{part}").bounding_box()
        for part in ("cards", "explanations", "dots")
    )
    assert cards
    assert sentences
    assert below
    assert cards["x"] + cards["width"] < sentences["x"]  # Beside two cards, in sight with them.
    assert cards["y"] == pytest.approx(sentences["y"], abs=1)
    assert below["y"] > cards["y"] + cards["height"]
    expect(page.get_by_role("button", name="Measure with 10,000 digits")).to_be_visible()
    expect(page.get_by_role("cell", name="Lowest quick distance so far")).to_be_visible()
    # Both runs have the same pictures, so their difference is grey 128 everywhere.
    difference = page.locator(".st-key-pair_difference-picture img")
    expect(difference).to_be_visible()
    assert f"{_LAST_STEP} to" in read_alt(difference)
    expect(page.get_by_text(re.compile(r"differ by 0\.0%;"))).to_be_visible()
    # One slider moves both runs, until each gets its own.
    first_slider = page.locator(".st-key-pair-steps").get_by_role("slider").first
    first_slider.press("Home")
    for side in ("Left", "Right"):
        picture = page.locator(f".st-key-pair_{side}-picture img")
        expect(picture).to_have_attribute("alt", re.compile(", step 0$"))
    page.get_by_text("Same step, or the nearest").click()
    expect(page.locator(".st-key-pair-steps").get_by_role("slider")).to_have_count(2)
    expect(page.locator(".st-key-pair_Right-picture img")).to_have_attribute(
        "alt", re.compile(", step 0$")
    )
    first_slider.press("End")
    expect(page.get_by_text("choose steps near each other.")).to_be_visible()
    choose(page, "Left", re.compile(r"\(twin\)"))
    choose(page, "Right", re.compile(r"\(twin\)"))
    first_slider.press("Home")
    expect(page.get_by_text(re.compile(r"differ by [1-9]\d\.\d%;"))).to_be_visible()
    assert read_image(difference).convert("L").getextrema() != (128, 128)
    config = (twin / "config.json").read_text(encoding="utf-8")
    (twin / "config.json").write_text(config.replace('"seed": 0', '"seed": 4'), encoding="utf-8")
    # The address holds the choice, also through the reload.
    chosen = page.url
    assert re.search(r"\?run=twin&run=pretrained", chosen)
    assert "&measure=generator_loss" in chosen
    page.reload()
    expect(page).to_have_url(chosen)
    # The parts of these choices are open.
    for part in ("compare-pair", "compare-curves"):
        expect(page.locator(f".st-key-{part} details[open]")).to_be_visible()
    expect(chart).to_have_attribute("alt", re.compile("^Generator's loss of"))
    expect(difference).to_be_visible()
    # Two runs with other seeds have no difference that says anything.
    choose(page, "Right", re.compile(r"\(pretrained"))
    expect(difference).to_have_count(0)
    expect(page.get_by_text("Difference", exact=True)).to_have_count(0)
    page.set_viewport_size(PHONE_SIZE)
    # Names that need several rows make the chart higher: the plot keeps its height.
    wait_until(
        page,
        """() => {
            const chart = document.querySelector(".st-key-compare-chart .chart");
            const { t, h } = chart?._fullLayout?._size ?? {};
            return t > 60 && h === 301
                && chart.closest(".stElementContainer").offsetHeight === chart.offsetHeight
                && chart.offsetHeight === t + h + 38;
        }""",
    )
    # On a phone too the pictures are side by side and in sight.
    wait_until(
        page,
        """() => {
            const [left, right] = [...document.querySelectorAll(".st-key-pair img")].map(
                (image) => image.getBoundingClientRect());
            return right && left.top === right.top
                && left.right <= right.left && right.right <= 390;
        }""",
    )


def test_the_included_run_is_shown_if_there_is_no_other(page: Page, idle_studio: Studio) -> None:
    page.goto(f"{idle_studio.url}/compare")
    open_parts(page)
    chart = page.locator(".st-key-compare-chart [role='img'][alt]")
    expect(chart).to_have_attribute("alt", re.compile(f"{_LAST_STEP}$"))


def test_a_race_is_planned_in_its_tab_on_a_laptop_and_a_phone(
    page: Page, idle_studio: Studio
) -> None:
    page.goto(f"{idle_studio.url}/compare")
    page.get_by_role("tab", name="Race").click()
    start = page.get_by_role("button", name="Start the race")
    expect(start).to_be_in_viewport()
    expect(page.get_by_text("2 settings × 2 runs × 1 min")).to_be_visible()
    expect_accessible(page)
    page.set_viewport_size(PHONE_SIZE)
    choose(page, "What to compare", "Momentum")
    values = page.get_by_role("textbox", name="Values, separated by commas")
    values.fill("0.5, 0.50")
    values.press("Enter")
    expect(page.get_by_text("is there twice; change one.")).to_be_visible()
    expect(start).to_be_disabled()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
