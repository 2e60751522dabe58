"""Names of runs on Compare: the settings by which each differs from its closest preset.

A name does not depend on the runs beside it. Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dashboard.compare_results.comparison_table import merge_learning_rates
from dashboard.shared.raced_runs import RacedRun, find_common_race
from dashboard.shared.run_labels import (
    distinguish_labels,
    is_of_race,
    is_titled_by_time,
    label_runs,
)
from dcgan.config.closest_preset import find_closest_preset
from dcgan.config.config_text import label_value
from dcgan.config.setting_info import (
    LEARNING_RATES_LABEL,
    list_settings_that_affect,
    sort_by_importance,
)
from dcgan.config.training_config import PRESETS, TrainingConfig
from dcgan.runs.run_folder import Run
from dcgan.runs.titles import describe_start, get_picture_title

_MAX_LENGTH = 32  # Characters of a name with two settings; of a longer one, the first is named.
_MAX_SETTINGS = 2
# A name has them first, because they change the result more than all others.
_FIRST_SETTINGS = ("only_classes", "start_from")


def label_all_runs(
    runs: Sequence[Run],
    chosen: Sequence[Run] = (),
    raced_runs: Mapping[str, RacedRun] | None = None,
) -> dict[str, str]:
    """Return unique labels by run name for all parts of the page.

    A title that a person gave stays. The other runs are named by their settings, see
    `name_by_settings`; those with equal names have the time of their start, too. If all raced runs
    among the chosen ones belong to one race, these have their labels in the race.

    Args:
        runs: All runs that can be chosen.
        chosen: Those of them that are compared.
        raced_runs: The runs of races by name; None for none.
    """
    labels = label_runs(runs, _name_unnamed(runs))
    return distinguish_labels(labels | _name_by_race(chosen, raced_runs or {}))


def find_hidden_title(run: Run, label: str) -> str:
    """Return the title by which Runs lists a run, such as "MNIST, 28 Nov 14:02".

    It is "" if a label of the run already has its time, or the run has a title of its own.
    """
    is_hidden = is_titled_by_time(run) and describe_start(run.name) not in label
    return run.read_label().title if is_hidden else ""


def label_variants(runs: Sequence[Run]) -> dict[str, str]:
    """Return unique labels by run name for a race of their settings, which chooses the seeds."""
    return label_runs(runs, _name_unnamed(runs, names_seed=False))


def name_by_settings(run: Run, *, names_seed: bool = True) -> str:
    """Return a name such as "Fast preset", "Dropout 0.4, seed 1" or "Classic preset, Loss hinge".

    It has the one or two settings that matter most of those that differ from the closest preset;
    an ellipsis stands for the others. The preset is named if it is not the default one, or if no
    setting differs; the pictures are, if they are not MNIST.

    Args:
        run: The run.
        names_seed: Whether the name has the seed, if that is not the default.
    """
    preset, _ = find_closest_preset(run.config)
    base, size = TrainingConfig.preset(preset), run.dataset.num_images
    learning = list_settings_that_affect("networks", "step", "learning")
    pictures = list_settings_that_affect("pictures")
    named = [name for name in learning if name != "seed" and name not in pictures]
    differing = [
        name
        for name in (*_FIRST_SETTINGS, *sort_by_importance(named))
        if run.config.get_effect(name, size) != base.get_effect(name, size)
    ]
    # Only both rates together have a label that is not the setting's own.
    settings = [
        label_value(
            name,
            getattr(run.config, name),
            LEARNING_RATES_LABEL if label == LEARNING_RATES_LABEL else "",
        )
        for name, label in merge_learning_rates(differing, [run]).items()
    ]
    parts = (
        []
        if run.config.dataset == base.dataset
        else [get_picture_title(run.config.dataset, run.dataset.name)]
    )
    if not settings or PRESETS[preset]:  # The default preset changes nothing.
        parts.append(f"{preset.capitalize()} preset")
    text = _join([*parts, *settings], num_kept=len(parts) + 1)
    seed = run.config.seed
    return f"{text}, seed {seed}" if names_seed and seed != base.seed else text


def _join(texts: Sequence[str], num_kept: int) -> str:
    """Join texts, such as "Dropout 0.4, Loss hinge" or "Batch size 128 …".

    Args:
        texts: The texts, one or more.
        num_kept: How many of them are kept whatever their length; of the others, one is kept if
            the text stays short.
    """
    kept = texts[: num_kept + _MAX_SETTINGS - 1]
    if len(", ".join(kept)) > _MAX_LENGTH:
        kept = texts[:num_kept]
    text = ", ".join(kept) + (" …" if len(kept) < len(texts) else "")
    return f"{text[0].upper()}{text[1:]}"


def _name_unnamed(runs: Iterable[Run], *, names_seed: bool = True) -> dict[str, str]:
    """Return the names of the runs that nobody has named, by run name; they may be equal."""
    return {
        run.name: name_by_settings(run, names_seed=names_seed)
        for run in runs
        if is_titled_by_time(run) or is_of_race(run)
    }


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
