"""Larger pictures and pictures in colour, from the file to the exports of a run."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import load_dataset, load_mnist_test
from dcgan.digit_classifier.classifier import load_digit_classifier
from dcgan.documents.html_report import make_html_report
from dcgan.errors import ConfigError
from dcgan.evaluation.evaluator import Evaluator, find_nearest_training_images
from dcgan.export.archive import export_run, import_run
from dcgan.export.digit_files import write_digits
from dcgan.export.films import make_training_film
from dcgan.export.model_files import export_generator
from dcgan.latent.activations import NetworkProbe
from dcgan.latent.directions import find_named_directions
from dcgan.latent.inversion import Inverter, normalize_drawing
from dcgan.latent.sampling import sample_latent
from dcgan.latent.survey import take_survey
from dcgan.model.gan import DCGAN
from dcgan.model.sampler import Sampler
from dcgan.recording.recorder import record
from dcgan.recording.start import MakeGAN, continue_run, start_run
from dcgan.runs.checkpoint_generator import evaluate_run, load_sampler
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.training_data import load_training_data
from dcgan.training_step.training_images import TrainingImages

NUM_PICTURES = 96


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of coloured spots on grounds of another colour, 80×60 pixels."""
    folder = tmp_path_factory.mktemp("spots")
    draws = np.random.Generator(np.random.PCG64(4))
    rows, columns = np.mgrid[:60, :80]
    for index in range(NUM_PICTURES):
        row, column, radius = draws.uniform((15, 15, 6), (45, 65, 14))
        is_ink = np.hypot(rows - row, columns - column) < radius
        ground, ink = draws.integers(0, 256, (2, 3))
        picture = np.where(is_ink[..., np.newaxis], ink, ground).astype(np.uint8)
        Image.fromarray(picture).save(folder / f"{index:03}.png")
    return folder


@pytest.fixture(scope="module")
def config(tiny_config: TrainingConfig, pictures: Path) -> TrainingConfig:
    return tiny_config.replace(
        dataset=str(pictures), color=True, image_size=64, epochs=2, evaluate_every=1
    )


