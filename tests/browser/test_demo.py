"""Two visitors of a public demo."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from dashboard.process.visitor_runs import VISITORS

from .page_elements import button, loss_chart, wait_for_step_after
from .studio import QUICK, Studio

pytestmark = pytest.mark.browser

_RUN_SECONDS = 10  # As few as a demo may have.


@pytest.fixture(scope="module")
def demo_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Serve a public demo with small networks."""
    studio = Studio(tmp_path_factory.mktemp("demo"))
    yield studio.serve("--demo", "--demo-seconds", str(_RUN_SECONDS), module=QUICK)
    studio.close()


def find_own_cards(page: Page) -> Locator:
    """Return the cards of a visitor's own runs; the included ones cannot be renamed."""
    renamed = page.locator("[class*='st-key-rename-']")
    return page.locator("[class*='st-key-card-']").filter(has=renamed)


def test_the_second_visitor_waits_for_the_first_and_each_has_only_their_own_run(
    page: Page, open_context: Callable[..., BrowserContext], demo_studio: Studio
) -> None:
    first, second = page, open_context().new_page()
    for visitor in (first, second):
        visitor.goto(demo_studio.url)
        expect(button(visitor, "Start training")).to_be_visible()
        expect(visitor.get_by_text("Public demo.")).to_be_visible()
    button(first, "Start training").click()
    expect(button(first, "Stop training")).to_be_visible()
    wait_for_step_after(loss_chart(second), 0)  # All visitors see the run in training.
    button(second, "Start training").click()
    queue = second.locator(".st-key-demo-start")
    expect(queue).to_contain_text("You are 1st in the queue: your training starts in about")
    for command in ("Stop training", "Pause training", "Start training"):
        expect(button(second, command)).to_be_hidden()
    button(first, "Stop training").click()
    expect(button(first, "Start training")).to_be_visible()
    expect(button(second, "Stop training")).to_be_visible()
    expect(button(first, "Stop training")).to_be_hidden()
    # Each visitor sees their own ended run, and not the other visitor's.
    expect(first.locator(".st-key-run-name")).to_contain_text("Stopped")
    expect(second.locator(".st-key-run-name")).to_contain_text("Finished")
    card_texts = []
    for visitor in (first, second):
        visitor.get_by_role("link", name="Runs").click()
        expect(find_own_cards(visitor)).to_have_count(1)
        card_texts.append(find_own_cards(visitor).inner_text())
        button(find_own_cards(visitor), "More").click()
        menu = visitor.locator("[data-testid='stPopoverBody']")
        expect(button(menu, "Delete")).to_be_enabled()
    assert card_texts[0] != card_texts[1]
    button(menu, "Delete").click()
    expect(find_own_cards(second)).to_have_count(0)
    expect(button(second, "Undo")).to_be_visible()
    folders = [path.parent for path in (demo_studio.root / VISITORS).glob("*/*/config.json")]
    assert len(folders) == 1
    assert demo_studio.list_own_runs() == []  # Runs of visitors are not public.
