"""The largest ratio of two distances to real images that a different seed alone can cause."""

from __future__ import annotations

EARLY_STEP = 1500  # Before this step, training is early, for the Fréchet distance.
# The same by metric. Measured with tests/benchmarks/seed_spread.py and three seeds, the sliced
# Wasserstein distance of 2,800 letters was 22.9 to 37.7 at step 440, a ratio of 1.65; 20.5 to 21.0
# at step 836; and 18.3 to 21.5 at step 1,628. That of 1,500 striped discs in colour was 227 to 321
# at step 408, a ratio of 1.41; 177 to 231 at step 816, a ratio of 1.30; and 112 to 129 at step
# 1,608.
_EARLY_STEPS = {"frechet_distance": EARLY_STEP, "sliced_wasserstein": 800}
# The largest ratio of two distances that a different seed alone can cause, by metric and by the
# number of runs that were measured early in training. If both are late, Fréchet distances are a
# tenth to a fifth apart (docs/levers.md); if both are early, a factor of 1.7 (docs/experiments.md).
# If one run is early and the other late: exp(sqrt((ln(1.2)^2 + ln(1.7)^2) / 2)).
_RATIOS = {"frechet_distance": (1.2, 1.5, 1.7), "sliced_wasserstein": (1.3, 1.5, 1.7)}

# The largest difference of two recalls or precisions that a different seed alone can cause, late
# and early. After 2,500 steps of MNIST, three seeds were 1 to 3 points apart; 1,000 digits add up
# to 4. At steps 254 to 356, three seeds had recalls of 45 to 54% and precisions of 74 to 84%.
_SHARES = (0.05, 0.12)


def find_seed_ratio(first_step: int, second_step: int, metric: str) -> float:
    """Return the largest ratio of two distances that a different seed alone can cause; at least 1.

    Args:
        first_step, second_step: The steps at which the distances were measured.
        metric: One of `main_metric.MAIN_METRICS`.
    """
    return _RATIOS[metric][_count_early(first_step, second_step, metric)]


def find_seed_share(first_step: int, second_step: int) -> float:
    """Return the largest difference of two recalls or precisions that another seed can cause.

    Args:
        first_step, second_step: The steps at which they were measured.

    Returns:
        A share of images, in (0, 1).
    """
    return _SHARES[min(first_step, second_step) < EARLY_STEP]


def describe_stage(first_step: int, second_step: int, metric: str) -> str:
    """Return the end of a sentence on a large `find_seed_ratio`; "" for late steps."""
    if _count_early(first_step, second_step, metric) == 0:
        return ""
    return f" (less after {_EARLY_STEPS[metric]:,} steps)"


def explain_seed_ratio(metric: str, num_seeds: int = 1) -> str:
    """Return sentences on the origin of `find_seed_ratio`.

    Args:
        metric: One of `main_metric.MAIN_METRICS`.
        num_seeds: Number of seeds over which distances are averaged; at least 1.
    """
    late, mixed, early = _RATIOS[metric]
    text = (
        "This factor was measured: the same settings were trained several times with different "
        f"seeds. Their distances differed by up to {early} times before step "
        f"{_EARLY_STEPS[metric]:,}, and by up to {late} times later. If one run is before that "
        f"step and the other is not, the factor is in between, {mixed}."
    )
    if num_seeds == 1:
        return text
    return f"{text} The average of {num_seeds} seeds varies less, unless these seeds differ more."


def is_early(step: int, metric: str) -> bool:
    """Return whether a step is early in training, when seeds differ most.

    Args:
        step: A step.
        metric: One of `main_metric.MAIN_METRICS`.
    """
    return step < _EARLY_STEPS[metric]


def _count_early(first_step: int, second_step: int, metric: str) -> int:
    return sum(is_early(step, metric) for step in (first_step, second_step))
