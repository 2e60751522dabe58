"""The largest ratio of two distances to real images that a different seed alone can cause."""

from __future__ import annotations

EARLY_STEP = 1500  # Before this step, training is early, for the Fréchet distance.
# The same by metric. The sliced Wasserstein distance varies less: of 2,800 letters with three seeds
# (tests/benchmarks/seed_spread.py), it was 22.9 to 37.7 at step 440, a ratio of 1.65; 20.5 to 21.0
# at step 836; and 18.3 to 21.5 at step 1,628, a ratio of 1.17.
_EARLY_STEPS = {"frechet_distance": EARLY_STEP, "sliced_wasserstein": 800}
# The largest ratio of two distances that a different seed alone can cause, by the number of runs
# that were measured early in training. If both are late, Fréchet distances are a tenth to a fifth
# apart (docs/levers.md); if both are early, a factor of 1.7 (docs/experiments.md). If one run is
# early and the other late: exp(sqrt((ln(1.2)^2 + ln(1.7)^2) / 2)).
_RATIOS = (1.2, 1.5, 1.7)
_STAGES = ("", " while one of them is so early in training", " so early in training")


def find_seed_ratio(first_step: int, second_step: int, metric: str) -> float:
    """Return the largest ratio of two distances that a different seed alone can cause; at least 1.

    Args:
        first_step, second_step: The steps at which the distances were measured.
        metric: One of `main_metric.MAIN_METRICS`.
    """
    return _RATIOS[_count_early(first_step, second_step, metric)]


def describe_stage(first_step: int, second_step: int, metric: str) -> str:
    """Return the end of a sentence that explains a large `find_seed_ratio`; "" for late steps."""
    return _STAGES[_count_early(first_step, second_step, metric)]


def _count_early(first_step: int, second_step: int, metric: str) -> int:
    return sum(step < _EARLY_STEPS[metric] for step in (first_step, second_step))
