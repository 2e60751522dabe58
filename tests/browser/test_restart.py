"""Pages that stay open while the server restarts, for example for an upgrade."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .page_elements import picture_in, wait_for_script_end
from .studio import QUICK, Studio

pytestmark = pytest.mark.browser


def test_an_open_page_continues_with_the_scripts_of_an_upgraded_server(
    page: Page, own_studio: Studio
) -> None:
    studio = own_studio.serve(module=QUICK)
    page.goto(f"{studio.url}/explore")
    slider = page.get_by_role("slider", name=re.compile("^Thickness"))
    expect(slider).to_be_visible()
    wait_for_script_end(page)
    before = page.url
    slider.press("ArrowRight")
    # A complete rerun, which follows the fragment's rerun, writes the z into the address.
    expect(page).not_to_have_url(before)
    wait_for_script_end(page)
    address, value = page.url, slider.input_value()
    studio.terminate()
    notice = page.get_by_role("alert").filter(has_text="The server does not answer.")
    expect(notice).to_be_visible()
    with page.expect_response(re.compile("/upgraded/sliders\\.js$")) as response:
        studio.serve(module="tests.browser.upgraded_studio")
    assert "// Upgraded." in response.value.text()
    expect(notice).to_have_count(0)

    wait_for_script_end(page)
    expect(slider).to_have_count(1)
    assert (page.url, slider.input_value()) == (address, value)
    grid = picture_in(page, "latent-grid")
    before = grid.get_attribute("alt") or ""
    slider.press("ArrowRight")
    expect(grid).not_to_have_attribute("alt", before)
    expect(page.locator(".st-key-latent-grid canvas.cover")).to_be_hidden()