@pytest.fixture(scope="module")
def run(config: TrainingConfig, make_gan: MakeGAN, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run that was trained to its end."""
    path = tmp_path_factory.mktemp("runs") / "spots"
    run, gan, dataset = start_run(config, path=path, make_gan=make_gan)
    for _ in record(run, gan, dataset):
        pass
    return run


# The data.


def test_own_pictures_keep_their_colours_and_proportions(config: TrainingConfig) -> None:
    dataset = load_dataset(config.dataset, shape=config.image_shape)
    assert dataset.pixels.shape == (NUM_PICTURES, 64, 64, 3)
    assert dataset.summary.startswith(f"{NUM_PICTURES} pictures read. ")
    first = dataset.pixels[0].astype(int)
    ground = np.asarray(Image.open(Path(config.dataset) / "000.png"))[0, 0]
    np.testing.assert_array_equal(first[0, 0], ground)  # The added border.
    np.testing.assert_array_equal(first[63, 63], ground)


def test_colour_pictures_are_inverted_only_on_request(
    config: TrainingConfig, tmp_path: Path
) -> None:
    light = np.full((64, 32, 32, 3), (250, 240, 230), np.uint8)
    light[:, 8:24, 8:24] = 0
    np.savez(tmp_path / "light.npz", images=light)
    path, shape = str(tmp_path / "light.npz"), config.image_shape
    assert (load_dataset(path, shape=shape).pixels[0, 0, 0] == (250, 240, 230)).all()
    assert (load_dataset(path, "inverted", shape=shape).pixels[0, 0, 0] == (5, 15, 25)).all()
    assert "inverted" in load_dataset(path).summary  # Grey pictures are.


@pytest.mark.parametrize("size", [32, 64])
def test_the_built_in_digits_may_be_larger(size: int) -> None:
    digits = load_mnist_test()
    larger = load_mnist_test((size, size, 1))
    assert larger.pixels.shape == (10_000, size, size, 1)
    assert larger.labels is not None
    seen = load_digit_classifier().predict(larger.pixels[:500]).probabilities.argmax(axis=1)
    assert (seen == larger.labels[:500]).mean() > 0.98  # The classifier shrinks them to 28×28.
    assert larger.pixels.mean() == pytest.approx(digits.pixels.mean(), rel=0.05)


def test_grey_sets_refuse_to_be_coloured() -> None:
    with pytest.raises(ConfigError, match="mnist is grey"):
        TrainingConfig.create(color=True)


def test_the_memory_limit_applies_to_every_picture_size(
    pictures: Path, config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dcgan.errors import DatasetError
    from dcgan.pictures import picture_limits

    monkeypatch.setattr(picture_limits, "MAX_PIXEL_BYTES", 95 * 64 * 64 * 3)
    with pytest.raises(DatasetError, match="holds more than 95 files"):
        load_dataset(str(pictures), shape=config.image_shape)
    assert len(load_dataset(str(pictures))) == NUM_PICTURES  # Small grey ones fit.


# A run of 64×64 in colour.


def test_a_run_in_colour_saves_its_samples_in_colour(run: Run) -> None:
    sampler, step = load_sampler(run)
    assert step == 12  # Two epochs of six batches.
    config = run.config
    z = sample_latent(config.seed, config.num_samples, config.latent_dim)
    drawn = sampler.generate(z)
    assert drawn.shape == (6, 64, 64, 3)
    assert np.ptp(drawn.astype(int), axis=3).max() > 0  # Not grey.
    np.testing.assert_array_equal(run.samples.read(step), drawn)


def test_a_resumed_run_equals_an_uninterrupted_one(
    config: TrainingConfig,
    run: Run,
    make_gan: MakeGAN,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dcgan.training.loop._CHUNK_SECONDS", 0.0)  # Each step is reported.
    config = config.replace(evaluate_every=0)  # An evaluation changes no sample.
    stopped, gan, dataset = start_run(config, path=tmp_path / "stopped", make_gan=make_gan)
    with contextlib.closing(record(stopped, gan, dataset)) as reports:
        while gan.step < 5:
            next(reports)
    again, gan, dataset = continue_run(open_run(stopped.path))  # In new networks.
    for _ in record(again, gan, dataset):
        pass
    np.testing.assert_allclose(
        again.samples.read(12).astype(int), run.samples.read(12).astype(int), atol=1
    )


@pytest.mark.parametrize("suffix", [".png", ".gif", ".webp", ".npz"])
def test_the_pictures_of_a_run_in_colour_are_written_in_colour(
    run: Run, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"out{suffix}"
    write_digits(run, out, count=3, seed=1, step=None)
    if suffix == ".npz":
        with np.load(out) as arrays:
            assert arrays["images"].shape == (3, 64, 64, 3)
    else:
        with Image.open(out) as picture:
            assert np.ptp(np.asarray(picture.convert("RGB")).astype(int), axis=2).max() > 0


def test_an_exported_generator_in_colour_works_without_this_program(
    run: Run, tmp_path: Path
) -> None:
    export_generator(run, tmp_path / "generator.keras")
    model = keras.models.load_model(tmp_path / "generator.keras")
    assert model.output_shape == (None, 64, 64, 3)


def test_a_run_in_colour_can_be_exported_as_a_zip_and_as_a_report(run: Run, tmp_path: Path) -> None:
    copy = import_run(io.BytesIO(export_run(run)), tmp_path)
    np.testing.assert_array_equal(copy.samples.read(12), run.samples.read(12))
    assert make_training_film(run, 2, 3, format="gif").startswith(b"GIF8")
    assert "data:image" in make_html_report(run)


def test_a_run_in_colour_is_evaluated_and_searched_for_copies(run: Run) -> None:
    step, ours, floor = evaluate_run(run, num_images=40)
    assert step == 12
    assert 0 <= floor.estimates["frechet_distance"].value < ours.estimates["frechet_distance"].value
    assert not ours.digit_shares  # The pictures are no digits.
    dataset = load_training_data(run)
    found = find_nearest_training_images(dataset.pixels[3:5], dataset)
    assert found.distances.tolist() == [0, 0]
    assert found.nearest.shape == (2, 64, 64, 3)
    assert Evaluator(dataset, 40).num_images == 40


def test_the_latent_space_of_a_run_in_colour_can_be_explored(run: Run) -> None:
    sampler, step = load_sampler(run)
    state = run.checkpoints.load(step)
    survey = take_survey(sampler.generate, 4, digits=(), num=300)
    places = survey.project()  # Without a matrix of all pairs of the 12,288 values.
    assert places.shape == (300, 2)
    assert places[:, 0].std() >= places[:, 1].std() > 0
    for direction in find_named_directions(sampler.generate, survey):
        assert direction.vector.shape == (4,)
    target = sampler.generate(sample_latent(9, 1, 4))[0]
    *_, last = Inverter(run.config).invert(sampler.get_weights(), target, survey)
    assert last.pixels.shape == (64, 64, 3)
    assert last.error < 0.02
    probe = NetworkProbe(run.config)
    assert probe.read_layers(state, survey.z[0])[-1].maps.shape == (3, 64, 64)
    (judged,) = probe.ask_discriminator(state, survey.pixels[:1])
    assert judged.saliency.shape == (64, 64)


def test_a_drawn_digit_is_centred_in_a_larger_picture() -> None:
    drawn = np.zeros((28, 28), np.uint8)
    drawn[4:14, 9:14] = 255
    small, large = normalize_drawing(drawn), normalize_drawing(drawn, 64)
    assert small.shape == (28, 28, 1)
    assert large.shape == (64, 64, 1)
    rows = np.flatnonzero(large.any(axis=(1, 2)))
    assert len(rows) == round(20 / 28 * 64)
    assert abs(rows.mean() - 31.5) <= 1


@pytest.mark.parametrize(
    ("size", "color", "expected"), [(28, False, 0.5), (64, True, 0.5 * 64**2 * 3 / 784)]
)
def test_the_gradient_penalty_weighs_by_the_number_of_values(
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    color: bool,
    expected: float,
) -> None:
    weights = []

    def penalty(
        discriminator: Callable[[tf.Tensor], tf.Tensor], images: tf.Tensor, weight: float
    ) -> tf.Tensor:
        weights.append(weight)
        return tf.reduce_sum(discriminator(images))

    monkeypatch.setattr("dcgan.training_step.penalties.zero_centered_penalty", penalty)
    config = tiny_config.replace(dataset="own.zip", image_size=size, color=color, r1_penalty=0.5)
    images = TrainingImages(tf.zeros((16, *config.image_shape), tf.uint8))
    step = DCGAN(config).training_step
    step.apply_penalty(images, tf.range(16), tf.constant(0), tf.constant(0))
    assert weights == [pytest.approx(expected)]


def test_the_networks_of_larger_digits_draw_grey() -> None:
    sampler = Sampler(TrainingConfig.create(image_size=32))
    assert sampler.generate(sample_latent(0, 2, 16)).shape == (2, 32, 32, 1)
