"""The choice of several latent vectors by name: pins, the best of each digit, seeds.

What is typed becomes a seed, so any number is a digit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.components.plain_text import literal
from dashboard.explore import pins_panel
from dashboard.shared import selection
from dashboard.state import surveys
from dashboard.state.generator_source import GeneratorSource
from dcgan.config import MAX_SEED

CHOSEN = "The chosen z"
_SEED, _BEST, _PIN = "Seed ", "The best ", "Pin: "


def choose(
    source: GeneratorSource, label: str, *, key: str, default: Sequence[str], explained: str
) -> list[tuple[str, np.ndarray]]:
    """Draw the choice; return each vector under its name, float32, shape (latent_dim,).

    Args:
        source: Whose pins and digits are offered.
        label, key, default: Of the widget; the default as of `seed_name`, or CHOSEN.
        explained: Its help.
    """
    found = _known(source)
    names = st.multiselect(
        label,
        [*found, *(name for name in default if name not in found)],
        default=list(default),
        key=key,
        persist_state="session",
        accept_new_options=True,
        placeholder="Choose, or type a seed",
        help=explained,
    )
    chosen = []
    for name in names:
        vector = found.get(name)
        if vector is None:
            vector = _of_seed(name, source.latent_dim)
        if vector is None:
            st.caption(f":material/warning: {literal(_why_not(source, name))}")
        else:
            chosen.append((name, vector))
    return chosen


def _why_not(source: GeneratorSource, name: str) -> str:
    if name.startswith(_PIN):
        return f"{name.removeprefix(_PIN)} is no pin of this run."
    if name.startswith(_BEST):
        if surveys.get_findings(source) is None:
            return f"{name} is being looked for."
        return f"This generator draws no {name.removeprefix(_BEST)}."
    return f"{name} is no seed, a whole number from 0 to {MAX_SEED:,}."


def seed_name(seed: int) -> str:
    """Return the name under which the vector of a seed is chosen."""
    return f"{_SEED}{seed}"


def _known(source: GeneratorSource) -> dict[str, np.ndarray]:
    found = {CHOSEN: selection.get(source.latent_dim).astype(np.float32)}
    for pin in pins_panel.pins_of(source):
        found[f"{_PIN}{pin.name}"] = pin.vector
    findings = surveys.get_findings(source)
    if findings is not None:
        for digit in range(10):
            best = findings.survey.best(digit, 1)
            if len(best):
                found[f"{_BEST}{digit}"] = findings.survey.z[best[0]]
    return found


def _of_seed(name: str, latent_dim: int) -> np.ndarray | None:
    digits = name.removeprefix(_SEED).strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 10:
        return None
    seed = int(digits)
    return selection.of_seed(seed, latent_dim) if seed <= MAX_SEED else None
