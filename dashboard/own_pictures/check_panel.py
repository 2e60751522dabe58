"""The check of the user's pictures on the page: what is in them, what to leave out, and advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np
import streamlit as st

from dashboard.components import field_keys
from dashboard.components.picture import match_mnist_scale, render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.components.strip import StripItem, render_strip
from dashboard.own_pictures import left_out, outliers_panel
from dashboard.process.file_watch import FileWatch
from dashboard.process.picture_checks import PictureCheck
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.data.held_out import compute_num_held_out
from dcgan.data_check.advice import advise
from dcgan.data_check.check import DataCheck
from dcgan.data_check.contact_sheet import choose_shown, draw_contact_sheet
from dcgan.errors import ConfigError
from dcgan.pictures.picture_limits import MIN_IMAGES

_ROWS, _COLUMNS, _SCALE = 4, 10, 2
_MAX_ROWS = 10  # With classes, a row for each.
_MAX_GROUPS, _MAX_OF_GROUP = 8, 4


@st.fragment(run_every=0.5)
def render_progress(check: PictureCheck) -> None:
    """Render how far a check has come, and the button that cancels it."""
    if check.wait(0):
        st.rerun()
    progress = check.progress
    share = progress.num_done / max(1, progress.num_total)
    numbers = f": {progress.num_done:,} of {progress.num_total:,}" if progress.num_total else ""
    st.progress(share, text=f"{progress.text}{numbers}")
    st.button(
        "Cancel the check", key="cancel-check", icon=":material/close:", on_click=check.cancel
    )


@st.fragment(run_every=0.5)
def await_files(files: FileWatch) -> None:
    """Render the page again when a slow listing of a large folder has ended."""
    if not files.is_looking:
        st.rerun()


def render(check: DataCheck, chosen: Mapping[str, object], fields: Mapping[str, str]) -> bool:
    """Render what the check has found.

    Args:
        check: The check of the pictures that the form has chosen.
        chosen: The chosen values of settings by name.
        fields: The names, for `field_keys`, of the widgets of settings on which there is advice.

    Returns:
        Whether enough pictures are left to train; if not, an error on the page explains it.
    """
    if not left_out.is_chosen_for(check.path):
        left_out.choose(check.path)
    # A picture that was excluded may have been deleted since.
    left_out.exclude(check.path, left_out.get_excluded().intersection(check.codes))
    dataset, excluded = check.dataset, left_out.get_excluded()
    groups = check.list_near_duplicates(excluded)
    st.caption(escape_markdown(dataset.describe()))
    _render_contact_sheet(dataset)
    _render_left_out(dataset)
    _render_near_duplicates(dataset, groups)
    outliers_panel.render(check)
    num_left = _render_number(check, excluded, groups)
    _render_advice(check, excluded, chosen, fields)
    return num_left >= MIN_IMAGES


def _render_contact_sheet(dataset: ImageDataset) -> None:
    has_classes = dataset.labels is not None
    shown = choose_shown(dataset, _MAX_ROWS if has_classes else _ROWS, _COLUMNS)
    picture = draw_contact_sheet(dataset, shown, scale=1)
    num_shown = int(np.count_nonzero(shown >= 0))
    rows = ", a row for each class" if has_classes else ""
    st.caption(f"{num_shown} of them{rows}, as the networks will see them:")
    render_pixels(
        picture,
        alt=f"{num_shown} of {len(dataset):,} own pictures{rows}, as the networks will see them, "
        "before step 1",
        key="dataset-preview",
        scale=match_mnist_scale(_SCALE, dataset.pixels.shape[1]),
    )


def _render_left_out(dataset: ImageDataset) -> None:
    if not dataset.left_out:
        return
    num_files = sum(dataset.left_out.values())
    with st.expander(f"{num_files:,} left out", icon=":material/block:"):
        more = num_files - len(dataset.examples)
        lines = [*dataset.examples, *([f"and {more:,} more"] if more else [])]
        st.code("\n".join(lines), language=None, height=200 if len(lines) > 8 else "content")


def _render_near_duplicates(dataset: ImageDataset, groups: Sequence[Sequence[int]]) -> None:
    if not groups:
        return
    num_copies = sum(len(group) - 1 for group in groups)
    st.toggle(
        f"Leave out {num_copies:,} near-duplicate{'' if num_copies == 1 else 's'}",
        key=field_keys.get_key(left_out.NEAR_DUPLICATES),
        persist_state="session",
        help="Pictures that are nearly the same as another one, such as copies that are brighter "
        "or moved by a pixel. The first of each group is kept; the files stay as they are.",
    )
    names, pixels = dataset.names, dataset.pixels
    shown = [
        (
            "",
            [
                StripItem(pixels[index], alt=f"{names[index]}", hint=names[index])
                for index in group[:_MAX_OF_GROUP]
            ],
        )
        for group in groups[:_MAX_GROUPS]
    ]
    render_strip(shown, key="near-duplicates", scale=_SCALE, per_row=4)


def _render_number(
    check: DataCheck, excluded: frozenset[str], groups: Sequence[Sequence[int]]
) -> int:
    """Render how many pictures are learned, and the button that includes the excluded ones.

    Returns:
        The number of pictures that are left, with those that will be held out.
    """
    is_left_out = field_keys.get_value(left_out.NEAR_DUPLICATES)
    num_copies = sum(len(group) - 1 for group in groups) if is_left_out else 0
    num_left = len(check.dataset) - len(excluded) - num_copies
    num_held_out = compute_num_held_out(num_left)
    num_learned = num_left - num_held_out
    if num_learned == len(check.dataset):
        return num_left
    held_out = f" {num_held_out:,} are held out to compare with." if num_held_out else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{num_learned:,} of {len(check.dataset):,} pictures will be learned.{held_out}")
        if excluded:
            st.button(
                f"Include the {len(excluded):,} excluded again",
                key="include-all",
                type="tertiary",
                on_click=left_out.exclude,
                args=(check.path, frozenset()),
            )
    if num_left < MIN_IMAGES:
        st.error(
            f"Too few pictures are left: {num_left:,}; at least {MIN_IMAGES} are needed.",
            icon=":material/error:",
        )
    return num_left


def _render_advice(
    check: DataCheck,
    excluded: frozenset[str],
    chosen: Mapping[str, object],
    fields: Mapping[str, str],
) -> None:
    networks = TrainingConfig()
    with suppress(ConfigError):  # The field marks its invalid value.
        networks = TrainingConfig.create(**chosen)
    advice = advise(check, excluded, networks)
    st.markdown(
        "\n".join(
            f"- **{choice}:** {escape_markdown(line)}" for choice, line in advice.lines.items()
        )
    )
    current = {**chosen, **left_out.get_settings(check.path)}
    with st.container(horizontal=True):
        if any(current.get(name) != value for name, value in advice.settings.items()):
            st.button(
                "Use these settings",
                key="use-advice",
                icon=":material/tune:",
                on_click=_apply_advice,
                args=(advice.settings, fields),
            )
        start = advice.start_from
        if start and "start_from" in fields and current.get("start_from") != start:
            st.button(
                f"Use them and start from {start}",
                key="use-start",
                icon=":material/model_training:",
                on_click=_apply_advice,
                args=({**advice.settings, "start_from": start}, fields),
            )


def _apply_advice(settings: Mapping[str, object], fields: Mapping[str, str]) -> None:
    for name in fields.keys() & settings.keys():
        value = settings[name]
        # Number fields hold floats, see `setting_fields`.
        field_keys.set_value(fields[name], float(str(value)) if name == "epochs" else value)
    if "near_duplicates" in settings:
        field_keys.set_value(left_out.NEAR_DUPLICATES, True)
