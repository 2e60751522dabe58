"""Reports of a training run: frozen values without TensorFlow.

`training.train` yields step, sample and epoch reports; `recording` adds evaluations and events.
`runs.run_folder.Run` stores them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Event = Literal[
    "started", "changed", "diverged", "rolled_back", "branched", "continued", "converged"
]


@dataclass(frozen=True)
class Report:
    """Base of all reports: the position in training.

    Attributes:
        step: Updates of both networks made so far.
        epoch: The pass over the data that the step belongs to, from 1.
        seconds: Training time so far.
    """

    step: int
    epoch: int
    seconds: float


@dataclass(frozen=True)
class StepReport(Report):
    """Means over the chunk of steps that ended at `step`.

    Attributes:
        num_steps: Steps in the chunk.
        generator_loss, discriminator_loss: The losses that the setting `loss` names. For bce they
            are ln 2 and, without smoothing, 2 ln 2 at logits of 0.
        real_accuracy, fake_accuracy: Share of real and fake images on the right side of
            logit 0, in [0, 1], on training batches before the discriminator's update.
        real_probability, fake_probability: Mean D(x) and D(G(z)), in [0, 1].
        generator_gradient_norm, discriminator_gradient_norm: L2 norms over all weights.
        images_per_second: Real images seen for each second of the chunk.
        images_per_step: Real images in each step. None in old runs, which did not record it.
        generator_update_ratio, discriminator_update_ratio: Length of the last step's change of a
            network's weights, divided by the length of the weights. None if not measured.
        real_histogram, fake_histogram: Histograms of D(x) and D(G(z)), as shares of the images in
            equal parts of [0, 1]; empty if not measured.
        real_spread, fake_spread: Root mean squared difference between the pixels of two real
            images, and of two fakes, within a training batch; black to white is 1. The fakes come
            from the trained generator, not from its EMA. None in old runs, which did not measure
            it.
        augment_probability: The probability of each augmentation at the end of the chunk, in
            [0, 1]; None without augmentation.
    """

    num_steps: int
    generator_loss: float
    discriminator_loss: float
    real_accuracy: float
    fake_accuracy: float
    real_probability: float
    fake_probability: float
    generator_gradient_norm: float
    discriminator_gradient_norm: float
    images_per_second: float
    generator_update_ratio: float | None = None
    discriminator_update_ratio: float | None = None
    real_histogram: tuple[float, ...] = ()
    fake_histogram: tuple[float, ...] = ()
    real_spread: float | None = None
    fake_spread: float | None = None
    images_per_step: int | None = None
    augment_probability: float | None = None

    @property
    def accuracy(self) -> float:
        """Share of all images on the right side of logit 0, in [0, 1]; half of them are real.

        At balance it is 1/2, whatever the label smoothing, which moves the other two accuracies.
        """
        return (self.real_accuracy + self.fake_accuracy) / 2


@dataclass(frozen=True, eq=False)
class SampleReport(Report):
    """The EMA generator's pictures of the run's fixed z.

    Attributes:
        pixels: uint8 [0, 255], shape (num_samples, height, width, channels).
    """

    pixels: np.ndarray


@dataclass(frozen=True, eq=False)
class EpochReport(Report):
    """The end of an epoch: means, and the pictures of the run's fixed z.

    Attributes:
        generator_loss, discriminator_loss: Means over the steps since the previous EpochReport:
            one epoch, or several epochs if they are very short.
        pixels: uint8 [0, 255], shape (num_samples, height, width, channels).
    """

    generator_loss: float
    discriminator_loss: float
    pixels: np.ndarray


@dataclass(frozen=True)
class EvaluationReport(Report):
    """Metrics of the quality of generated pictures, measured at the end of an epoch.

    Attributes:
        num_images: Number of generated pictures, and of real images compared with them. Metrics
            of different numbers are not comparable.
        metrics: Values by the names of `metric_info.METRIC_INFO`. `frechet_distance`, `precision`
            and `recall` are always there; others are absent if the data do not allow them.
        real_metrics: Values for `num_images` real images against other real images, by the same
            names. Only the three metrics above are always there.
        digit_shares: Share of each of the ten digits; empty if the data are not digits.
        real_digit_shares: Share of each digit among the real images; empty if the data are not
            digits, and in old runs.
    """

    num_images: int
    metrics: Mapping[str, float] = field(hash=False)
    real_metrics: Mapping[str, float] = field(hash=False)
    digit_shares: tuple[float, ...] = ()
    real_digit_shares: tuple[float, ...] = ()


@dataclass(frozen=True)
class EventReport(Report):
    """A change of the run between two steps, or its end before the planned one.

    After a rollback, `step` is the step that training continued from; later steps are discarded.

    Attributes:
        event: "started": the run started with the weights of another run. "changed": settings that
            the networks learn by were changed. "diverged": training rolled back from NaN or
            infinity. "rolled_back": a person rolled it back. "branched": the run started as a
            branch of another run, with other settings. "continued": it learns as before, as a
            branch or with other settings of its reports and length. "converged": training ended at
            this step because the run stopped improving (`until_converged`).
        text: What happened, in a sentence or two.
    """

    event: Event
    text: str


AnyReport = StepReport | SampleReport | EpochReport | EvaluationReport | EventReport
