"""Measure the named directions and the inversion of the Explore page, and their times.

    python tests/benchmarks/latent_studio.py [--run RUN] [--digits 100]

It uses the newest checkpoint of a run, by default the included one. The correlation of a direction
is the median over several samples of digits, with the lowest and the highest; the page shows that
of one sample. Inverted are digits of the generator itself, which certainly have a z, and MNIST's
test digits, on which no generator was trained.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from dcgan.data.datasets import load_mnist_test
from dcgan.installation import INCLUDED_RUN
from dcgan.latent import directions
from dcgan.latent.directions import find_named_directions
from dcgan.latent.inversion import Inverter
from dcgan.latent.sampling import MAX_ENTRY, sample_latent
from dcgan.latent.survey import Survey, take_survey
from dcgan.model.sampler import Sampler
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.library import find_run

_NUM_SAMPLES = 5
# A z counts as found if the root mean square error is below these shares of black to white.
_OWN_ERROR, _REAL_ERROR = 0.05, 0.12
_SEED = 5_772


def main() -> None:
    """Measure and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", default=str(INCLUDED_RUN), help="A run's folder or name.")
    parser.add_argument("--digits", type=int, default=100, help="To invert, of each kind.")
    options = parser.parse_args()
    run = find_run(options.run)
    sampler, step = load_sampler(run)
    print(f"{run.name}, step {step:,}")  # noqa: T201
    survey = measure_directions(sampler)
    measure_inversion(sampler, survey, options.digits)


def measure_directions(sampler: Sampler) -> Survey:
    """Print the correlation of each named direction, and the time to find them."""
    draw, latent_dim = sampler.generate, sampler.config.latent_dim
    take_survey(draw, latent_dim, digits=range(10), num=250)  # Traces the graphs.
    seconds: list[float] = []
    tries_by_direction: dict[str, list[tuple[float, float]]] = {}
    own_seed = directions._SEED
    for index in range(_NUM_SAMPLES):
        directions._SEED = own_seed + 1000 * index  # Other digits; the first sample is the page's.
        began = time.perf_counter()
        survey = take_survey(draw, latent_dim, digits=range(10))
        for direction in find_named_directions(draw, survey):
            tries_by_direction.setdefault(direction.name, []).append(
                (direction.correlation, direction.share_rising)
            )
        seconds.append(time.perf_counter() - began)
    directions._SEED = own_seed
    print(f"\n{'direction':18}{'r':>6}{'lowest':>8}{'highest':>9}{'rising':>8}{'offered':>9}")  # noqa: T201
    for name, tries in tries_by_direction.items():
        r = [correlation for correlation, _ in tries]
        rising = statistics.median(share for _, share in tries)
        print(  # noqa: T201
            f"{name:18}{statistics.median(r):6.2f}{min(r):8.2f}{max(r):9.2f}{rising:8.0%}"
            f"{len(tries):6}/{_NUM_SAMPLES}"
        )
    print(f"survey and named directions: {spread(seconds)} s")  # noqa: T201
    return survey


def measure_inversion(sampler: Sampler, survey: Survey, num: int) -> None:
    """Print the error and the time of the inversion."""
    inverter, weights = Inverter(sampler.config), sampler.get_weights()
    z = sample_latent(_SEED, num, sampler.config.latent_dim).clip(-MAX_ENTRY, MAX_ENTRY)
    own, real = sampler.generate(z), load_mnist_test().pixels[:num]
    began = time.perf_counter()
    list(inverter.invert(weights, own[0], survey))
    print(f"\nfirst inversion, tracing included: {time.perf_counter() - began:.2f} s")  # noqa: T201
    for kind, digits, limit in (
        ("its own digits", own, _OWN_ERROR),
        ("MNIST's test digits", real, _REAL_ERROR),
    ):
        errors, seconds = [], []
        for pixels in digits:
            began = time.perf_counter()
            *_, inversion = inverter.invert(weights, pixels, survey)
            seconds.append(time.perf_counter() - began)
            errors.append(inversion.error)
        share, middle = np.mean(np.array(errors) < limit), statistics.median(errors)
        print(  # noqa: T201
            f"{kind}: {share:.0%} of {num} below {limit:.2f}, median {middle:.3f}, "
            f"90 % below {np.quantile(errors, 0.9):.3f}; {spread(seconds)} s each"
        )


def spread(values: Sequence[float]) -> str:
    """Return the median, and the smallest and largest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
