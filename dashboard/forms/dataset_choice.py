"""The choice of the data: a named data set, or a person's own pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.forms import check_panel, field_keys
from dashboard.process import picture_sets
from dashboard.process.picture_checks import get_picture_checks
from dashboard.process.storage_limits import LimitError
from dashboard.state.trainer import get_trainer
from dcgan.config.config_text import replace_path_in_text
from dcgan.config.named_datasets import NAMED_SETS, get_dataset_label
from dcgan.config.setting_info import get_setting_label
from dcgan.config.settings import DIGIT_SHAPE, Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.data_check.advice import choose_size
from dcgan.data_check.check import DataCheck
from dcgan.errors import ConfigError, DatasetError
from dcgan.pictures.picture_limits import MIN_IMAGES

# Keys of the session.
_CLASSES_DEFAULT = "classes_default"
_DATASET_CLASSES = "dataset_classes"
_DATASET_COLOR = "dataset_color"
_DATASET_DEFAULT = "dataset_default"
_DATASET_UPLOADED = "dataset_uploaded"  # Path of the last upload; "" without one.
_DATASET_NAME = "dataset_name"
_DATASET_PATH = "dataset_path"
_DATASET_POLARITY = "dataset_polarity"
_DATASET_PROBLEM = "dataset_problem"
_DATASET_SIZE = "dataset_size"
_DATASET_UPLOAD = "dataset_upload"
_READ_AS_ADVISED = "dataset_read_as_advised"  # Path, size and colour of the last new pictures.
_UNREAD = "dataset_unread"  # Path of a new upload that was not read successfully yet.

_OWN = "own"
_SIZES: tuple[int, ...] = get_args(Settings.model_fields["image_size"].annotation)
_POLARITY_NAMES = {"auto": "Automatic", "as_is": "As they are", "inverted": "Inverted"}
_PATIENCE = 1.5  # Seconds for which the page waits for a check before it shows the progress.
# Steps until pictures are recognizable, with a margin: measured 139 for digits, 354 for emoji of
# 64×64 in colour.
_RECOGNIZABLE_STEPS = 500

_ADVISED = ("epochs", "start_from")  # Settings with other fields on which there is advice.

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
            key=field_keys.get_key(_DATASET_NAME),
            format_func=lambda name: get_dataset_label(name, "My own pictures"),
            persist_state="session",
        )
        size = st.selectbox(
            get_setting_label("image_size"),
            _SIZES,
            key=field_keys.get_key(_DATASET_SIZE),
            format_func=lambda size: f"{size} × {size}",
            persist_state="session",
            width=140,
            help=Settings.model_fields["image_size"].description,
        )
    learns_classes = (classes_container or st.container()).toggle(
        get_setting_label("class_conditional"),
        key=field_keys.get_key(_DATASET_CLASSES),
        persist_state="session",
        help=Settings.model_fields["class_conditional"].description,
    )
    if name == _OWN:
        return _ask_for_own_pictures(
            size, default, others, name_field, learns_classes=learns_classes
        )
    if name != "mnist":
        st.caption("Downloaded once when training starts (needs internet).")
    values = (name, "auto", size, False, learns_classes, "keep", ())
    return dict(zip(DATASET_SETTINGS, values, strict=True))


def _apply_default(default: TrainingConfig) -> None:
    """Set the widgets to the data of a preset or a run, once after each change of the default."""
    if st.session_state.get(_CLASSES_DEFAULT) != default.class_conditional:
        st.session_state[_CLASSES_DEFAULT] = default.class_conditional
        field_keys.set_value(_DATASET_CLASSES, default.class_conditional)
    wanted = (
        default.dataset,
        default.polarity,
        default.image_size,
        default.color,
        default.near_duplicates,
        default.excluded_pictures,
    )
    if st.session_state.get(_DATASET_DEFAULT) == wanted:
        return
    st.session_state[_DATASET_DEFAULT] = wanted
    is_named = default.dataset in NAMED_SETS
    is_upload = picture_sets.is_upload(default.dataset)
    field_keys.set_value(_DATASET_NAME, default.dataset if is_named else _OWN)
    st.session_state[_DATASET_UPLOADED] = default.dataset if is_upload else ""
    field_keys.set_value(_DATASET_PATH, "" if is_named or is_upload else default.dataset)
    field_keys.set_value(_DATASET_POLARITY, default.polarity)
    field_keys.set_value(_DATASET_SIZE, default.image_size)
    field_keys.set_value(_DATASET_COLOR, default.color)
    check_panel.set_default(default.dataset, default.excluded_pictures, default.near_duplicates)


# For operators only, as it reads any path on the server.
@permissions.operators_only
def _ask_for_own_pictures(
    size: int,
    default: TrainingConfig,
    others: Mapping[str, object],
    name_field: Callable[[str], str] | None,
    *,
    learns_classes: bool,
) -> dict[str, object] | None:
    upload = st.file_uploader(
        "A .zip of pictures, or a .npz, .npy, IDX or .csv file of them",
        key=_DATASET_UPLOAD,
        on_change=_keep_upload,
        help=f"At least {MIN_IMAGES} pictures of any size and proportions. The sub-folders of a "
        ".zip are the classes of its pictures. An array has the shape (num_images, height, width), "
        "for colours with a last axis of 3; a table has one row for each picture.",
    )
    if st.session_state[_DATASET_UPLOADED] and upload is None:  # Another page was shown since.
        st.caption("The pictures from the last upload are used.")
    with st.expander("A folder on the server instead", icon=":material/folder:"):
        st.text_input(
            "Path of a folder or a file on the computer that trains",
            key=field_keys.get_key(_DATASET_PATH),
            persist_state="session",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        polarity = st.segmented_control(
            "Polarity",
            list(_POLARITY_NAMES),
            key=field_keys.get_key(_DATASET_POLARITY),
            format_func=_POLARITY_NAMES.__getitem__,
            required=True,
            persist_state="session",
            help="The networks learn light strokes on black. Automatic inverts all grey pictures "
            "if most of them have light borders; pictures in colour are not changed.",
        )
        color = st.toggle(
            "In colour",
            key=field_keys.get_key(_DATASET_COLOR),
            persist_state="session",
            help="Learn the colours too; otherwise the pictures are converted to grey.",
        )
    path = str(field_keys.get_value(_DATASET_PATH)).strip() or str(
        st.session_state[_DATASET_UPLOADED]
    )
    if not path:
        if problem := st.session_state.get(_DATASET_PROBLEM, ""):  # The error of the last upload.
            st.error(escape_markdown(problem), icon=":material/error:")
        return None
    read_with = {"dataset": path, "polarity": polarity, "image_size": size, "color": color}
    config, running = TrainingConfig(), None
    try:
        if path in NAMED_SETS:  # `load_dataset` would load the named set.
            raise DatasetError(f"{path} is the name of a data set; choose it above.")
        config = TrainingConfig.create(**read_with)
        running = get_picture_checks().start(config)
        has_ended = running.wait(_PATIENCE)
        if has_ended and running.files.is_looking:
            check_panel.await_files(running.files)
        check = running.get_result()
    except (ConfigError, DatasetError) as error:
        message = str(error)
        if upload is not None:  # Name the file as the person knows it.
            message = replace_path_in_text(message, path, repr(upload.name)[1:-1])
        # Delete an unusable upload and keep showing its error. Do not delete a file that was there
        # before, as a run may need it, nor one that may be usable in another size, or after an
        # error that is not about the file, such as too little memory.
        if (
            isinstance(error, DatasetError)
            and path == st.session_state.get(_UNREAD)
            and config.image_shape == DIGIT_SHAPE
        ):
            picture_sets.delete_upload(Path(path))
            st.session_state[_DATASET_UPLOADED] = ""
            st.session_state[_DATASET_PROBLEM] = message
        st.error(escape_markdown(message), icon=":material/error:")
        if running is not None and isinstance(error, ConfigError):
            _render_restart(config)
        return None
    if not has_ended:
        check_panel.render_progress(running)
    elif check is None:
        st.caption("The check was cancelled. The pictures are read when training starts.")
        _render_restart(config)
    else:
        st.session_state.pop(_UNREAD, None)
        _read_as_advised(check, default)
        fields = {"image_size": _DATASET_SIZE, "color": _DATASET_COLOR}
        if name_field is not None:
            fields |= {name: name_field(name) for name in _ADVISED}
        chosen = {**read_with, "class_conditional": learns_classes, **others}
        has_enough = check_panel.render(check, chosen, fields)
        with suppress(ConfigError):  # The field marks its invalid value.
            _suggest_length(default.replace(**others), len(check.dataset))
        if not has_enough:
            return None
    return {
        **read_with,
        "class_conditional": learns_classes,
        **check_panel.get_selection(path),
    }


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
        field_keys.set_value(_DATASET_SIZE, advised[0])
        field_keys.set_value(_DATASET_COLOR, advised[1])
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


@permissions.operators_only
def _keep_upload() -> None:
    """Save an upload under the root; drop the choice when the upload is removed."""
    upload = st.session_state[_DATASET_UPLOAD]
    field_keys.set_value(_DATASET_PATH, "")
    st.session_state[_DATASET_UPLOADED] = ""
    st.session_state.pop(_DATASET_PROBLEM, None)
    if upload is not None:
        trainer = get_trainer()
        try:
            trainer.limits.check_bytes(trainer.root, upload.size)
            path, is_new = picture_sets.save_upload(upload.name, upload.getvalue(), trainer.root)
            st.session_state[_DATASET_UPLOADED] = str(path)
            st.session_state[_UNREAD] = str(path) if is_new else ""
        except LimitError as error:
            st.session_state[_DATASET_PROBLEM] = f"The file was not saved: {error}"
        except OSError as error:
            st.session_state[_DATASET_PROBLEM] = f"The file could not be saved: {error}."


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
