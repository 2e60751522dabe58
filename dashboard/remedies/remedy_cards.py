"""The cards of tried remedies, side by side, and their results in sentences."""

from __future__ import annotations

import io
import math

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.access import permissions
from dashboard.components.picture import render_picture
from dashboard.components.plain_text import escape_markdown
from dashboard.snapshots.snapshot import Snapshot
from dcgan.config.named_datasets import get_picture_noun
from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.main_metric import (
    MAIN_METRICS,
    find_main_metric,
    get_page_label,
    is_quick_count,
)
from dcgan.evaluation.metric_info import (
    EPOCH_EVALUATION_IMAGES,
    METRIC_INFO,
    MIN_EVALUATED,
    format_distance,
    format_metric,
    format_range,
)
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.remedies.effects import (
    compute_threshold,
    find_baseline_range,
    find_best_remedy,
    find_effects,
)
from dcgan.remedies.plan import describe_trial
from dcgan.remedies.study import COLUMNS, NUM_SEEDS, ROWS, Measurement, Study, Trial
from dcgan.runs.checkpoints import DAMAGE_ERRORS
from dcgan.runs.run_folder import Run

# A larger ratio of the trials' numbers of steps comes from other work of the machine, not from
# changed settings.
_MAX_STEPS_RATIO = 1.5
# A comparison is rough if the largest distance without a change is more than this number of times
# the smallest.
_ROUGH_RATIO = 1.5
_BEST = ":green-badge[:material/check: Helps most]"
_EFFECTS = {
    "better": ":gray-badge[Better than doing nothing]",
    "worse": ":red-badge[:material/close: Makes it worse]",
    "unclear": ":gray-badge[No clear difference]",
}


def make_cards(study: Study) -> st.delta_generator.DeltaGenerator:
    """Make the container of the cards, one for each trial and one for the state before them.

    `styles/all_pages.css` puts up to five into a row. Six are two rows of three.
    """
    num_cards = 1 + len(study.trials)
    return st.container(key="remedy-cards-in-threes" if num_cards == 6 else "remedy-cards")


def make_card(index: int) -> st.delta_generator.DeltaGenerator:
    """Make the card of a trial, or of the state before all of them (-1)."""
    return st.container(border=True, gap="xsmall", key=f"remedy-{index}", height="stretch")


def sort_trials(study: Study) -> list[int]:
    """Return the indices of the trials in the order of their cards.

    First the remedy that helps most, then the trial without a change, then the other remedies from
    the best to the worst, those without a result, and last the second trial without a change.
    """
    best = find_best_remedy(study)

    def get_rank(index: int) -> tuple[bool, int, float]:
        trial = study.trials[index]
        kind_order = {"baseline": 0, "baseline_other_noise": 2}.get(trial.kind, 1)
        distance = trial.distance
        return index != best, kind_order, math.inf if distance is None else distance.mean

    return sorted(range(len(study.trials)), key=get_rank)


def render_before(study: Study, run: Run, newest_png: bytes | None = None) -> None:
    """Render the card of the state from which the trials start.

    Args:
        study: The study.
        run: The tested run.
        newest_png: The run's newest digits; shown until the study has digits of its own.
    """
    config = run.config
    png = newest_png if study.before is None else study.before.png
    with make_card(-1):
        if png is None:
            _render_no_picture(config, "before", "before")
        else:
            moment = "before the test" if study.before is None else f"before, step {study.step}"
            _render_picture(png, config, moment, "before")
        st.markdown(f"**Before, at step {study.step:,}**")
        if study.before is None:
            st.caption("Not measured yet.")
        else:
            _render_metrics(study.before, study, run)


