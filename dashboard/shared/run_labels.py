"""Labels of runs and checkpoints in lists to choose from. Imports no Streamlit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from dashboard.process.file_cache import cache_until_changed
from dcgan.config.named_datasets import get_picture_noun
from dcgan.errors import RunError
from dcgan.files.file_names import slugify
from dcgan.reports import EvaluationReport
from dcgan.runs.retention import find_best_checkpoint
from dcgan.runs.run_folder import Run


def label_runs(runs: Iterable[Run]) -> dict[str, str]:
    """Return a unique label for each run, by its name.

    Equal titles are followed by the time of the start, or by the name if that is equal too or
    unknown, because a select box does not distinguish equal labels.
    """
    titles = {run.name: run.read_label().title for run in runs}
    dated = {name: f"{title} ({_find_time(name) or name})" for name, title in titles.items()}
    counts, dated_counts = Counter(titles.values()), Counter(dated.values())
    return {
        name: title
        if counts[title] == 1
        else dated[name]
        if dated_counts[dated[name]] == 1
        else f"{title} ({name})"
        for name, title in titles.items()
    }


def _find_time(name: str) -> str:
    """Return the time in the name of a run's folder, such as "3 Sep 14:07"; "" without one."""
    times = re.findall(r"-(\d{8}-\d{6})", name)  # The last, as in `make_file_stem`.
    try:
        time = datetime.strptime(times[-1], "%Y%m%d-%H%M%S") if times else None
    except ValueError:
        return ""
    return "" if time is None else f"{time.day} {time:%b %H:%M}"


def make_file_stem(run: Run) -> str:
    """Return the name of files to download, without suffix.

    It is the title followed by the time in the name of the run's folder, or that name if the run
    has no title of its own.
    """
    title = run.read_label().title
    if title == run.name:
        return run.name
    # The last one: a branch's name begins with its parent's.
    times = re.findall(r"-\d{8}-\d{6}", run.name)
    return slugify(title) + (times[-1] if times else "")


def label_checkpoint(step: int) -> str:
    """Return the label of a checkpoint.

    It does not name the best one, which changes during training: a select box forgets a chosen
    entry whose label changes.
    """
    return f"Step {step:,}"


def describe_best_checkpoint(run: Run) -> str:
    """Return a sentence that names the best checkpoint; "" without evaluations."""
    best = find_best_checkpoint(_read_evaluations(run), run.checkpoints.list_steps())
    noun = get_picture_noun(run.config.dataset)
    return "" if best is None else f"Step {best:,} has the best {noun}s so far."


@cache_until_changed("history.jsonl", max_runs=50)
def _read_evaluations(run: Run) -> list[EvaluationReport]:
    try:
        return run.history.read_evaluations()
    except RunError:  # The Runs page shows the error.
        return []
