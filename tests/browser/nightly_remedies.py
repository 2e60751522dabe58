"""Trials of a verdict's suggestions on the Train page; a minute, so only in nightly runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .accessibility import expect_accessible
from .page_elements import (
    button,
    loss_chart,
    open_all_settings,
    stop_training,
    wait_for_step_after,
)
from .studio import Studio

pytestmark = pytest.mark.browser


def test_suggestions_are_tried_side_by_side_and_one_is_adopted(
    training_page: Page, studio: Studio
) -> None:
    stop_training(training_page)
    training_page.get_by_text("Change settings", exact=True).click()
    open_all_settings(training_page)
    # The discriminator hardly learns, so the generator fools it.
    training_page.get_by_role("spinbutton", name="Discriminator learning rate").fill("0.00002")
    button(training_page, "Start training").click()
    button(training_page, "Test remedies").click()
    results = training_page.locator(".st-key-remedies")
    button(results, "Other ways to continue").click()
    expect(button(training_page, "Continue unchanged")).to_be_visible()
    # The remedy that helped most is outside of the menu, if one has helped.
    adopt = training_page.get_by_role("button", name=re.compile("^Continue with "))
    expect(adopt.first).to_be_visible()
    expect(results).to_contain_text("Quick distance to real digits")
    expect(results).to_contain_text("Do nothing again")
    cards = results.locator("[class*='st-key-remedy-cards'] > *")
    tops = cards.evaluate_all("cards => cards.map((card) => card.getBoundingClientRect().top)")
    # In a window of 1,280 pixels five stand in a row, and six in two.
    assert tops.count(tops[0]) == (3 if len(tops) == 6 else min(5, len(tops)))
    tried = studio.list_own_runs()[0]
    expect_accessible(training_page)
    adopt.first.click()
    expect(button(training_page, "Stop training")).to_be_visible()
    wait_for_step_after(loss_chart(training_page), tried.read_status().step)
    adopted = studio.list_own_runs()[0]
    assert adopted.name != tried.name
    assert adopted.config.discriminator_learning_rate > tried.config.discriminator_learning_rate
    stop_training(training_page)
