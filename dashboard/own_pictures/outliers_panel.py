"""The pictures that look unlike the others, of which a person excludes some by a click."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.components.picture import match_mnist_scale
from dashboard.components.tiles import render_tiles
from dashboard.own_pictures import left_out
from dcgan.data_check.check import DataCheck
from dcgan.data_check.outliers import Outlier
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png

# Keys of the session.
_SET = "dataset_outliers_of"  # Path of the pictures whose outliers were shown last.
_FIRST = "dataset_first_outlier"  # Index of the first outlier that is shown.

_SCALE, _COLUMNS = 2, 8
_MAX_SHOWN = 24


def render(check: DataCheck) -> None:
    """Render up to 24 outliers, which a click excludes or includes, and buttons for several."""
    if not check.outliers:
        return
    if st.session_state.get(_SET) != check.path:
        st.session_state[_SET] = check.path
        _show_from(0)
    num = len(check.outliers)
    first = st.session_state[_FIRST]
    first = first if first < num else 0
    outliers = check.outliers[first : first + _MAX_SHOWN]
    place = ""
    if num > _MAX_SHOWN:
        place = f" Number {first + 1:,} to {first + len(outliers):,}, the most unlike first."
    st.caption(
        f"**{num:,} {'looks' if num == 1 else 'look'} unlike the others.**{place} Pick those that "
        "do not belong: they are left out, and the files stay as they are."
    )
    excluded = left_out.get_excluded()
    is_excluded = np.array([check.codes[outlier.index] in excluded for outlier in outliers], bool)
    if (picked := _render_tiles(check, outliers, is_excluded)) is not None:
        left_out.exclude(check.path, excluded ^ {check.codes[outliers[picked].index]})
        st.rerun()
    with st.container(horizontal=True):
        if not is_excluded.all():
            _render_exclude_shown(check, outliers)
        if num > _MAX_SHOWN:
            following = first + _MAX_SHOWN if first + _MAX_SHOWN < num else 0
            st.button(
                "Show the next" if following else "Show the first",
                key="next-outliers",
                on_click=_show_from,
                args=(following,),
            )


def _show_from(first: int) -> None:
    st.session_state[_FIRST] = first


def _render_tiles(
    check: DataCheck, outliers: Sequence[Outlier], is_excluded: np.ndarray
) -> int | None:
    """Render the outliers, the excluded ones crossed out; return the index of a picked one."""
    pixels = check.dataset.pixels[[outlier.index for outlier in outliers]].copy()
    size = pixels.shape[1]
    pixels[is_excluded] //= 4
    diagonal = np.arange(size)
    for columns in (diagonal, diagonal[::-1]):
        pixels[np.flatnonzero(is_excluded)[:, np.newaxis], diagonal, columns] = 255
    num_columns = min(_COLUMNS, len(outliers))
    num_rows = -(-len(outliers) // num_columns)
    picture = tile(pixels, num_rows, num_columns)
    return render_tiles(
        encode_png(picture),
        size=(picture.shape[1], picture.shape[0]),
        rows=num_rows,
        columns=num_columns,
        labels=[
            f"{'Include' if out else 'Exclude'} {check.dataset.names[outlier.index]} "
            f"({outlier.reason})"
            for outlier, out in zip(outliers, is_excluded.tolist(), strict=True)
        ],
        alt=f"{len(outliers)} pictures unlike the others, {int(is_excluded.sum())} of them "
        "excluded",
        key="outliers",
        scale=match_mnist_scale(_SCALE, size),
        gap=2,
    )


def _render_exclude_shown(check: DataCheck, outliers: Sequence[Outlier]) -> None:
    """Render the button that excludes all the outliers shown."""
    label = "Exclude it"
    if len(outliers) > 1:
        label = "Exclude all" if len(outliers) == len(check.outliers) else "Exclude these"
        label += f" {len(outliers)}"
    shown = {check.codes[outlier.index] for outlier in outliers}
    st.button(
        label,
        key="exclude-outliers",
        icon=":material/block:",
        on_click=left_out.exclude,
        args=(check.path, left_out.get_excluded() | shown),
    )
