"""Labels of runs and checkpoints in lists, and the order of runs. Imports no Streamlit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from dashboard.process.file_cache import cache_until_changed
from dcgan.config.named_datasets import get_picture_noun
from dcgan.errors import RunError
from dcgan.files.file_names import slugify
from dcgan.reports import EvaluationReport
from dcgan.runs.history import HISTORY_NAME
from dcgan.runs.retention import find_best_checkpoint
from dcgan.runs.run_folder import Run
from dcgan.runs.titles import describe_start, has_own_title
from dcgan.sweeps.race import is_race_title

EXPERIMENT_TITLE = "Experiment: "  # Start of the title of an experiment's run.
# Characters of a label that fit Explore's choice of a run in a window of 1,280 pixels; on a phone
# ten more do. Similar titles differ in the times and numbers at their ends.
_MAX_IN_BOX, _END_IN_BOX = 40, 18


def label_runs(runs: Iterable[Run], titles: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a unique label for each run, by its name.

    Equal titles are followed by the time of the start, if necessary with its seconds, or by the
    name if that is equal too or unknown: a select box does not distinguish equal labels.

    Args:
        runs: The runs.
        titles: Titles by run name, in place of the runs' own; not every run needs one.
    """
    titles = titles or {}
    choices = {run.name: _list_labels(run, titles.get(run.name)) for run in runs}
    counts = [Counter(labels) for labels in zip(*choices.values(), strict=True)]
    labels = {
        name: next(
            (label for label, count in zip(labels, counts, strict=True) if count[label] == 1),
            labels[-1],
        )
        for name, labels in choices.items()
    }
    return distinguish_labels(labels)  # A person may have given a title that ends with a time.


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


def is_titled_by_time(run: Run) -> bool:
    """Return whether a run's title was made of the time of its start, because nobody gave one."""
    time = describe_start(run.name)
    return bool(time) and not has_own_title(run.path) and run.read_label().title.endswith(time)


def _list_labels(run: Run, title: str | None) -> tuple[str, ...]:
    """Return a run's labels, from the shortest to one that no other run has.

    Args:
        run: The run.
        title: A title in place of its own; None for its own.
    """
    title = title or run.read_label().title
    named = f"{title} ({run.name})"
    minute, second = (describe_start(run.name, with_seconds=is_long) for is_long in (False, True))
    if not minute:
        return title, named, named, named
    if title.endswith(minute):  # A title that was made of the time.
        return title, title, title.removesuffix(minute) + second, named
    return title, f"{title} · {minute}", f"{title} · {second}", named


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
    return find_best_checkpoint(_read_evaluations(run), run.checkpoints.list_steps())


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


def sort_for_opening(runs: Iterable[Run]) -> list[Run]:
    """Sort runs; a page opens the first of them.

    Args:
        runs: Runs as listed, the newest first.

    Returns:
        A person's own runs, then included runs, then runs of experiments; each kind in the order
        given.
    """
    return sorted(runs, key=lambda run: (is_experiment(run), run.is_read_only))
