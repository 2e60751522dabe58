"""Keys of widgets whose value the program sets too, such as by a button that fills in advice.

A browser sends the values of all widgets with each click. If a person clicks before the browser
shows a value that the program has set, it sends the old value of that widget, and this would win.
So a widget gets another key together with its new value: under that key a browser has no old one.
"""

from __future__ import annotations

import streamlit as st

# Keys of the session.
_NUM_SET = "field_keys_num_set"  # By name: how often the program has changed the value.


def get_key(name: str) -> str:
    """Return the key of the widget with a name."""
    num_set = st.session_state.get(_NUM_SET, {}).get(name, 0)
    return f"{name}#{num_set}" if num_set else name


def get_value(name: str, default: object = None) -> object:
    """Return the value of a widget; the default before it has one."""
    return st.session_state.get(get_key(name), default)


def set_value(name: str, value: object) -> None:
    """Set the value of a widget for its next rendering, also of a widget that is rendered."""
    key = get_key(name)
    if key in st.session_state:
        if st.session_state[key] == value:
            return
        num_set = st.session_state.get(_NUM_SET, {})
        st.session_state[_NUM_SET] = {**num_set, name: num_set.get(name, 0) + 1}
    st.session_state[get_key(name)] = value
