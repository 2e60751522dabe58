"""The generator of a checkpoint, loaded to generate digits or to be measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dcgan.data.drawn_classes import draw_classes
from dcgan.errors import UnreadableFileError
from dcgan.evaluation.evaluator import Evaluator, evaluate_samples
from dcgan.evaluation.metric_info import FULL_EVALUATION, Evaluation
from dcgan.evaluation.two_sample_test import (
    TwoSampleTest,
    check_scikit_learn,
    choose_sizes,
    run_two_sample_test,
)
from dcgan.latent.sampling import sample_latent
from dcgan.model.sampler import Sampler
from dcgan.model.state import select_generator_weights
from dcgan.runs.run_folder import Run
from dcgan.runs.training_data import load_training_data


def load_sampler(run: Run, step: int | None = None) -> tuple[Sampler, int]:
    """Load the generator of a run's checkpoint.

    Args:
        run: The run.
        step: One of its checkpoints; None for the newest.

    Returns:
        The sampler, and the step of its checkpoint.

    Raises:
        RunError: If there is no such checkpoint, or it is damaged or does not fit the settings.
    """
    state = run.checkpoints.load(step)
    sampler = Sampler(run.config)
    set_checkpoint_weights(sampler.set_weights, run, select_generator_weights(state))
    return sampler, int(state["step"])


def evaluate_run(
    run: Run, *, num_images: int = FULL_EVALUATION, seed: int = 0, step: int | None = None
) -> tuple[int, Evaluation, Evaluation]:
    """Compare a run's digits with the data that it was trained on.

    Args:
        run: The run of the generator.
        num_images: The number of samples, and of real images; at most half of the data.
        seed: The seed of the latent vectors.
        step: The checkpoint; None for the newest.

    Returns:
        The measured step, the metrics of the samples, and the metrics of real images.

    Raises:
        DatasetError: If the data cannot be read.
        RunError: If the checkpoint cannot be read.
    """
    sampler, measured_step = load_sampler(run, step)
    dataset = load_training_data(run)
    evaluator = Evaluator(dataset, num_images)
    z = sample_latent(seed, evaluator.num_images, run.config.latent_dim)
    classes = draw_classes(run.config, dataset, evaluator.num_images)
    return (measured_step, *evaluate_samples(sampler.generate(z, classes), classes, evaluator))


def evaluate_run_by_two_sample_test(
    run: Run, *, seed: int = 0, step: int | None = None
) -> tuple[int, TwoSampleTest]:
    """Measure how often trees can tell a run's pictures from the data that it was trained on.

    Args:
        run: The run of the generator.
        seed: The seed of the latent vectors.
        step: The checkpoint; None for the newest.

    Returns:
        The measured step, and the result of the test.

    Raises:
        MissingPackageError: If scikit-learn is not installed.
        DatasetError: If the data cannot be read, or are too few.
        RunError: If the checkpoint cannot be read.
    """
    check_scikit_learn()
    dataset = load_training_data(run)
    num = sum(choose_sizes(len(dataset)))
    sampler, measured_step = load_sampler(run, step)
    z = sample_latent(seed, num, run.config.latent_dim)
    pictures = sampler.generate(z, draw_classes(run.config, dataset, num))
    return measured_step, run_two_sample_test(pictures, dataset)


def set_checkpoint_weights(
    set_weights: Callable[[list[np.ndarray]], None], run: Run, weights: list[np.ndarray]
) -> None:
    """Set weights of a checkpoint in networks that were built from the run's settings.

    Raises:
        UnreadableFileError: If the weights do not fit the networks.
    """
    try:
        set_weights(weights)
    except (ValueError, TypeError) as error:
        raise UnreadableFileError(
            f"{run.name}: the checkpoint does not fit config.json: {error}"
        ) from None
