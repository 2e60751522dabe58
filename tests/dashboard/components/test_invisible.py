"""The invisible components: the order in which a page writes its address."""

from __future__ import annotations

import json

from tests.dashboard.rendering import prepare_panel, run_page


def render_two_addresses() -> None:
    """Render two components that write different addresses, as the script of a page."""
    import streamlit as st

    from dashboard.components.invisible import replace_address

    replace_address("step=1", key="first")
    replace_address(f"step={st.session_state.step}", key="second")


def test_of_several_addresses_the_last_one_has_the_largest_number() -> None:
    page = prepare_panel(render_two_addresses, step=2)

    def read_numbers() -> list[int]:
        run_page(page)
        return [json.loads(each.proto.json)["number"] for each in page.get("bidi_component")]

    assert read_numbers() == [0, 1]
    assert read_numbers() == [2, 3]
    page.session_state["step"] = 1
    assert read_numbers() == [4, 4]
    # The page need not be sent the same address again.
    assert read_numbers() == [4, 4]
