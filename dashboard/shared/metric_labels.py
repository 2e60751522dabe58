"""The names of metrics on pages, one for each. Imports no Streamlit.

The command line, tables and files keep the field's own word, "Fréchet distance".
"""

from __future__ import annotations

from dcgan.evaluation.metric_info import METRIC_INFO


def get_metric_label(name: str, *, has_digits: bool = True) -> str:
    """Return the name of a metric on pages.

    Args:
        name: One of `METRIC_INFO`.
        has_digits: Whether the pictures are digits.
    """
    if name == "frechet_distance":
        return f"Distance to real {'digits' if has_digits else 'images'}"
    return METRIC_INFO[name].label
