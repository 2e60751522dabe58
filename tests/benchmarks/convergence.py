"""Find when the setting `until_converged` would end runs: the included ones, and made-up ones.

    python tests/benchmarks/convergence.py [--runs 40]

Made-up distances follow a formula of the training time, with noise of a tenth, for two hours.
Prints the minutes after which the runs end, the share that twice the time would still gain without
noise, and the forecast for ten more minutes, divided by what the formula gives for that time. Takes
half a minute.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from dcgan.diagnosis.convergence import Convergence, find_convergence
from dcgan.evaluation.main_metric import get_distance
from dcgan.installation import list_included_runs
from dcgan.reports import EvaluationReport
from dcgan.runs.run_folder import open_run

_SECONDS = 7200
_NOISE = 0.1
_INTERVALS = (8, 25, 60)  # Seconds between two evaluations.
_FORMULAS: dict[str, Callable[[float], float]] = {
    "level": lambda seconds: 3.0,
    "1 + 60 / seconds": lambda seconds: 1.0 + 60 / seconds,
    "0.8 + 300 / seconds": lambda seconds: 0.8 + 300 / seconds,
    "20 / seconds ** 0.3": lambda seconds: 20 / seconds**0.3,
    "80 / seconds ** 0.5": lambda seconds: 80 / seconds**0.5,
}


def main() -> None:
    """Print when the included and the made-up runs end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40, help="Runs of each formula and interval.")
    options = parser.parse_args()
    for path in list_included_runs():
        _print_included(path)
    for name, formula in _FORMULAS.items():
        for interval in _INTERVALS:
            _print_made_up(name, formula, interval, options.runs)


def _find_convergence(
    evaluations: Sequence[EvaluationReport],
) -> tuple[EvaluationReport, Convergence] | None:
    for number, newest in enumerate(evaluations, start=1):
        if convergence := find_convergence(evaluations[:number]):
            return newest, convergence
    return None


def _print_included(path: Path) -> None:
    evaluations = open_run(path).history.read_evaluations()
    end = _find_convergence(evaluations)
    if end is None:
        print(f"{path.name}: goes on")  # noqa: T201
        return
    newest, convergence = end
    later = [report for report in evaluations if abs(report.seconds - newest.seconds - 600) < 100]
    print(  # noqa: T201
        f"{path.name}: ends after {newest.seconds / 60:.1f} min. {convergence.describe()} "
        f"Ten minutes later it was {np.median([get_distance(report) for report in later]):.2f}, "
        f"at the end {np.median([get_distance(report) for report in evaluations[-8:]]):.2f}."
    )


def _print_made_up(
    name: str, formula: Callable[[float], float], interval: int, num_runs: int
) -> None:
    minutes, gains, errors = [], [], []
    for seed in range(num_runs):
        random = np.random.default_rng(seed)
        end = _find_convergence(
            [
                _make_evaluation(seconds, formula(seconds) * float(np.exp(_NOISE * noise)))
                for seconds, noise in zip(
                    range(interval, _SECONDS, interval),
                    random.standard_normal(_SECONDS // interval),
                    strict=False,
                )
            ]
        )
        if end is not None:
            seconds = end[0].seconds
            minutes.append(seconds / 60)
            gains.append(1 - formula(2 * seconds) / formula(seconds))
            errors.append(end[1].expected_distance / formula(seconds + 600))
    text = f"{name}, every {interval} s: {len(minutes)} of {num_runs} end"
    if minutes:
        low, middle, high = np.percentile(minutes, (0, 50, 100))
        text += (
            f", after {low:.1f} to {high:.1f} min (median {middle:.1f}); twice the time gains "
            f"{max(gains):.0%} at most; forecast {np.median(errors):.2f}"
        )
    print(text)  # noqa: T201


def _make_evaluation(seconds: float, value: float) -> EvaluationReport:
    metrics = {"frechet_distance": value}
    return EvaluationReport(1, 1, seconds, 1000, metrics, {"frechet_distance": 0.0})


if __name__ == "__main__":
    main()
