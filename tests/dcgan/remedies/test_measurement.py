"""The measurement of a generator in a trial: its metrics, and when there are none."""

from __future__ import annotations

import dataclasses
from typing import cast

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.evaluation.metric_info import MIN_EVALUATED, Evaluation
from dcgan.evaluation.metrics import Estimate
from dcgan.model.gan import DCGAN
from dcgan.remedies import measurement
from dcgan.remedies.measurement import measure_generator
from tests.fake_training import FakeGAN


def test_metrics_that_are_not_finite_are_left_out(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimates = {"frechet_distance": Estimate(4.0), "diversity": Estimate(float("nan"))}

    class Evaluator:
        num_images = 20
        real_evaluation = Evaluation(20, estimates)

        def __init__(self, dataset: ImageDataset, num_images: int) -> None:
            self.evaluate = lambda pixels, classes: self.real_evaluation

    monkeypatch.setattr(measurement, "Evaluator", Evaluator)
    measured, real = measure_generator(cast("DCGAN", FakeGAN()), tiny_config, tiny_dataset)
    assert list(measured.metrics) == ["frechet_distance"]
    assert real == {"frechet_distance": 4.0}


def test_too_few_images_are_not_measured(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset
) -> None:
    few = dataclasses.replace(tiny_dataset, pixels=tiny_dataset.pixels[: 2 * MIN_EVALUATED - 1])
    measured, real = measure_generator(cast("DCGAN", FakeGAN()), tiny_config, few)
    assert (measured.metrics, real) == ({}, {})
    assert measured.png
