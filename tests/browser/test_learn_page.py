"""The Learn page: experiments, both networks layer by layer, and the glossary."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dashboard.experiments.catalog import WALK, find_experiment, get_experiment_number

from .accessibility import expect_accessible
from .page_elements import button, picture_in
from .studio import Studio

pytestmark = pytest.mark.browser


def test_both_networks_are_drawn_layer_by_layer(page: Page, idle_studio: Studio) -> None:
    page.goto(f"{idle_studio.url}/learn")
    page.get_by_text("The two networks", exact=True).click()
    networks = page.locator(".st-key-networks")
    expect(networks.get_by_text("Generator", exact=True).first).to_be_visible()
    expect(networks.get_by_text("Discriminator", exact=True).first).to_be_visible()
    # Output shapes of layers of the default networks.
    expect(networks.get_by_text("28 × 28 × 1").first).to_be_visible()
    expect(networks.get_by_text("7 × 7 × 48").first).to_be_visible()
    assert networks.locator("svg").count() >= 8
    expect_accessible(page)


def test_the_glossary_finds_a_word(page: Page, idle_studio: Studio) -> None:
    page.goto(f"{idle_studio.url}/learn")
    page.get_by_text("Words", exact=True).click()
    field = page.get_by_role("textbox", name="Find a word")
    field.fill("collapse")
    field.press("Enter")
    expect(page.get_by_text("Mode collapse").first).to_be_visible()
    expect(page.get_by_text("EMA decay", exact=True)).to_have_count(0)


def test_a_student_opens_an_experiment_predicts_and_gets_the_answer(
    page: Page, idle_studio: Studio
) -> None:
    page.goto(f"{idle_studio.url}/learn")
    button(page, "Start the lesson").click()
    expect(page.get_by_role("heading", name="Can it draw digits after a minute?")).to_be_visible()
    expect(button(page, "Start the experiment")).to_be_disabled()
    button(page, "All experiments").click()
    # Trains nothing: the studio is shared with tests that need it idle.
    walk = find_experiment(WALK)
    assert walk is not None
    button(page, f"{get_experiment_number(walk)}. {walk.title}").click()
    page.get_by_text("One clean picture after the other").click()
    button(page, "Show the walks").click()
    expect(picture_in(page, "experiment-walks")).to_be_visible()
    expect(page.locator(".st-key-experiment-answer")).to_contain_text("As you predicted")
    expect_accessible(page)
    assert "?experiment=walk&walk=3-" in page.url
    page.reload()
    expect(page.locator(".st-key-experiment-answer")).to_contain_text("As you predicted")
