"""The text of a study, as the command line prints it: a line for each trial."""

from __future__ import annotations

from dcgan.evaluation.main_metric import MAIN_METRICS
from dcgan.evaluation.metric_info import METRIC_INFO, format_metric, format_range
from dcgan.remedies.effects import find_effects
from dcgan.remedies.plan import describe_trial
from dcgan.remedies.study import Measurement, SeedRange, Study

_EFFECTS = {
    "better": "; helps",
    "worse": "; makes it worse",
    "unclear": "; no clear difference",
}


def describe_study(study: Study) -> list[str]:
    """Describe each trial in one line, and the option that adopts one in a last line."""
    effects = find_effects(study)
    lines = []
    for index, trial in enumerate(study.trials):
        beginning = f"{index + 1}. {describe_trial(trial)}: "
        if trial.result is None:
            lines.append(beginning + (trial.problem or "not tried."))
            continue
        metrics = _describe_metrics(study, trial.result)
        measured = f"{metrics}; " if metrics else ""
        effect = _EFFECTS[effects[index]] if index in effects else ""
        chance = "; measures chance" if trial.kind == "baseline_other_noise" else ""
        start = f"from step {study.get_start_step(trial):,}"
        lines.append(f"{beginning}{measured}{trial.num_steps:,} steps {start}{effect}{chance}.")
    adoptable = [str(number) for number, trial in enumerate(study.trials, 1) if trial.is_adoptable]
    if adoptable:
        lines.append(f"To turn a remedy into a run: --adopt {' or '.join(adoptable)}.")
    return lines


def _describe_metrics(study: Study, result: Measurement) -> str:
    uncounted = study.explain_uncounted(result)
    return ", ".join(
        f"{METRIC_INFO[name].label} – ({uncounted})"
        if name == "confident" and uncounted
        else f"{_get_label(name)} {_describe_range(name, metric)}"
        for name in study.shown_metrics
        if (metric := result.metrics.get(name)) is not None
    )


def _get_label(name: str) -> str:
    """Return the name of a metric; a study has one of the main metrics."""
    return "Distance" if name in MAIN_METRICS else METRIC_INFO[name].label


def _describe_range(name: str, metric: SeedRange) -> str:
    """Describe a metric, such as "3.20 (3.10 to 3.30)", or "3.20" if all seeds gave that value."""
    mean = format_metric(name, metric.mean)
    values = format_range(name, metric.low, metric.high)
    return mean if values == mean else f"{mean} ({values})"
