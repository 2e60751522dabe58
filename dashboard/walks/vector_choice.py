"""The choice of several latent vectors by name: pins, the best of each digit, seeds.

A number that is typed is a seed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.generators import class_examples, findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import run_pins
from dashboard.shared import selection
from dcgan.config.settings import MAX_SEED

SELECTED = "The selected digit"
_SEED, _BEST, _PIN = "Seed ", "A clear ", "Pin: "


def ask_for_vectors(
    source: GeneratorSource,
    label: str,
    *,
    key: str,
    default: Sequence[str],
    help_text: str,
    of_all_classes: bool = False,
) -> list[tuple[str, np.ndarray]]:
    """Render the choice; return the vectors with their names, float32, shape (latent_dim,).

    Args:
        source: The generator whose pins and digits can be chosen.
        label, key, help_text: Of the widget.
        default: Names as returned by `name_seed`, or SELECTED.
        of_all_classes: Whether the best of each class can be chosen, also of classes that the
            source does not draw.
    """
    known = _list_known(source, of_all_classes=of_all_classes)
    names = st.multiselect(
        label,
        [*known, *(name for name in default if name not in known)],
        default=None if key in st.session_state else list(default),
        key=key,
        persist_state="session",
        accept_new_options=True,
        placeholder="Choose, or type a seed",
        help=help_text,
    )
    chosen, later = [], []
    is_sorted = findings_cache.get_findings(source) is not None
    for name in names:
        vector = known.get(name)
        if vector is None:
            vector = _parse_seed(name, source.latent_dim)
        if vector is None and name.startswith(_BEST) and not is_sorted:
            later.append(name)
        elif vector is None:
            st.caption(f":material/warning: {escape_markdown(_explain_missing(name))}")
        else:
            chosen.append((name, vector))
    if later:
        st.caption(f"The digits are being sorted to find: {', '.join(later)}.")
    return chosen


def _explain_missing(name: str) -> str:
    if is_pin(name):
        return f"{name.removeprefix(_PIN)} is not a pin of this run."
    if name.startswith(_BEST):
        return f"This generator draws no {name.removeprefix(_BEST)}."
    return f"{name} is not a seed: a whole number from 0 to {MAX_SEED:,}."


def find_class_name(source: GeneratorSource, name: str) -> str | None:
    """Return the class that a vector of the choice comes with; None if it has none of its own."""
    if name == SELECTED:
        return source.class_name
    if name.startswith(_BEST):
        return name.removeprefix(_BEST)
    pins = {f"{_PIN}{pin.name}": pin.class_name for pin in run_pins.list_pins(source)}
    return pins.get(name) or None


def is_best(name: str) -> bool:
    """Return whether a vector of the choice is the best of a digit."""
    return name.startswith(_BEST)


def is_pin(name: str) -> bool:
    """Return whether a vector of the choice is a pin."""
    return name.startswith(_PIN)


def name_digit(digit: int) -> str:
    """Return the name of the best of a digit in the choice."""
    return f"{_BEST}{digit}"


def name_as(name: str, class_name: str) -> str:
    """Return the name of a vector that is drawn as a class."""
    is_own = name == f"{_BEST}{class_name}"
    return f"a clear {class_name}" if is_own else f"{name} as {class_name}"


def name_seed(seed: int | str) -> str:
    """Return the name of a seed's vector in the choice."""
    return f"{_SEED}{seed}"


def name_best(source: GeneratorSource, digits: Sequence[int]) -> list[str]:
    """Return the names of the best of some digits; of seeds if the generator draws not all."""
    known = _list_known(source, of_all_classes=True)
    names = [name_digit(digit) for digit in digits]
    if all(name in known for name in names):
        return names
    return [name_seed(seed) for seed in range(1, len(digits) + 1)]


def list_best_of_classes(source: GeneratorSource) -> dict[str, np.ndarray]:
    """Return the best of each class by their names; until they are known, of any digit of it."""
    examples = class_examples.get_examples(source)
    vectors = {}
    for digit in class_examples.list_digits(source):
        best = examples.get(digit)
        if best is None:
            best = selection.sample_z(int(digit), source.latent_dim)
        vectors[name_digit(int(digit))] = best
    return vectors


def _list_known(source: GeneratorSource, *, of_all_classes: bool) -> dict[str, np.ndarray]:
    vectors = {SELECTED: selection.get_current(source.latent_dim).z.astype(np.float32)}
    for pin in run_pins.list_pins(source):
        vectors[f"{_PIN}{pin.name}"] = pin.vector
    if of_all_classes and class_examples.list_digits(source):
        return vectors | list_best_of_classes(source)
    findings = findings_cache.get_findings(source)
    if findings is not None:
        # A generator of one class draws another digit only where it fails.
        for digit in source.digits if source.digit is None else [source.digit]:
            best = findings.survey.find_clearest(digit, 1)
            if len(best):
                vectors[f"{_BEST}{digit}"] = findings.survey.z[best[0]]
    return vectors


def _parse_seed(name: str, latent_dim: int) -> np.ndarray | None:
    digits = name.removeprefix(_SEED).strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 10:
        return None
    seed = int(digits)
    return selection.sample_z(seed, latent_dim) if seed <= MAX_SEED else None
