"""Evaluations of real digits and of bad ones."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dcgan.data.datasets import ImageDataset, load_dataset, load_mnist_test
from dcgan.errors import DatasetError
from dcgan.evaluation import metric_info
from dcgan.evaluation.evaluation_text import describe_evaluation
from dcgan.evaluation.evaluator import Evaluator, evaluate_samples

NUM = 1000


@pytest.fixture(scope="module")
def mnist() -> ImageDataset:
    return load_dataset("mnist")


@pytest.fixture(scope="module")
def evaluator(mnist: ImageDataset) -> Evaluator:
    return Evaluator(mnist, NUM)


@pytest.fixture(scope="module")
def quick_evaluator(mnist: ImageDataset) -> Evaluator:
    """Return an evaluator of only 2,000 training images, which it searches quickly."""
    assert mnist.labels is not None
    few = replace(mnist, pixels=mnist.pixels[:2000], labels=mnist.labels[:2000])
    return Evaluator(few, 100)


def test_unseen_real_digits_score_close_to_real_digits(evaluator: Evaluator) -> None:
    ours = evaluator.evaluate(load_mnist_test().pixels[:NUM])
    floor = evaluator.real_evaluation
    for name in ("precision", "recall", "coverage"):
        assert ours.estimates[name].value > 0.8, name
        assert abs(ours.estimates[name].value - floor.estimates[name].value) < 0.05, name
    distance = ours.estimates["frechet_distance"].value
    assert distance < 3 * floor.estimates["frechet_distance"].value
    assert ours.find_missing_digits(floor) == ()
    assert ours.estimates["classifier_score"].value > 9


def test_noise_and_repeated_digits_get_bad_metrics(
    evaluator: Evaluator, mnist: ImageDataset
) -> None:
    floor = evaluator.real_evaluation.estimates
    noise = np.random.default_rng(0).integers(0, 256, (NUM, 28, 28, 1), np.uint8)
    found = evaluator.evaluate(noise).estimates
    assert found["frechet_distance"].value > 20 * floor["frechet_distance"].value
    assert found["recall"].value < 0.1
    assert mnist.labels is not None
    ones = np.resize(mnist.pixels[mnist.labels == 1][:50], (NUM, 28, 28, 1))
    alike = evaluator.evaluate(ones)
    assert alike.find_missing_digits(evaluator.real_evaluation) == (0, 2, 3, 4, 5, 6, 7, 8, 9)
    assert alike.estimates["precision"].value > 0.8
    assert alike.estimates["recall"].value < 0.2
    assert alike.estimates["digit_entropy"].value == pytest.approx(0, abs=0.1)


def test_copies_of_training_images_are_detected(
    mnist: ImageDataset, quick_evaluator: Evaluator
) -> None:
    ours, unseen = quick_evaluator.measure_nearest_distance(mnist.pixels[:20])
    assert ours.value == 0
    assert unseen.value > 0.05


def test_data_without_digits_get_no_digit_metrics(mnist: ImageDataset) -> None:
    own = replace(mnist, name="mnist", pixels=mnist.pixels[:400], labels=None)
    evaluator = Evaluator(own, NUM)
    assert evaluator.num_images == 200  # Half of the 400 images.
    ours, floor = evaluate_samples(mnist.pixels[1000:1200], None, evaluator)
    assert {"frechet_distance", "precision", "nearest_distance"} <= ours.estimates.keys()
    assert not {"classifier_score", "confident", "diversity"} & ours.estimates.keys()
    assert {"sliced_wasserstein", "copies", "nearest_distance"} <= floor.estimates.keys()
    assert any("not digits" in line for line in describe_evaluation(ours, floor))
    plain = metric_info.convert_to_json(ours, floor)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["digit_shares"] is None


@pytest.mark.usefixtures("all_directions")
def test_pictures_are_compared_by_patches_and_digits_are_not(
    mnist: ImageDataset, quick_evaluator: Evaluator
) -> None:
    own = Evaluator(replace(mnist, name="own", pixels=mnist.pixels[:2000], labels=None), 200)
    others, noise = mnist.pixels[3000:3200], np.random.default_rng(0).integers(0, 256, 200)
    real = own.real_evaluation.estimates["sliced_wasserstein"].value
    assert 0 < own.evaluate(others).estimates["sliced_wasserstein"].value < 1.5 * real
    grey = np.broadcast_to(noise[:, None, None, None], others.shape).astype(np.uint8)
    assert own.evaluate(grey).estimates["sliced_wasserstein"].value > 5 * real
    of_digits = quick_evaluator.evaluate(mnist.pixels[3000:3100]).estimates
    assert not {"sliced_wasserstein", "copies"} & of_digits.keys()


def test_copies_are_counted_among_samples_and_among_held_out_pictures(
    mnist: ImageDataset,
) -> None:
    own = replace(mnist, name="own", pixels=mnist.pixels[:400], labels=None)
    half = np.concatenate([own.pixels[:100], mnist.pixels[1000:1100]])
    for held_out in (None, mnist.pixels[2000:2100]):
        evaluator = Evaluator(replace(own, held_out=held_out), NUM)
        assert evaluator.real_evaluation.estimates["copies"].value < 0.02
        assert evaluator.evaluate(half).estimates["copies"].value == pytest.approx(0.5, abs=0.02)
    lines = describe_evaluation(evaluator.evaluate(half), evaluator.real_evaluation)
    (line,) = (line for line in lines if line.startswith("Copies"))
    assert " of 200 pictures (" in line


def test_without_held_out_pictures_training_pictures_are_compared_with_each_other(
    mnist: ImageDataset,
) -> None:
    own = replace(mnist, name="own", pixels=mnist.pixels[:400], labels=None)
    ours, unseen = Evaluator(own, NUM).measure_nearest_distance(own.pixels[:50])
    assert ours.value == 0
    assert unseen.value > 0.1
    same = replace(own, held_out=own.pixels[:50])
    assert Evaluator(same, NUM).measure_nearest_distance(own.pixels[:50])[1].value == 0


def test_too_few_images_are_refused_with_a_sentence(mnist: ImageDataset) -> None:
    with pytest.raises(DatasetError, match="needs at least 40 pictures; mnist has 39"):
        Evaluator(replace(mnist, pixels=mnist.pixels[:39]), NUM)


def test_every_metric_is_printed_beside_its_value_for_real_images(
    quick_evaluator: Evaluator,
) -> None:
    test = load_mnist_test()
    assert test.labels is not None
    ours, floor = evaluate_samples(test.pixels[:100], test.labels[:100], quick_evaluator)
    assert metric_info.METRIC_INFO.keys() - ours.estimates.keys() == {"sliced_wasserstein"}
    lines = describe_evaluation(ours, floor)
    assert len(lines) == len(ours.estimates) + 2
    assert all("real digits" in line for line in lines[:-2])
    assert lines[0].startswith("Distance to real digits ")
    quick = describe_evaluation(ours, floor, 60_000)[0]
    assert quick.startswith("Quick distance to real digits ")
    assert lines[-1] == "Missing digits none"
