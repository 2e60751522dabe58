"""Names of compared runs: the settings by which they differ. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.compare_results.comparison_table import (
    list_differing_learning_settings,
    merge_learning_rates,
)
from dashboard.shared.raced_runs import RacedRun, find_common_race
from dashboard.shared.run_labels import (
    distinguish_labels,
    is_of_race,
    is_titled_by_time,
    label_runs,
)
from dcgan.config.closest_preset import find_closest_preset
from dcgan.config.config_text import label_value
from dcgan.config.setting_info import LEARNING_RATES_LABEL, list_settings_that_affect
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.run_folder import Run
from dcgan.runs.titles import describe_start

_MAX_LENGTH = 32  # Characters of a name with two settings; of a longer one, the first is named.
_MAX_SETTINGS = 2


def label_chosen_runs(runs: Sequence[Run], raced_runs: Mapping[str, RacedRun]) -> dict[str, str]:
    """Return unique labels by run name.

    A title that a person gave stays. If all raced runs belong to one race, they have their labels
    in the race. The others are named by their settings, see `name_by_settings`.

    Args:
        runs: The runs.
        raced_runs: The runs of races by name.
    """
    return label_runs(runs, name_by_settings(runs) | _name_by_race(runs, raced_runs))


def label_chips(runs: Sequence[Run], raced_runs: Mapping[str, RacedRun]) -> dict[str, str]:
    """Return the labels of `label_chosen_runs`, followed by the time by which Runs lists a run."""
    labels = label_chosen_runs(runs, raced_runs)
    return {
        run.name: f"{labels[run.name]} · {describe_start(run.name)}"
        if find_hidden_title(run, labels[run.name])
        else labels[run.name]
        for run in runs
    }


def label_options(runs: Sequence[Run]) -> dict[str, str]:
    """Return unique labels by run name for a list of runs to choose from.

    A run that nobody has named has the settings that differ from its preset after its title, such
    as "MNIST, 28 Nov 14:02 · Dropout 0.4".
    """
    labels = label_runs(runs)
    learning = list_settings_that_affect("networks", "step", "learning")
    pictures = list_settings_that_affect("pictures")
    for run in filter(is_titled_by_time, runs):
        _, changed = find_closest_preset(run.config)
        changed = [name for name in changed if name in learning and name not in pictures]
        settings = ["class_conditional", *changed]
        name = _name_by_preset(run, _label_settings(settings, [run]), names_preset=False)
        labels[run.name] += f" · {name}" if name else ""
    return distinguish_labels(labels)


def find_hidden_title(run: Run, label: str) -> str:
    """Return the title by which Runs lists a run, such as "MNIST, 28 Nov 14:02".

    It is "" if a label of the run already has its time, or the run has a title of its own.
    """
    is_hidden = is_titled_by_time(run) and describe_start(run.name) not in label
    return run.read_label().title if is_hidden else ""


def label_variants(runs: Sequence[Run]) -> dict[str, str]:
    """Return unique labels by run name for a race of their settings, which chooses the seeds."""
    return label_runs(runs, name_by_settings(runs, names_seed=False))


def name_by_settings(runs: Sequence[Run], *, names_seed: bool = True) -> dict[str, str]:
    """Return names such as "Dropout 0.4, seed 1" of the runs that nobody has named.

    They depend on the settings alone, so a measurement does not change them. If up to two settings
    differ, each name has both values. If more differ, it has those by which the run differs from
    its preset.

    Args:
        runs: Runs that are compared.
        names_seed: Whether names have the seed, if it differs.

    Returns:
        The names by run name, not always unique. Runs of different pictures have none, because
        their titles name their pictures; nor has a run without a short description.
    """
    settings = list_differing_learning_settings(runs)
    if not settings or "dataset" in settings:
        return {}
    labels = _label_settings(settings, runs)
    if not names_seed:
        labels.pop("seed", None)
    if not labels:
        return {}
    unnamed = [run for run in runs if is_titled_by_time(run) or is_of_race(run)]
    if len(labels) <= _MAX_SETTINGS:
        names = {
            run.name: _join([_label(run, *item) for item in labels.items()]) for run in unnamed
        }
        if max(map(len, names.values()), default=0) <= _MAX_LENGTH or len(labels) == 1:
            return names
    have_other_presets = len({find_closest_preset(run.config)[0] for run in runs}) > 1
    names = {
        run.name: _name_by_preset(run, labels, names_preset=have_other_presets) for run in unnamed
    }
    return {name: text for name, text in names.items() if text}


def _label_settings(settings: Sequence[str], runs: Sequence[Run]) -> dict[str, str]:
    """Return the labels of settings by name, the seed last, as in a race."""
    labels = merge_learning_rates([name for name in settings if name != "seed"], runs)
    return labels | ({"seed": "seed"} if "seed" in settings else {})


def _name_by_preset(run: Run, labels: Mapping[str, str], *, names_preset: bool) -> str:
    """Name a run by the settings that differ from its preset; "" if that says too little.

    Args:
        run: The run.
        labels: Labels of the settings to name.
        names_preset: Whether the name begins with the preset.
    """
    preset, changed = find_closest_preset(run.config)
    base, size = TrainingConfig.preset(preset), run.dataset.num_images
    texts = [
        _label(run, setting, label)
        for setting, label in labels.items()
        if run.config.get_effect(setting, size) != base.get_effect(setting, size)
    ]
    if not texts and changed:  # It shares changes with all others.
        return ""
    if names_preset or not texts:
        texts.insert(0, f"{preset.capitalize()} preset")
    return _join(texts)


def _label(run: Run, setting: str, label: str) -> str:
    # Only both rates together, and the seed, have a label that is not the setting's own.
    is_special = label in ("seed", LEARNING_RATES_LABEL)
    return label_value(setting, getattr(run.config, setting), label if is_special else "")


def _join(texts: Sequence[str]) -> str:
    """Join settings, such as "Dropout 0.4, Loss hinge" or "Batch size 128 and 2 more"."""
    text = ", ".join(texts)
    if len(texts) > _MAX_SETTINGS or (len(texts) > 1 and len(text) > _MAX_LENGTH):
        text = f"{texts[0]} and {len(texts) - 1} more"
    return f"{text[0].upper()}{text[1:]}"


def _name_by_race(runs: Sequence[Run], raced_runs: Mapping[str, RacedRun]) -> dict[str, str]:
    """Return the labels of runs in their race, if all raced runs belong to one."""
    raced = [raced_runs[run.name] for run in runs if run.name in raced_runs]
    if find_common_race(raced) is None:
        return {}
    return {
        run.name: raced_runs[run.name].label
        for run in runs
        if run.name in raced_runs and run.read_label().title == raced_runs[run.name].title
    }
