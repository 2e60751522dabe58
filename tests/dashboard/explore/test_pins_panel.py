"""Pins of a run that learned the classes: each keeps its class."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import permissions
from dashboard.explore import pins_panel
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import run_pins
from dcgan.runs.pins import Pin, add_pins, get_pins_path, read_pins
from dcgan.runs.run_folder import Run
from tests.dashboard.rendering import prepare_panel, run_page


def render_panel() -> None:
    """Render the choice of the class and the pins for the source that a test has put there."""
    import streamlit as st

    from dashboard.explore import pins_panel
    from dashboard.recipes import class_choice

    source = class_choice.ask_for_class(st.session_state["source"])
    st.session_state["drawn"] = source.class_name
    pins_panel.render_menu(source)


@pytest.fixture
def tiles(class_run: Run, monkeypatch: pytest.MonkeyPatch) -> dict[str, int | None]:
    """Return what the picture of the pins was last asked to mark, and the next pick."""
    root = class_run.path.parent
    monkeypatch.setattr(run_pins, "get_trainer", lambda: SimpleNamespace(root=root))
    monkeypatch.setattr(permissions, "may_operate", lambda: True)
    found: dict[str, int | None] = {"pick": None, "chosen": None}

    def render_tiles(*_: object, chosen: int | None, **__: object) -> int | None:
        found["chosen"] = chosen
        picked, found["pick"] = found["pick"], None
        return picked

    monkeypatch.setattr(pins_panel, "render_tiles", render_tiles)
    z = (1.0, -1.0, 0.5, 0.0)
    add_pins(
        get_pins_path(class_run, root),
        4,
        [
            Pin(name="a 7", z=z, class_name="7"),
            Pin(name="a 1", z=z, class_name="1"),
            Pin(name="of older times", z=(0.0, 1.0, 0.0, 1.0)),
            Pin(name="of another run", z=(0.0, 1.0, 1.0, 1.0), class_name="Coat"),
        ],
    )
    return found


def open_page(run: Run) -> AppTest:
    return run_page(prepare_panel(render_panel, source=GeneratorSource(run, 0)))


def test_each_pin_is_drawn_in_its_class(
    class_run: Run, tiles: dict[str, int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    generate = GeneratorSource.generate

    def remember(
        self: GeneratorSource, z: np.ndarray, classes: list[int]
    ) -> tuple[np.ndarray, int]:
        drawn.append(classes)
        return generate(self, z, classes)

    monkeypatch.setattr(GeneratorSource, "generate", remember)
    open_page(class_run)
    assert drawn == [[7, 1, 3, 3]]  # Without a known class, the one above the grid.


def test_picking_a_pin_chooses_its_class_too(class_run: Run, tiles: dict[str, int | None]) -> None:
    page = open_page(class_run)
    for pick, drawn in ((1, "1"), (0, "7"), (2, "7"), (3, "7")):
        tiles["pick"] = pick
        run_page(page)
        assert page.session_state["drawn"] == drawn
        assert tiles["chosen"] == pick


def test_the_pin_with_the_frame_is_the_one_that_is_deleted(
    class_run: Run, tiles: dict[str, int | None]
) -> None:
    page = open_page(class_run)
    assert page.button(key="delete-pin").disabled
    tiles["pick"] = 1
    page.run()
    assert "Selected: a 1" in [element.value for element in page.caption]
    page.button(key="delete-pin").click().run()
    names = [pin.name for pin in read_pins(get_pins_path(class_run, class_run.path.parent), 4)]
    assert names == ["a 7", "of older times", "of another run"]
    assert page.button(key="delete-pin").disabled


def test_a_new_pin_keeps_the_class(class_run: Run, tiles: dict[str, int | None]) -> None:
    page = open_page(class_run)
    page.button(key="pin").click().run()
    path = get_pins_path(class_run, class_run.path.parent)
    assert read_pins(path, 4)[-1].class_name == "3"
