"""The check of the user's pictures on the page: what is in them, what to leave out, and advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np
import streamlit as st

from dashboard.components.picture import match_mnist_scale, render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.components.strip import StripItem, render_strip
from dashboard.components.tiles import render_tiles
from dashboard.forms import field_keys
from dashboard.process.file_watch import FileWatch
from dashboard.process.picture_checks import PictureCheck
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.data.held_out import compute_num_held_out
from dcgan.data_check.advice import advise
from dcgan.data_check.check import DataCheck
from dcgan.data_check.contact_sheet import choose_shown, draw_contact_sheet
from dcgan.errors import ConfigError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.pictures.picture_limits import MIN_IMAGES

# Keys of the session.
# The codes of the excluded pictures, and the path of the set that they belong to.
_EXCLUDED = "dataset_excluded"
_NEAR_DUPLICATES = "dataset_near_duplicates"
_FIRST_OUTLIER = "dataset_first_outlier"  # Index of the first outlier that is shown.

_ROWS, _COLUMNS, _SCALE = 4, 10, 2
_MAX_ROWS = 10  # With classes, a row for each.
_MAX_OUTLIERS, _OUTLIER_COLUMNS = 24, 8
_MAX_GROUPS, _MAX_OF_GROUP = 8, 4


def set_default(path: str, excluded: tuple[str, ...], near_duplicates: str) -> None:
    """Set what is left out of the pictures of a path, such as by the settings of a run."""
    st.session_state[_EXCLUDED] = (path, frozenset(excluded))
    field_keys.set_value(_NEAR_DUPLICATES, near_duplicates == "leave_out")
    st.session_state[_FIRST_OUTLIER] = 0


def get_selection(path: str) -> dict[str, object]:
    """Return the settings of the pictures to leave out."""
    excluded_path, excluded = st.session_state.get(_EXCLUDED, ("", frozenset()))
    is_left_out = excluded_path == path and field_keys.get_value(_NEAR_DUPLICATES, False)
    return {
        "near_duplicates": "leave_out" if is_left_out else "keep",
        "excluded_pictures": tuple(sorted(excluded)) if excluded_path == path else (),
    }


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
    if st.session_state.get(_EXCLUDED, ("",))[0] != check.path:
        set_default(check.path, (), "keep")
    # A picture that was excluded may have been deleted since.
    _exclude(check.path, _get_excluded().intersection(check.codes))
    dataset, excluded = check.dataset, _get_excluded()
    groups = check.list_near_duplicates(excluded)
    st.caption(escape_markdown(dataset.describe()))
    _render_contact_sheet(dataset)
    _render_left_out(dataset)
    _render_near_duplicates(dataset, groups)
    _render_outliers(check, excluded)
    num_left = _render_number(check, excluded, groups)
    _render_advice(check, excluded, chosen, fields)
    return num_left >= MIN_IMAGES


def _get_excluded() -> frozenset[str]:
    excluded: frozenset[str] = st.session_state[_EXCLUDED][1]
    return excluded


def _exclude(path: str, codes: frozenset[str]) -> None:
    st.session_state[_EXCLUDED] = (path, codes)


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
        key=field_keys.get_key(_NEAR_DUPLICATES),
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


def _render_outliers(check: DataCheck, excluded: frozenset[str]) -> None:
    if not check.outliers:
        return
    num_outliers = len(check.outliers)
    first = st.session_state.get(_FIRST_OUTLIER, 0)
    first = first if first < num_outliers else 0
    outliers = check.outliers[first : first + _MAX_OUTLIERS]
    codes = check.codes
    looks = "looks" if num_outliers == 1 else "look"
    place = ""
    if num_outliers > _MAX_OUTLIERS:
        place = f" Number {first + 1:,} to {first + len(outliers):,}, the most unlike first."
    st.caption(
        f"**{num_outliers:,} {looks} unlike the others.**{place} Pick those that do not belong: "
        "they are left out, and the files stay as they are."
    )
    pixels = check.dataset.pixels[[outlier.index for outlier in outliers]].copy()
    is_out = np.array([codes[outlier.index] in excluded for outlier in outliers], bool)
    pixels[is_out] //= 4
    diagonal = np.arange(pixels.shape[1])
    for row, column in ((diagonal, diagonal), (diagonal, diagonal[::-1])):
        pixels[np.flatnonzero(is_out)[:, np.newaxis], row, column] = 255  # Crossed out.
    columns = min(_OUTLIER_COLUMNS, len(outliers))
    picture = tile(pixels, -(-len(outliers) // columns), columns)
    names = [check.dataset.names[outlier.index] for outlier in outliers]
    picked = render_tiles(
        encode_png(picture),
        size=(picture.shape[1], picture.shape[0]),
        rows=-(-len(outliers) // columns),
        columns=columns,
        labels=[
            f"{'Include' if out else 'Exclude'} {name} ({outlier.reason})"
            for name, outlier, out in zip(names, outliers, is_out.tolist(), strict=True)
        ],
        alt=f"{len(outliers)} pictures unlike the others, {int(is_out.sum())} of them excluded",
        key="outliers",
        scale=match_mnist_scale(_SCALE, pixels.shape[1]),
        gap=2,
    )
    if picked is not None:
        _exclude(check.path, excluded ^ {codes[outliers[picked].index]})
        st.rerun()
    with st.container(horizontal=True):
        if not is_out.all():
            all_shown = "Exclude all" if num_outliers == len(outliers) else "Exclude these"
            st.button(
                f"{all_shown} {len(outliers)}" if len(outliers) > 1 else "Exclude it",
                key="exclude-outliers",
                icon=":material/block:",
                on_click=_exclude,
                args=(check.path, excluded | {codes[outlier.index] for outlier in outliers}),
            )
        if num_outliers > _MAX_OUTLIERS:
            following = first + _MAX_OUTLIERS if first + _MAX_OUTLIERS < num_outliers else 0
            st.button(
                "Show the next" if following else "Show the first",
                key="next-outliers",
                on_click=_show_outliers_from,
                args=(following,),
            )


def _show_outliers_from(first: int) -> None:
    st.session_state[_FIRST_OUTLIER] = first


def _render_number(
    check: DataCheck, all_excluded: frozenset[str], groups: Sequence[Sequence[int]]
) -> int:
    """Render how many pictures are learned, and the button that includes the excluded ones.

    Returns:
        The number of pictures that are left, with those that will be held out.
    """
    excluded = all_excluded.intersection(check.codes)
    is_left_out = field_keys.get_value(_NEAR_DUPLICATES)
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
                on_click=_exclude,
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
    current = {**chosen, **get_selection(check.path)}
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
        field_keys.set_value(_NEAR_DUPLICATES, True)
