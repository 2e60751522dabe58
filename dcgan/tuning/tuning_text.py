"""A tuning as text for people, and as plain values for scripts."""

from __future__ import annotations

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.train_command import make_train_command
from dcgan.config.training_config import MAX_SECONDS_UNTIL_CONVERGED, TrainingConfig
from dcgan.durations import describe_roughly, describe_seconds
from dcgan.evaluation.metric_info import format_distance
from dcgan.tuning.result import TuningResult
from dcgan.tuning.schedule import list_round_plans
from dcgan.tuning.tuning import CONTROL, Round, Tuning
from dcgan.wording import align_columns

_LENGTH = ("epochs", "max_seconds", "until_converged")


def describe_tuning(tuning: Tuning, result: TuningResult) -> list[str]:
    """Describe a finished tuning: the result, a table of all candidates and a command."""
    lines = [result.headline]
    if result.reason:
        lines.append(result.reason)
    lines += ["", *_format_table(tuning), ""]
    lines.append(f"To train: {make_command(tuning, result)}")
    return lines


def choose_config(tuning: Tuning, result: TuningResult) -> TrainingConfig:
    """Return the settings to train with: the best ones, or the starting settings.

    The run ends when it stops improving, unless the person chose a length or no evaluations.
    """
    config = tuning.candidates[CONTROL if result.best is None else result.best].config
    default = TrainingConfig()
    is_default_length = all(getattr(config, name) == getattr(default, name) for name in _LENGTH)
    if is_default_length and config.evaluate_every:  # Ten epochs are a few steps of a small set.
        config = config.replace(
            epochs=None, max_seconds=MAX_SECONDS_UNTIL_CONVERGED, until_converged=True
        )
    return config


def make_command(tuning: Tuning, result: TuningResult) -> str:
    """Return the command that trains with the result."""
    return make_train_command(choose_config(tuning, result))


def describe_progress(tuning: Tuning, run_index: int) -> str:
    """Describe the run that trains next, such as "Round 1 of 3, run 2 of 9: R1 penalty 1"."""
    last = tuning.rounds[-1]
    num_rounds = len(list_round_plans(tuning.num_changes))
    run = tuning.runs[run_index]
    candidate = tuning.candidates[run.candidate]
    seed = f", seed {run.seed}" if last.is_final else ""
    return (
        f"Round {len(tuning.rounds)} of {num_rounds}, run {last.runs.index(run_index) + 1} of "
        f"{len(last.runs)}: {candidate.label}{seed}; {describe_roughly(tuning.seconds_left)} left"
    )


def convert_to_json(tuning: Tuning, result: TuningResult) -> dict[str, object]:
    """Return a finished tuning as values that JSON can hold."""
    return {
        "minutes": tuning.minutes,
        "spent_seconds": tuning.spent_seconds,
        "metric": tuning.metric,
        "headline": result.headline,
        "reason": result.reason,
        "is_better": result.best is not None,
        "candidates": [
            {
                "label": candidate.label,
                "changes": {
                    name: candidate.config.model_dump(mode="json")[name]
                    for name in candidate.changed
                },
                "is_best": candidate_index == result.best,
                "runs": [
                    {
                        "seed": run.seed,
                        "measured": [
                            {
                                "seconds": seconds,
                                "step": measurement.step,
                                "distance": measurement.distance,
                            }
                            for seconds, measurement in _list_measurements(tuning, run_index)
                        ],
                        "problem": run.problem,
                    }
                    for run_index, run in enumerate(tuning.runs)
                    if run.candidate == candidate_index
                ],
            }
            for candidate_index, candidate in enumerate(tuning.candidates)
        ],
        "command": make_command(tuning, result),
    }


def _list_measurements(tuning: Tuning, run_index: int) -> list[tuple[float, RunMeasurement]]:
    """Return the measurements of a run, each with the training seconds before it."""
    seconds = [each.seconds for each in tuning.rounds if run_index in each.runs]
    return list(zip(seconds, tuning.runs[run_index].measurements, strict=False))


def make_table(tuning: Tuning) -> list[list[str]]:
    """Return the cells of a table: the header, then a row for each candidate.

    A column for each round has the distances at its end.
    """
    header = ["settings", *(_name_round(tuning, index) for index in range(len(tuning.rounds)))]
    return [header, *(_format_row(tuning, index) for index in range(len(tuning.candidates)))]


def _format_table(tuning: Tuning) -> list[str]:
    title = "Distance to real pictures, lower is better:"
    return [title, *align_columns(make_table(tuning))]


def _name_round(tuning: Tuning, index: int) -> str:
    tuning_round = tuning.rounds[index]
    text = f"{describe_seconds(tuning_round.seconds)}"
    if tuning_round.is_final:
        seeds = sorted({tuning.runs[run].seed for run in tuning_round.runs})
        return f"{text}, seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"
    return text


def _format_row(tuning: Tuning, candidate_index: int) -> list[str]:
    cells = [tuning.candidates[candidate_index].label]
    for tuning_round in tuning.rounds:
        runs = [run for run in tuning_round.runs if tuning.runs[run].candidate == candidate_index]
        cells.append(", ".join(_format_distance(tuning, run, tuning_round) for run in runs) or "–")
    return cells


def _format_distance(tuning: Tuning, run_index: int, tuning_round: Round) -> str:
    """Format the distance of a run at the end of a round; "failed" or "…" without one."""
    index = [other for other in tuning.rounds if run_index in other.runs].index(tuning_round)
    measurements = tuning.runs[run_index].measurements
    if index >= len(measurements):
        return "failed" if tuning.runs[run_index].problem else "…"
    return format_distance(measurements[index].distance)
