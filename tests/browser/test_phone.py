"""The pages on a phone: taps instead of clicks, in a window of 390 pixels."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .page_elements import button, loss_chart, measure_box, picture_in, read_alt, wait_until
from .studio import Studio

pytestmark = pytest.mark.browser


def test_on_a_phone_all_pictures_to_sort_and_the_button_below_them_are_in_sight(
    phone: Page, idle_studio: Studio
) -> None:
    phone.goto(idle_studio.url)
    # All of it is where the page keeps a place: the picture below it does not move when it comes.
    start = phone.locator(".st-key-welcome-start")
    expect(start.locator(".st-key-last-run button")).to_be_visible()
    expect(button(start, "Start training")).to_be_visible()
    assert measure_box(start)["height"] == pytest.approx(143, abs=2)
    button(phone, "Can you tell?").click()
    quiz, tiles = phone.locator(".quiz"), phone.locator(".quiz .choices button")
    expect(quiz).to_contain_text("Tap the 10 you think are fakes.")
    check = button(quiz, "Check")
    expect(check).to_be_in_viewport(ratio=1)
    tiles.first.click()
    mark = tiles.first.get_by_text("fake")
    expect(mark).to_be_visible()
    # Between the pictures: on one it would cover what a person judges.
    picture, below = (measure_box(tiles.nth(index).locator("img")) for index in (0, 4))
    assert picture["y"] + picture["height"] <= measure_box(mark)["y"]
    assert measure_box(mark)["y"] + measure_box(mark)["height"] <= below["y"]
    expect(check).to_be_in_viewport(ratio=1)
    for index in range(1, 10):
        tiles.nth(index).click()
    check.click()
    expect(tiles.get_by_text(re.compile(r"D: \d+%")).last).to_be_visible()
    expect(quiz.locator(".score strong")).to_be_in_viewport()


def test_on_a_phone_a_tap_on_a_link_moves_nothing_and_one_on_a_help_changes_nothing(
    phone: Page, idle_studio: Studio
) -> None:
    phone.goto(f"{idle_studio.url}/learn")
    phone.get_by_role("link", name="Train", exact=True).tap()
    expect(phone.locator("[data-testid='stSidebar'][data-collapsed='false']")).to_be_attached()
    # As in `all_pages.css`: without this padding the page would move below the finger.
    expect(phone.get_by_test_id("stMainBlockContainer")).to_have_css("padding-top", "72px")
    phone.locator(".st-key-settings-form summary").first.tap()
    switch = phone.get_by_test_id("stCheckbox").filter(has_text="Learn the classes")
    button(switch, "Help for Learn the classes").tap()
    expect(phone.get_by_role("tooltip")).to_contain_text("ask for a 7")
    state = switch.get_by_role("checkbox").or_(switch.get_by_role("switch"))
    expect(state).to_be_checked()
    # A tap that is a few pixels beside the switch counts.
    box = measure_box(switch.locator("label").first)
    phone.touchscreen.tap(box["x"] + 10, box["y"] + box["height"] + 8)
    expect(state).not_to_be_checked()


def test_on_a_phone_fields_ask_for_digits_targets_fit_fingers_and_the_grid_fills_the_width(
    phone: Page, idle_studio: Studio
) -> None:
    phone.goto(idle_studio.url)
    phone.locator(".st-key-settings-form summary").first.tap()
    field = phone.get_by_label("Epochs", exact=True)
    expect(field).to_have_attribute("inputmode", "decimal")
    expect(field).to_have_css("font-size", "16px")  # An iPhone zooms into a smaller one.
    # Selected text is dark on a light purple, whatever colours the browser has.
    selected = field.evaluate(
        "field => (({ color, backgroundColor }) => [color, backgroundColor])"
        "(getComputedStyle(field, '::selection'))"
    )
    assert selected == ["rgb(23, 19, 31)", "rgb(207, 201, 247)"]
    for target in (
        button(phone, "Start training"),
        button(phone, "Can you tell?"),
        phone.locator(".st-key-form_preset [data-variant='segmented_control']").first,
        phone.get_by_test_id("stSelectbox").locator("[role='group']:visible").first,
        phone.get_by_test_id("stNumberInputContainer").filter(visible=True).first,
    ):
        box = measure_box(target)
        assert min(box["width"], box["height"]) >= 44
    # The "?" looks smaller than the area that takes touches.
    area = "help => getComputedStyle(help, '::after').height"
    assert button(phone, "Help for Epochs").evaluate(area) == "44px"
    phone.locator(".st-key-open-last button").click()
    grid = phone.locator(".st-key-sample-grid")
    picture = grid.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.clientWidth") >= 350  # Of 390, with the page's margins.


def _swipe_up(page: Page, element: Locator) -> None:
    """Move a finger up by 200 pixels, from the middle of an element."""
    box = measure_box(element)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)
    for number in range(11):
        kind = "touchMove" if number else "touchStart"
        point = {"x": x, "y": y - 20 * number}
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    finger.detach()


def test_on_a_phone_charts_on_a_card_lead_to_the_runs_title_and_a_swipe_over_them_scrolls(
    phone: Page, idle_studio: Studio
) -> None:
    phone.goto(f"{idle_studio.url}/runs")
    button(phone, "Open").last.tap()
    chart = loss_chart(phone)
    # Drawn, as the page above it has then got its height.
    expect(chart.locator(".shapelayer path")).not_to_have_count(0)
    expect(phone.locator(".st-key-run-title")).to_be_in_viewport(ratio=1)
    # There is room to scroll, as the page below it has got its height too.
    wait_until(
        phone,
        """chart => {
            chart.scrollIntoView({ block: "center" });
            const main = chart.closest("[data-testid=stMain]");
            return main.scrollHeight - main.scrollTop - main.clientHeight > 200;
        }""",
        chart.element_handle(),
    )
    read_ranges = "({ _fullLayout: { xaxis, yaxis } }) => [xaxis.range, yaxis.range]"
    ranges, top = chart.evaluate(read_ranges), measure_box(chart)["y"]
    _swipe_up(phone, chart)
    wait_until(
        phone,
        "([chart, top]) => chart.getBoundingClientRect().top < top - 100",
        [chart.element_handle(), top],
    )
    assert chart.evaluate(read_ranges) == ranges


# The row of the tools is directly below the bar of the pages, and the panel below an edge.
_IS_DIRECTLY_BELOW = """([panel, edge, row]) => {
    const distance = panel.getBoundingClientRect().top - edge.getBoundingClientRect().bottom;
    return distance >= 0 && distance < 24 && Math.abs(row.getBoundingClientRect().top - 60) < 1;
}"""
# Where the row ends, its last 36 pixels fade.
_IS_BEFORE_THE_FADE = """([tab, row]) =>
    tab.getBoundingClientRect().right < row.getBoundingClientRect().right - 35"""
_IS_WHOLE_AND_LEFT_OF = """([grid, slider]) => {
    const { top, bottom, right } = grid.getBoundingClientRect();
    return top >= 100 && bottom <= innerHeight && right < slider.getBoundingClientRect().left;
}"""


def test_on_a_phone_a_tap_on_a_tool_shows_its_panel_below_the_tools_and_the_grid(
    phone: Page, idle_studio: Studio
) -> None:
    phone.goto(f"{idle_studio.url}/explore")
    expect(picture_in(phone, "latent-grid")).to_be_visible()
    # The selected digit is large beside the grid, and the page draws it while a slider moves.
    selected = phone.locator(".st-key-selected-picture-place img")
    assert measure_box(selected)["width"] >= 120
    wait_until(
        phone,
        """([slider, picture, alt]) => {
            slider.value = slider.max;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            return picture.alt !== alt;
        }""",
        [
            phone.get_by_role("slider").first.element_handle(),
            selected.element_handle(),
            read_alt(selected),
        ],
    )
    assert measure_box(phone.get_by_role("slider").first)["height"] >= 44
    # One row, which scrolls sideways.
    row = phone.get_by_role("tablist")
    assert measure_box(row)["height"] < 60
    # The second tap comes while the first tool is made ready.
    for name, below in (("Map", None), ("Pad", ".st-key-latent-grid"), ("Inside", None)):
        tab = phone.get_by_role("tab", name=name, exact=True)
        tab.tap()
        if name == "Map":
            continue
        expect(tab).to_have_attribute("aria-selected", "true")
        edge = (phone.locator(below) if below else row).element_handle()
        panel = phone.get_by_role("tabpanel", name=name).element_handle()
        wait_until(phone, _IS_DIRECTLY_BELOW, [panel, edge, row.element_handle()])
        wait_until(phone, _IS_BEFORE_THE_FADE, [tab.element_handle(), row.element_handle()])
    # On its side the phone shows the grid beside the sliders, also after a scroll to them.
    phone.get_by_role("tab", name="Sliders").tap()
    phone.set_viewport_size({"width": 844, "height": 390})
    slider = phone.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    grid = picture_in(phone, "latent-grid").element_handle()
    wait_until(phone, _IS_WHOLE_AND_LEFT_OF, [grid, slider.element_handle()])


def test_on_a_phone_the_names_of_the_runs_to_compare_fit_their_boxes(
    phone: Page, idle_studio: Studio
) -> None:
    phone.goto(f"{idle_studio.url}/compare")
    phone.locator("summary").filter(has_text="Pictures side by side").click()
    boxes = phone.locator(".st-key-pair").get_by_role("combobox")
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        assert "Pretrained" in box.input_value()
        assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
