"""Settings as text: values, bounds, changes and errors, for every page, file and message.

Also hides the folder of own pictures in settings that leave this machine, such as in a ZIP, a
report or a table.
"""

from __future__ import annotations

import os
import re
from typing import TypeVar

from pydantic import ValidationError

from dcgan.config.named_datasets import NAMED_SETS, get_dataset_label
from dcgan.config.setting_info import get_setting_label, get_setting_schema, is_number_setting
from dcgan.config.settings import Settings
from dcgan.durations import describe_limit
from dcgan.wording import capitalize

_SETTINGS = TypeVar("_SETTINGS", bound=Settings)

_HIDDEN = "…/"  # Replaces the folders of a path.
# Settings that 0 or "off" turns off, and the noun for what is absent then.
_ABSENT = {
    "augment": "augmentation",
    "discriminator_units": "hidden layer in the discriminator",
    "dropout": "dropout",
    "ema_decay": "averaged weights (EMA)",
    "generator_units": "hidden layer in the generator",
    "label_smoothing": "label smoothing",
    "lookahead": "lookahead",
    "r1_penalty": "R1 penalty",
}
_MAX_NAME_LENGTH = 120  # Characters of a name or a path in an error.


def format_setting(config: Settings, name: str) -> str:
    """Format the value of a setting for people, as `format_value` does."""
    return format_value(name, getattr(config, name))


def format_value(name: str, value: object) -> str:
    """Format a value of a setting for people, such as "0.002", "48, 24", "25 min" or "on"."""
    if value is None:
        return "no limit"
    if isinstance(value, bool):
        return "on" if value else "off"
    if name == "near_duplicates":
        return "left out" if value == "leave_out" else "kept"
    if name == "excluded_pictures" and isinstance(value, tuple):
        return f"{len(value):,} picture{'' if len(value) == 1 else 's'}" if value else "none"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "all"
    if value == "":
        return "none"
    if isinstance(value, float) and name == "max_seconds":
        return describe_limit(value)
    if isinstance(value, float):
        if 1e-6 <= abs(value) < 1e-4:  # "0.00002" is read more easily than "2e-05".
            return f"{value:.12f}".rstrip("0")
        return f"{value:.12g}"  # Drops digits that come from rounding.
    if isinstance(value, int) and name != "seed":
        return _group_digits(value)
    if name == "dataset":
        return get_dataset_label(str(value), str(value).removeprefix(_HIDDEN))
    return str(value).replace("_", " ")


def label_value(name: str, value: object, label: str = "") -> str:
    """Return a setting and its value as a part of a run's name, such as "Dropout 0.4".

    It begins with a small letter if it is made of plain words, such as "without classes". The
    values of a list are separated by hyphens, because commas separate settings.

    Args:
        name: The setting.
        value: Its value.
        label: Words in place of the setting's label.
    """
    if name == "class_conditional":
        return "with classes" if value else "without classes"
    if name == "start_from" and value:  # The name of a run's folder says little, and is long.
        return "from another run"
    label = label or get_setting_label(name)
    return f"{label} {format_value(name, value).replace(', ', '-')}"


def name_choice(name: str, value: object, label: str = "") -> str:
    """Return what `label_value` does, but "no lookahead" for a setting that its value turns off."""
    is_off = name in _ABSENT and value in (0, "off")
    return f"no {_ABSENT[name]}" if is_off else label_value(name, value, label)


def describe_choice(name: str, value: object) -> str:
    """Describe a setting and its value as a part of a sentence, such as "momentum 0.5".

    Others are "generator channels 64-32" and "no lookahead".
    """
    if name == "only_classes" and isinstance(value, tuple):
        return label_value(name, value, "only class" if len(value) == 1 else "only classes")
    return name_choice(name, value, get_label_in_sentence(name))


def get_label_in_sentence(name: str) -> str:
    """Return the label of a setting as it stands within a sentence, such as "batch size"."""
    label = get_setting_label(name)
    is_word = label[:2].isalpha() and label[:2].istitle()  # Not "R1 penalty".
    return f"{label[0].lower()}{label[1:]}" if is_word else label


def describe_changes(before: Settings, after: Settings) -> str:
    """List changed settings, such as "Batch size 64 → 32"; "" if there are none."""
    changes = []
    for name in Settings.model_fields:
        if getattr(before, name) != getattr(after, name):
            change = f"{format_setting(before, name)} → {format_setting(after, name)}"
            changes.append(f"{get_setting_label(name)} {change}")
    return ", ".join(changes)


