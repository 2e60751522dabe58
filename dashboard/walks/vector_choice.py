"""The choice of several latent vectors by name: pins, clear digits, the selected z and seeds.

A clear digit is the z of the generator's clearest example of a digit. A number that is typed is a
seed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import run_pins
from dashboard.tab import selection
from dashboard.walks import clear_digits
from dcgan.config.settings import MAX_SEED

# The names begin with these.
_SELECTED, _SEED, _CLEAR, _PIN = "The selected ", "Random ", "A clear ", "Pin: "


def ask_for_vectors(
    source: GeneratorSource,
    label: str,
    *,
    key: str,
    default: Sequence[str],
    help_text: str,
    of_all_classes: bool = False,
    selected_z: np.ndarray | None = None,
) -> list[tuple[str, np.ndarray]]:
    """Render the choice; return the vectors with their names, float32, shape (latent_dim,).

    Args:
        source: The generator whose pins and digits can be chosen.
        label, key, help_text: Of the widget.
        default: Names as the functions `name_…` return them.
        of_all_classes: Whether clear digits of all classes can be chosen, also of classes that the
            source does not draw.
        selected_z: The z that is named the selected one, shape (latent_dim,); None for the
            selected z itself.
    """
    vectors = _list_vectors(source, of_all_classes=of_all_classes)
    if selected_z is not None:
        vectors[name_selected(source)] = selected_z
    _rename_selected(source, key)
    names = st.multiselect(
        label,
        [*vectors, *(name for name in default if name not in vectors)],
        default=None if key in st.session_state else list(default),
        key=key,
        persist_state="session",
        accept_new_options=True,
        placeholder="Choose, or type a number",
        help=help_text,
    )
    chosen, unsorted = [], []
    is_search_over = clear_digits.is_search_over(source)
    for name in names:
        vector = vectors.get(name)
        if vector is None:
            vector = _parse_seed(name, source.latent_dim)
        if vector is None and is_clear_digit(name) and not is_search_over:
            unsorted.append(name)
        elif vector is None:
            st.caption(f":material/warning: {escape_markdown(_explain_missing(name))}")
        else:
            chosen.append((name, vector))
    if unsorted:
        st.caption(f"The digits are being sorted to find: {', '.join(unsorted)}.")
    return chosen


def _rename_selected(source: GeneratorSource, key: str) -> None:
    """Change the name of the selected z in the choice, if another run's pictures had another noun.

    Otherwise nothing is set, because a value that the server sets is sent to the browser again.
    """
    names: list[str] = st.session_state.get(key, [])
    renamed = [name_selected(source) if is_selected(name) else name for name in names]
    if renamed != names:
        st.session_state[key] = renamed


def list_kinds(source: GeneratorSource) -> str:
    """Return the kinds of vectors that can be chosen, such as "pins, … or any seed"."""
    examples = "a clear example of each digit, " if source.digits else ""
    return (
        f"{examples}pins, the selected {source.noun}, or any seed that you type, a number "
        f"that always gives the same random {source.noun}"
    )


def _explain_missing(name: str) -> str:
    if is_pin(name):
        return f"{name.removeprefix(_PIN)} is not a pin of this run; choose another one."
    if is_clear_digit(name):
        return f"This generator draws no {name.removeprefix(_CLEAR)}; choose another digit."
    return f"{name} is not a seed; type a whole number from 0 to {MAX_SEED:,}."


def find_class_name(source: GeneratorSource, name: str) -> str | None:
    """Return the class that belongs to a vector of the choice; None if none does."""
    if is_selected(name):
        return source.class_name
    if is_clear_digit(name):
        return name.removeprefix(_CLEAR)
    pins = {f"{_PIN}{pin.name}": pin.class_name for pin in run_pins.list_pins(source)}
    return pins.get(name) or None


def is_selected(name: str) -> bool:
    """Return whether a name of the choice stands for the selected z."""
    return name.startswith(_SELECTED)


def is_clear_digit(name: str) -> bool:
    """Return whether a name of the choice stands for a clear digit."""
    return name.startswith(_CLEAR)


def is_pin(name: str) -> bool:
    """Return whether a name of the choice stands for a pin."""
    return name.startswith(_PIN)


def name_selected(source: GeneratorSource) -> str:
    """Return the name of the selected z in the choice."""
    return f"{_SELECTED}{source.noun}"


def name_clear_digit(digit: int) -> str:
    """Return the name of a clear digit in the choice."""
    return f"{_CLEAR}{digit}"


def name_drawn_as(name: str, class_name: str) -> str:
    """Return the name of a vector that is drawn as a class, such as "Random 1 as 3"."""
    is_own = name == f"{_CLEAR}{class_name}"
    return f"a clear {class_name}" if is_own else f"{name} as {class_name}"


def name_seed(seed: int | str) -> str:
    """Return the name of a seed's vector in the choice."""
    return f"{_SEED}{seed}"


def list_digits(names: Sequence[str]) -> list[int]:
    """Return the digits of the chosen clear digits, such as 3 for "A clear 3"."""
    return [int(name.removeprefix(_CLEAR)) for name in names if is_clear_digit(name)]


def _list_vectors(source: GeneratorSource, *, of_all_classes: bool) -> dict[str, np.ndarray]:
    """Return all vectors that can be chosen now by their names, without the vectors of seeds."""
    selected_z = selection.get_current(source.latent_dim).z.astype(np.float32)
    vectors = {name_selected(source): selected_z}
    for pin in run_pins.list_pins(source):
        vectors[f"{_PIN}{pin.name}"] = pin.vector
    # A generator of one class draws another digit only where it fails.
    is_of_all = of_all_classes or not source.class_name
    for digit, z in clear_digits.find_clear_digits(source).items():
        if is_of_all or digit == source.digit:
            vectors[name_clear_digit(digit)] = z
    return vectors


def _parse_seed(name: str, latent_dim: int) -> np.ndarray | None:
    digits = name.removeprefix(_SEED).strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 10:
        return None
    seed = int(digits)
    return selection.sample_z(seed, latent_dim) if seed <= MAX_SEED else None