def render_trial(study: Study, index: int, run: Run, snapshot: Snapshot | None) -> None:
    """Render a trial; `snapshot` is its snapshot while it is in training, otherwise None."""
    trial, config = study.trials[index], run.config
    name = describe_trial(trial)
    if trial.result is not None:
        step = f"step {trial.result.step}"
        _render_picture(trial.result.png, config, f"{name}, {step}", str(index))
        _render_title(trial, name)
        _render_metrics(trial.result, study, run)
        effect = find_effects(study).get(index)
        badge = "" if effect is None else f"{_EFFECTS[effect]} "
        if index == find_best_remedy(study):
            badge = f"{_BEST} "
        start = study.get_start_step(trial)
        st.markdown(f"{badge}:small[{trial.num_steps:,} steps from step {start:,}]")
        return
    if snapshot is not None and snapshot.sample is not None:
        png = encode_png(tile(snapshot.sample.pixels, ROWS, COLUMNS))
        _render_picture(
            png, config, f"{name}, in training, step {snapshot.sample.step}", str(index)
        )
    else:
        _render_no_picture(config, name, str(index))
    _render_title(trial, name)
    if trial.problem:
        problem = permissions.hide_path(trial.problem, config)
        st.caption(f":material/error: {escape_markdown(problem)}")
    elif snapshot is None:
        st.caption("Not tried." if study.adopted else "Not tried yet.")
    else:
        is_built = len(snapshot.history) > snapshot.num_earlier
        st.caption("In training." if is_built else "Building the networks and the first step.")


def _render_title(trial: Trial, name: str) -> None:
    """Render the name of a trial below its picture, where it may take two lines."""
    st.markdown(f"**{escape_markdown(name)}**")
    if trial.kind == "baseline_other_noise":
        st.caption("With other noise, to measure chance.")


def _render_no_picture(config: TrainingConfig, name: str, key: str) -> None:
    """Render a grey picture in the place of the digits; a black one would look like a collapse."""
    height, width, _ = config.image_shape
    grey = np.full((ROWS * COLUMNS, height, width), 128, np.uint8)
    _render_picture(encode_png(tile(grey, ROWS, COLUMNS)), config, f"{name}, none yet", key)


def _render_picture(png: bytes, config: TrainingConfig, moment: str, key: str) -> None:
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
            size = picture.size  # Studies of older versions have other grids.
            picture.verify()
    except (*DAMAGE_ERRORS, Image.DecompressionBombError):
        st.caption(":material/error: This picture is damaged.")
        return
    render_picture(
        png,
        size=size,
        alt=f"{get_picture_noun(config.dataset).capitalize()}s: {moment}",
        key=f"remedy-picture-{key}",
    )


def render_waiting(study: Study, current: int) -> None:
    """Render a line for each trial that comes after the current one."""
    waiting = [
        escape_markdown(_describe_plan(study, trial))
        for trial in study.trials[current + 1 :]
        if trial.is_pending
    ]
    if waiting:
        st.caption("\n".join(("Still to come:", "", *(f"- {line}" for line in waiting))))


def _describe_plan(study: Study, trial: Trial) -> str:
    """Describe a trial that waits, such as "Start again with R1 penalty 5, from step 0"."""
    if trial.kind == "baseline_other_noise":
        return f"{describe_trial(trial)}, with other noise, to measure chance"
    if trial.kind == "rolled_back":
        return describe_trial(trial)
    return f"{describe_trial(trial)}, from step {study.get_start_step(trial):,}"


def _render_metrics(measured: Measurement, study: Study, run: Run) -> None:
    num_images, lines = run.dataset.num_images, []
    uncounted = study.explain_uncounted(measured)
    for name in study.shown_metrics:
        if name not in measured.metrics:
            continue
        metric = measured.metrics[name]
        label, mean = _get_label(name, study, num_images), format_metric(name, metric.mean)
        remark = ""
        if name == "confident" and uncounted:
            lines.append(f":small[{label} **–** ({uncounted})]")
            continue
        if name in MAIN_METRICS:  # Its range shows how much chance there is.
            values = format_range(name, metric.low, metric.high)
            remark = "" if values == mean else f"measured {NUM_SEEDS} times: {values}"
        elif name in study.real_metrics:
            best = "; nearest is best" if name == "diversity" else ""
            remark = f"real {study.noun}s {format_metric(name, study.real_metrics[name])}{best}"
        lines.append(f":small[{label} **{mean}**{f' ({remark})' if remark else ''}]")
    shown = (name for name in study.shown_metrics if name in measured.metrics)
    explained = (
        f"**{_get_label(name, study, num_images)}** {METRIC_INFO[name].explain(study.noun)}"
        for name in shown
    )
    st.markdown("  \n".join(lines), help="\n\n".join(explained))


def _get_label(name: str, study: Study, num_images: int) -> str:
    # Trials are measured like evaluations in training.
    is_quick, real = is_quick_count(EPOCH_EVALUATION_IMAGES, num_images), study.real_metrics
    return get_page_label(name, real, has_digits=study.has_digits, is_quick=is_quick)