def describe_bounds(name: str) -> str:
    """Describe the values that a setting accepts, such as "1 to 100,000"."""
    schema = get_setting_schema(name)
    if "enum" in schema:
        words = ", ".join(map(str, schema["enum"]))
        return (
            f"{words} or {schema['minimum']} to {schema['maximum']}"
            if "minimum" in schema
            else words
        )
    if schema["type"] == "array" and "enum" in schema["items"]:
        return f"one or more of {', '.join(schema['items']['enum'])}"
    if schema["type"] == "array":
        if schema["items"]["type"] == "string":
            return f"at most {schema['maxItems']:,} names or codes of pictures"
        low, high = schema["items"]["minimum"], schema["items"]["maximum"]
        return f"{schema['minItems']} to {schema['maxItems']} whole numbers, each {low} to {high}"
    if schema["type"] == "boolean":
        return "on or off"
    if name == "dataset":
        return f"{', '.join(NAMED_SETS)} or a path"
    if schema["type"] == "string":
        return "the name or folder of a run, or empty"
    low = schema["minimum"] if "minimum" in schema else f"more than {schema['exclusiveMinimum']}"
    if "maximum" not in schema:
        return f"{low} to less than {schema['exclusiveMaximum']}"
    return f"{low} to {_group_digits(schema['maximum'])}"


def _group_digits(number: float) -> str:
    """Format a number with thousands separators from 10,000 on."""
    return f"{number:,}" if number >= 10_000 else str(number)


def explain_refusal(error: ValidationError) -> tuple[str, str]:
    """Explain a pydantic error.

    Returns:
        The name of the setting, or "" if values do not fit each other; and the end of a sentence
        with the value and what is allowed.
    """
    first = error.errors()[0]
    if not first["loc"]:
        problem = first["msg"].removeprefix("Value error, ")
        return "", f"{capitalize(problem)}."
    name = str(first["loc"][0])
    if name not in (*Settings.model_fields, "class_names"):
        known = ", ".join(Settings.model_fields)
        return name, f"there is no such setting; the settings are {known}."
    if first["input"] is None:
        return name, f"the field is empty; expected {describe_bounds(name)}."
    given = repr(first["input"])
    if len(given) > 80:
        given = given[:77] + "…"
    if name == "class_names":
        return name, f"got {given}; expected the names of a data set's classes."
    is_scalar = len(first["loc"]) == 1
    hint = explain_separators(str(first["input"])) if is_scalar and is_number_setting(name) else ""
    if is_scalar and first["type"].startswith("int"):
        return name, f"got {given}; expected a whole number, {describe_bounds(name)}{hint}."
    return name, f"got {given}; expected {describe_bounds(name)}{hint}."


def explain_separators(text: str) -> str:
    """Explain how to write a number that has a decimal comma or thousands separators.

    Returns:
        The end of a sentence; "" if the text is not such a number.
    """
    text = text.strip()
    forms = []
    if re.fullmatch(r"[-+]?\d*,\d+([eE][-+]?\d+)?", text):
        forms.append(f"with a decimal point, {text.replace(',', '.')}")
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}([,.' _\u2019\u00a0\u202f]\d{3})+", text):
        forms.append(f"without separators, {re.sub('[^-+0-9]', '', text)}")
    return f": write it {', or '.join(forms)}" if forms else ""


# Settings that leave this machine.


def hide_dataset_path(config: _SETTINGS) -> _SETTINGS:
    """Return settings in which the path of own pictures is shortened, such as to "…/faces"."""
    if config.dataset in NAMED_SETS:
        return config
    return config.model_copy(update={"dataset": _HIDDEN + get_dataset_base_name(config)})


def get_dataset_base_name(config: Settings) -> str:
    """Return the name of the data set, or of the file or folder of the user's pictures."""
    name = re.split(r"[\\/]", config.dataset.rstrip("\\/"))[-1]  # Windows paths, too.
    return "pictures" if name in ("", ".", "..", "~") else name


def is_hidden_path(dataset: str) -> bool:
    """Return whether a data set's path was shortened by `hide_dataset_path`."""
    return dataset.startswith(_HIDDEN)


def quote_name(name: str) -> str:
    """Quote a name for an error; of a name over 120 characters, keep only the end.

    In a path, the end is the most specific part.
    """
    return repr(_shorten(name))


def hide_path_in_text(text: str, config: Settings) -> str:
    """Shorten the path of own pictures in a text, such as an error, as `hide_dataset_path` does."""
    return replace_path_in_text(text, config.dataset, hide_dataset_path(config).dataset)


def replace_path_in_text(text: str, path: str, replacement: str) -> str:
    """Replace a path in a text, also where it was quoted, shortened or expanded.

    A path without a folder, such as "mnist" or ".", stays: it may be an ordinary word.
    """
    full_forms = {path, os.path.expanduser(path)}  # noqa: PTH111 (any text)
    shown_forms = full_forms | {_shorten(form) for form in full_forms}
    # A quoted path has doubled backslashes.
    forms = {text for form in shown_forms if _has_folder(form) for text in (form, repr(form)[1:-1])}
    if not forms:
        return text
    pattern = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
    return re.sub(pattern, lambda _: replacement, text)


def _shorten(name: str) -> str:
    return name if len(name) <= _MAX_NAME_LENGTH else f"…{name[1 - _MAX_NAME_LENGTH :]}"


def _has_folder(path: str) -> bool:
    """Return whether a path has a folder before its last name."""
    *folders, _ = re.split(r"[\\/]", path.rstrip("\\/"))
    return any(name not in ("", ".", "..") for name in folders)
