"""The choice of the data: a named data set, or a person's own pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import get_args

import streamlit as st

from dashboard.components import field_keys
from dashboard.own_pictures import own_pictures_panel
from dcgan.config.named_datasets import NAMED_SETS, get_dataset_label
from dcgan.config.setting_info import get_setting_label
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig

# Keys of the session.
_CLASSES = "dataset_classes"
_CLASSES_DEFAULT = "classes_default"
_DEFAULT = "dataset_default"
_NAME = "dataset_name"

_OWN = "own"
_SIZES: tuple[int, ...] = get_args(Settings.model_fields["image_size"].annotation)

# The settings that this form chooses.
DATASET_SETTINGS = (
    "dataset",
    "polarity",
    "image_size",
    "color",
    "class_conditional",
    "near_duplicates",
    "excluded_pictures",
)


def ask_for_dataset(
    default: TrainingConfig,
    others: Mapping[str, object] = MappingProxyType({}),
    classes_container: st.delta_generator.DeltaGenerator | None = None,
    name_field: Callable[[str], str] | None = None,
) -> dict[str, object] | None:
    """Render the choice of the data set, with the check of the user's pictures.

    Args:
        default: Settings whose data is chosen at first, and again when the settings change.
        others: The entered values of all other settings, valid or not.
        classes_container: The container of the switch for classes; None to render it below the data
            set.
        name_field: Returns the name, for `field_keys`, of a setting's field, which advice on own
            pictures fills in; None without other fields.

    Returns:
        Values of `DATASET_SETTINGS`; None while own pictures are missing or unusable. An error on
        the page explains why they are unusable.
    """
    _apply_default(default)
    with st.container(horizontal=True):
        name = st.selectbox(
            "Data set",
            [*NAMED_SETS, _OWN],
            key=field_keys.get_key(_NAME),
            format_func=lambda name: get_dataset_label(name, "My own pictures"),
            persist_state="session",
        )
        size = st.selectbox(
            get_setting_label("image_size"),
            _SIZES,
            key=field_keys.get_key(own_pictures_panel.SIZE),
            format_func=lambda size: f"{size} × {size}",
            persist_state="session",
            width=140,
            help=Settings.model_fields["image_size"].description,
        )
    learns_classes = (classes_container or st.container()).toggle(
        get_setting_label("class_conditional"),
        key=field_keys.get_key(_CLASSES),
        persist_state="session",
        help=Settings.model_fields["class_conditional"].description,
    )
    if name == _OWN:
        return own_pictures_panel.ask_for_own_pictures(
            default, others, name_field, learns_classes=learns_classes
        )
    if name != "mnist":
        st.caption("Downloaded once when training starts (needs internet).")
    values = (name, "auto", size, False, learns_classes, "keep", ())
    return dict(zip(DATASET_SETTINGS, values, strict=True))


def _apply_default(default: TrainingConfig) -> None:
    """Set the widgets to the data of a preset or a run, once after each change of the default."""
    if st.session_state.get(_CLASSES_DEFAULT) != default.class_conditional:
        st.session_state[_CLASSES_DEFAULT] = default.class_conditional
        field_keys.set_value(_CLASSES, default.class_conditional)
    wanted = (
        default.dataset,
        default.polarity,
        default.image_size,
        default.color,
        default.near_duplicates,
        default.excluded_pictures,
    )
    if st.session_state.get(_DEFAULT) != wanted:
        st.session_state[_DEFAULT] = wanted
        name = default.dataset if default.dataset in NAMED_SETS else _OWN
        field_keys.set_value(_NAME, name)
        own_pictures_panel.choose(default)
