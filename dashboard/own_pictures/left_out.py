"""The choice of what to leave out of own pictures: near-duplicates, and excluded pictures."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from dashboard.components import field_keys

# Keys of the session.
NEAR_DUPLICATES = "dataset_near_duplicates"  # Of the switch, for `field_keys`.
# The codes of the excluded pictures, and the path of the set that they belong to.
_EXCLUDED = "dataset_excluded"


def choose(path: str, excluded: Iterable[str] = (), near_duplicates: str = "keep") -> None:
    """Choose what to leave out of the pictures of a path, such as what a run left out."""
    exclude(path, frozenset(excluded))
    field_keys.set_value(NEAR_DUPLICATES, near_duplicates == "leave_out")


def get_settings(path: str) -> dict[str, object]:
    """Return the settings `near_duplicates` and `excluded_pictures` for the pictures of a path."""
    is_chosen = is_chosen_for(path)
    leaves_out = is_chosen and field_keys.get_value(NEAR_DUPLICATES, False)
    return {
        "near_duplicates": "leave_out" if leaves_out else "keep",
        "excluded_pictures": tuple(sorted(get_excluded())) if is_chosen else (),
    }


def is_chosen_for(path: str) -> bool:
    """Return whether the choice is about the pictures of a path, not of an earlier one."""
    return bool(st.session_state.get(_EXCLUDED, ("",))[0] == path)


def get_excluded() -> frozenset[str]:
    """Return the codes of the excluded pictures."""
    excluded: frozenset[str] = st.session_state[_EXCLUDED][1]
    return excluded


def exclude(path: str, codes: frozenset[str]) -> None:
    """Exclude the pictures of a path with these codes, and no others."""
    st.session_state[_EXCLUDED] = path, codes
