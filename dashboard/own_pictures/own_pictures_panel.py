"""The fields of own pictures in the form, below the choice of the data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

import streamlit as st

from dashboard.access import permissions
from dashboard.components import field_keys
from dashboard.own_pictures import check_panel, left_out, picture_source
from dashboard.process.picture_checks import get_picture_checks
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.settings import DIGIT_SHAPE
from dcgan.config.training_config import TrainingConfig
from dcgan.data_check.advice import choose_size
from dcgan.data_check.check import DataCheck
from dcgan.errors import ConfigError, DatasetError

# Keys of the session.
SIZE = "dataset_size"  # Of the size's field, for `field_keys`; named data sets have it too.
_COLOR = "dataset_color"
_POLARITY = "dataset_polarity"
_READ_AS_ADVISED = "dataset_read_as_advised"  # Path, size and colour of the last new pictures.

_POLARITY_NAMES = {"auto": "Automatic", "as_is": "As they are", "inverted": "Inverted"}
_PATIENCE = 1.5  # Seconds for which the page waits for a check before it shows the progress.
# Steps until pictures are recognizable, with a margin: measured 139 for digits, 354 for emoji of
# 64×64 in colour.
_RECOGNIZABLE_STEPS = 500
_ADVISED = ("epochs", "start_from")  # Settings with other fields on which there is advice.


def choose(config: TrainingConfig) -> None:
    """Choose the data of a run, which may be a named set, in all fields of own pictures."""
    picture_source.choose("" if config.dataset in NAMED_SETS else config.dataset)
    left_out.choose(config.dataset, config.excluded_pictures, config.near_duplicates)
    field_keys.set_value(_POLARITY, config.polarity)
    field_keys.set_value(SIZE, config.image_size)
    field_keys.set_value(_COLOR, config.color)


# For operators only, as it reads any path on the server.
@permissions.operators_only
def ask_for_own_pictures(
    default: TrainingConfig,
    others: Mapping[str, object],
    name_field: Callable[[str], str] | None,
    *,
    learns_classes: bool,
) -> dict[str, object] | None:
    """Render the fields, and what the check of the pictures finds.

    Args:
        default: The settings that the form shows at first.
        others: The entered values of all settings but those of the data, valid or not.
        name_field: Returns the name, for `field_keys`, of a setting's field, which advice fills in;
            None without such fields.
        learns_classes: Whether the classes are to be learned.

    Returns:
        The settings of the data by name; None while pictures are missing or unusable. An error on
        the page explains why they are unusable.
    """
    path = picture_source.ask_for_path()
    polarity, color = _ask_for_reading()
    if not path:
        picture_source.render_upload_problem()
        return None
    size = field_keys.get_value(SIZE)
    read_with = {"dataset": path, "polarity": polarity, "image_size": size, "color": color}
    try:
        if path in NAMED_SETS:  # `load_dataset` would load the named set.
            raise DatasetError(f"{path} is the name of a data set; choose it above.")
        config = TrainingConfig.create(**read_with)
    except (ConfigError, DatasetError) as error:
        picture_source.render_read_error(path, error, may_be_usable=True)
        return None
    running = get_picture_checks().start(config)
    has_ended = running.wait(_PATIENCE)
    if has_ended and running.files.is_looking:
        check_panel.await_files(running.files)
    try:
        check = running.get_result()
    except (ConfigError, DatasetError) as error:
        may_be_usable = config.image_shape != DIGIT_SHAPE
        picture_source.render_read_error(path, error, may_be_usable=may_be_usable)
        if isinstance(error, ConfigError):
            _render_restart(config)
        return None
    data_settings = {**read_with, "class_conditional": learns_classes}
    if not has_ended:
        check_panel.render_progress(running)
    elif check is None:
        st.caption("The check was cancelled. The pictures are read when training starts.")
        _render_restart(config)
    else:
        picture_source.record_read()
        _read_as_advised(check, default)
        if not _render_check(check, {**data_settings, **others}, name_field):
            return None
        with suppress(ConfigError):  # The field marks its invalid value.
            _suggest_length(default.replace(**others), len(check.dataset))
    return {**data_settings, **left_out.get_settings(path)}


def _ask_for_reading() -> tuple[str | None, bool]:
    """Render the fields that say how pictures are read: polarity, and whether in colour."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        polarity = st.segmented_control(
            "Polarity",
            list(_POLARITY_NAMES),
            key=field_keys.get_key(_POLARITY),
            format_func=_POLARITY_NAMES.__getitem__,
            required=True,
            persist_state="session",
            help="The networks learn light strokes on black. Automatic inverts all grey pictures "
            "if most of them have light borders; pictures in colour are not changed.",
        )
        color = st.toggle(
            "In colour",
            key=field_keys.get_key(_COLOR),
            persist_state="session",
            help="Learn the colours too; otherwise the pictures are converted to grey.",
        )
    return polarity, color


def _render_check(
    check: DataCheck, chosen: Mapping[str, object], name_field: Callable[[str], str] | None
) -> bool:
    """Render the findings, with advice for the fields; return whether enough pictures are left."""
    fields = {"image_size": SIZE, "color": _COLOR}
    if name_field is not None:
        fields |= {name: name_field(name) for name in _ADVISED}
    return check_panel.render(check, chosen, fields)


def _read_as_advised(check: DataCheck, default: TrainingConfig) -> None:
    """Read new pictures again with the advised size and colour, unless a person chose others.

    In grey, pictures that differ only in colour would count as near-duplicates.
    """
    of_default = default.image_size, default.color
    path, automatic = st.session_state.get(_READ_AS_ADVISED, (default.dataset, of_default))
    if check.path in (path, default.dataset):
        return
    read_with = check.config.image_size, check.config.color
    advised = choose_size(check), check.has_colors
    if read_with not in (automatic, of_default):
        advised = read_with
    st.session_state[_READ_AS_ADVISED] = check.path, advised
    if read_with != advised:
        field_keys.set_value(SIZE, advised[0])
        field_keys.set_value(_COLOR, advised[1])
        st.rerun()


def _render_restart(config: TrainingConfig) -> None:
    """Render the button that starts a cancelled or failed check again."""
    st.button(
        "Check these pictures",
        key="restart-check",
        icon=":material/fact_check:",
        on_click=get_picture_checks().restart,
        args=(config,),
    )


def _suggest_length(config: TrainingConfig, num_images: int) -> None:
    """Suggest more epochs if the planned ones are too few steps for few pictures."""
    steps_per_epoch = config.compute_steps_per_epoch(num_images)
    if config.epochs is None or config.epochs * steps_per_epoch >= _RECOGNIZABLE_STEPS:
        return
    epochs = -(-_RECOGNIZABLE_STEPS // steps_per_epoch)
    st.caption(
        f"One epoch of these pictures is {steps_per_epoch:,} "
        f"step{'s' if steps_per_epoch > 1 else ''}. Recognizable pictures take about "
        f"{_RECOGNIZABLE_STEPS:,} steps: plan {epochs:,} epochs or more, or set a time limit."
    )