def summarize(study: Study, num_images: int) -> str:
    """Return the result in a sentence or two, as Markdown; `num_images` are in the data set."""
    if study.adopted:
        return (
            f"**Remedies tried at step {study.step:,}.** One of them continues as a separate run."
        )
    if not find_effects(study):
        return f"**{count_measured(study)}.** {_explain_no_comparison(study)}"
    without = " and ".join(_format_distance(trial) for trial in study.trials if trial.is_baseline)
    metric = find_main_metric(study.real_metrics)
    real = format_distance(study.real_metrics[metric])
    label = _get_label(metric, study, num_images)
    kind = f"real {study.noun}s"
    best = find_best_remedy(study)
    if best is None:
        return (
            f"**No remedy helped by more than chance.** {label}, lower is better: "
            f"{without} in the two trials without a change; {real} between {kind}. "
            f"{_explain_chance(study)}"
        )
    trial = study.trials[best]
    return (
        f"**{escape_markdown(describe_trial(trial))} helped most.** {label}, lower "
        f"is better: {_format_distance(trial)} with it, {without} in the two trials without a "
        f"change; {real} between {kind}. {_explain_chance(study)}"
    )


def _explain_no_comparison(study: Study) -> str:
    """Explain why no remedy can be compared with the trials without a change."""
    results = [trial.result for trial in study.trials if trial.result is not None]
    if results and not any(result.metrics for result in results):
        return (
            f"The data have fewer than {2 * MIN_EVALUATED} pictures, too few to measure distances: "
            "compare the pictures."
        )
    if all(trial.is_baseline or _has_failed(trial) for trial in study.trials):
        return "There is nothing to compare, because no remedy has a distance. The cards show why."
    if any(trial.is_baseline and _has_failed(trial) for trial in study.trials):
        return (
            "The remedies cannot be compared, because a trial without a change has no distance. "
            "Its card shows why."
        )
    return "There is nothing to compare yet."


def _has_failed(trial: Trial) -> bool:
    """Return whether a trial that has been trained has no distance."""
    return not trial.is_pending and trial.distance is None


def _explain_chance(study: Study) -> str:
    """Explain how small a distance must be to count as help."""
    chance = find_baseline_range(study)
    if chance is None:
        return ""
    low, high = chance
    limit = format_distance(compute_threshold(low, high))
    text = (
        f"Chance alone gives distances of {format_range(MAIN_METRICS[0], low, high)}, so only a "
        f"distance below {limit} counts as help."
    )
    if high > _ROUGH_RATIO * low:
        text += " Chance is large here, so a small improvement cannot be seen."
    return text


def count_measured(study: Study) -> str:
    """Return how many trials have results, such as "1 of 3 trials is measured"."""
    num = study.num_measured
    return f"{num} of {len(study.trials)} trials {'is' if num == 1 else 'are'} measured"


def _format_distance(trial: Trial) -> str:
    return "?" if trial.distance is None else format_distance(trial.distance.mean)


def explain(study: Study) -> str:
    """Explain how to read the cards, with a warning if the comparison may be unfair.

    Returns:
        Sentences; "" if no trial has a distance.
    """
    if all(trial.distance is None for trial in study.trials):
        return ""
    best = (
        "a diversity near the value of real digits"
        if "diversity" in study.shown_metrics
        else "a high precision and coverage"
    )
    text = (
        f"A low distance and {best} are best. Each trial trained for {study.seconds:g} s on the "
        f"same pictures. Beside the distance: the lowest and the highest of {NUM_SEEDS} "
        "measurements. The trial without a change is trained twice with different noise, so the "
        "difference between these two is chance."
    )
    if "confident" in study.shown_metrics:
        text += (
            f" Trust the distance and the pictures, not '{METRIC_INFO['confident'].label}': the "
            "classifier can be sure of patterns that are not digits."
        )
    return text + _warn_of_load(study)


def _warn_of_load(study: Study) -> str:
    """Return a sentence if the trials made very different numbers of steps, else ""."""
    steps = [trial.num_steps for trial in study.trials if trial.result is not None]
    if not steps or max(steps) <= _MAX_STEPS_RATIO * min(steps):
        return ""
    return (
        f" In this time the trials made {min(steps):,} to {max(steps):,} steps: if the computer "
        "was busy with other work, try them again."
    )
