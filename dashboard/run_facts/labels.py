"""Labels of runs and checkpoints in lists, and the order of runs. Imports no Streamlit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dashboard.process.file_cache import cache_until_changed
from dcgan.config.named_datasets import get_picture_noun
from dcgan.durations import round_duration
from dcgan.errors import RunError
from dcgan.files.file_names import slugify
from dcgan.reports import EvaluationReport
from dcgan.runs.history import HISTORY_NAME
from dcgan.runs.naming.settings import name_settings
from dcgan.runs.naming.titles import describe_start, has_own_title, is_generated_name, is_race_title
from dcgan.runs.retention import find_best_checkpoint
from dcgan.runs.run_folder import Run

EXPERIMENT_TITLE = "Experiment: "  # Start of the title of an experiment's run.
# Characters of a label that fit Explore's choice of a run in a window of 1,280 pixels; on a phone
# ten more do. Similar titles differ in the times and numbers at their ends.
_MAX_IN_BOX, _END_IN_BOX = 40, 18


def label_runs(runs: Iterable[Run], titles: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a unique label for each run, by its name.

    Equal titles are followed by the time that the runs have trained. If that is equal too, they are
    followed by the time of the start, if necessary with its seconds, or by the name if that is
    unknown: a select box does not distinguish equal labels.

    Args:
        runs: The runs.
        titles: Titles by run name, in place of the runs' own; not every run needs one.
    """
    titles = titles or {}
    runs = list(runs)
    labels = {run.name: titles.get(run.name) or run.read_title() for run in runs}
    for extend in (_add_length, _add_minute, _add_second):
        counts = Counter(labels.values())
        equal = [run for run in runs if counts[labels[run.name]] > 1]
        longer = {run.name: extend(labels[run.name], run) for run in equal}
        counts += Counter(longer.values())
        labels |= {name: label for name, label in longer.items() if counts[label] == 1}
    return distinguish_labels(labels)


def label_variants(runs: Sequence[Run]) -> dict[str, str]:
    """Return unique labels by run name for a race of their settings, which chooses the seeds."""
    titles = {
        run.name: name_settings(
            run.config, run.dataset.name, run.dataset.num_images, names_seed=False
        )
        for run in runs
        if is_unnamed(run) or is_of_race(run)
    }
    return label_runs(runs, titles)


def distinguish_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Add the names to equal labels, as a select box does not distinguish these.

    Args:
        labels: Labels by name.
    """
    counts = Counter(labels.values())
    if len(counts) == len(labels):
        return dict(labels)
    return distinguish_labels(
        {
            name: f"{label} ({name})" if counts[label] > 1 else label
            for name, label in labels.items()
        }
    )


def shorten_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Leave out the middle of long labels for a select box, which would cut their ends.

    Labels that would become equal stay whole, as a select box does not distinguish equal labels.
    """
    short = {name: _shorten(label) for name, label in labels.items()}
    counts = Counter(short.values())
    return {name: short[name] if counts[short[name]] == 1 else labels[name] for name in labels}


def _shorten(label: str) -> str:
    if len(label) <= _MAX_IN_BOX:
        return label
    start, end = label[: _MAX_IN_BOX - _END_IN_BOX - 3], label[-_END_IN_BOX:]
    # Cut between words where there are any.
    return f"{start.rpartition(' ')[0] or start} … {end.partition(' ')[2] or end}"


def is_unnamed(run: Run) -> bool:
    """Return whether a run is named by its settings, because nobody gave it a name."""
    return is_generated_name(run.name, run.dataset.name) and not has_own_title(run.path)


def find_hidden_start(run: Run, label: str) -> str:
    """Return the start of a run, such as "28 Nov 14:02"; "" if its label or no name has it."""
    start = describe_start(run.name)
    return "" if start in label else start


def _add_length(label: str, run: Run) -> str:
    """Add the training time of a run; a run in training has none, as its label must not change."""
    try:
        status = run.read_status()
    except RunError:  # It was deleted meanwhile.
        return label
    is_changing = status.state in ("running", "paused") or not status.seconds
    return label if is_changing else f"{label}, {round_duration(status.seconds)}"


def _add_minute(label: str, run: Run) -> str:
    start = describe_start(run.name)
    return f"{label} · {start}" if start else f"{label} ({run.name})"


def _add_second(label: str, run: Run) -> str:
    start = describe_start(run.name, with_seconds=True)
    return f"{label} · {start}" if start else f"{label} ({run.name})"


def make_file_stem(run: Run) -> str:
    """Return the name of files to download, without suffix.

    It is the title followed by the time in the name of the run's folder, or that name if the run
    has no title of its own.
    """
    if not has_own_title(run.path):
        return run.name
    title = run.read_label().title
    # The last one: a branch's name begins with its parent's.
    times = re.findall(r"-\d{8}-\d{6}", run.name)
    return slugify(title) + (times[-1] if times else "")


def label_checkpoint(step: int) -> str:
    """Return the label of a checkpoint.

    The label does not mark the best checkpoint, which changes during training: a select box forgets
    a chosen entry whose label changes.
    """
    return f"Step {step:,}"


def describe_best_checkpoint(run: Run) -> str:
    """Return a sentence that names the best checkpoint; "" without evaluations."""
    best = find_best_step(run)
    noun = get_picture_noun(run.config.dataset)
    return "" if best is None else f"Step {best:,} has the best {noun}s so far."


def find_best_step(run: Run) -> int | None:
    """Return the step of the best checkpoint; None without evaluations."""
    steps = run.checkpoints.list_steps()
    return find_best_checkpoint(_read_evaluations(run), steps, run.dataset.num_images)


@cache_until_changed(HISTORY_NAME, max_runs=50)
def _read_evaluations(run: Run) -> list[EvaluationReport]:
    try:
        return run.history.read_evaluations()
    except RunError:  # The Runs page shows the error.
        return []


def is_experiment(run: Run) -> bool:
    """Return whether a run was trained by an experiment of the Learn page, often to fail."""
    label = run.read_label()
    return label.experiment is not None or label.title.startswith(EXPERIMENT_TITLE)


def is_of_race(run: Run) -> bool:
    """Return whether a run was trained by a race, and nobody has given it another title."""
    return is_race_title(run.read_label().title)


def is_started_by_person(run: Run) -> bool:
    """Return whether a person has trained a run: no experiment, no race, and not included."""
    return not (run.is_read_only or is_experiment(run) or is_of_race(run))


def sort_for_opening(runs: Iterable[Run]) -> list[Run]:
    """Sort runs; a page opens the first of them.

    Args:
        runs: Runs as listed, the newest first.

    Returns:
        A person's own runs, then included runs, then runs of races and experiments; each kind in
        the order given.
    """
    return sorted(runs, key=lambda run: (not is_started_by_person(run), not run.is_read_only))
