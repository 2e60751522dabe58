"""Real pictures and fakes with the discriminator's answers: of the run in training, or saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard.generators.discriminator_answers import judge_pictures
from dashboard.generators.generator_source import GeneratorSource
from dashboard.process import tf_runtime
from dashboard.state import training_pictures
from dashboard.state.live_networks import choose_real_pictures
from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.model.gan import DCGAN
from dcgan.model.sampler import Sampler
from dcgan.runs.run_folder import Run
from tests.dashboard.state.plain_checkpoints import save_checkpoint

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture(autouse=True)
def quick_data(monkeypatch: pytest.MonkeyPatch, tiny_dataset: ImageDataset) -> None:
    monkeypatch.setattr(tf_runtime, "prepare", lambda: None)
    monkeypatch.setattr(training_pictures, "load_training_data", lambda run: tiny_dataset)


@pytest.fixture
def idle_trainer(run: Run) -> Trainer:
    return Trainer(run.path.parent)


def count_real(pixels: np.ndarray, dataset: ImageDataset) -> int:
    """Count the pictures that are in a data set."""
    known = {picture.tobytes() for picture in dataset.pixels}
    return sum(picture.tobytes() in known for picture in pixels)


def test_the_first_half_is_real_and_the_second_is_drawn(
    run: Run, gan: DCGAN, tiny_dataset: ImageDataset, idle_trainer: Trainer
) -> None:
    save_checkpoint(run, gan, 10, 0.5)  # Draws plain grey.
    judged = judge_pictures(idle_trainer, run, 6, seed=1)
    assert judged.step == 10
    assert judged.fake_classes == []
    assert judged.pixels.shape == (12, 28, 28, 1)
    assert judged.answers.shape == (12,)
    assert count_real(judged.pixels[:6], tiny_dataset) == 6
    np.testing.assert_allclose(judged.pixels[6:], 191, atol=1)
    assert len({picture.tobytes() for picture in judged.pixels[:6]}) == 6
    # The fakes are alike, and so are their answers.
    np.testing.assert_allclose(judged.answers[6:], judged.answers[6], atol=1e-6)


def test_a_seed_always_chooses_the_same_pictures(
    run: Run, gan: DCGAN, idle_trainer: Trainer
) -> None:
    save_checkpoint(run, gan, 10, 0.0)
    first, again, other = (
        judge_pictures(idle_trainer, run, 4, seed).pixels[:4] for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_a_run_in_training_answers_with_its_newest_networks(
    run: Run, gan: DCGAN, tiny_dataset: ImageDataset, idle_trainer: Trainer
) -> None:
    # No checkpoint is on disk, and no data set is loaded: all comes from the training thread.
    networks = idle_trainer.networks
    networks.publish_real_pictures(run, tiny_dataset)
    networks.publish(run, gan, Sampler(run.config))
    judged = judge_pictures(idle_trainer, run, 3, seed=1)
    assert judged.step == gan.step
    assert count_real(judged.pixels[:3], tiny_dataset) == 3
    images = judge_pictures(idle_trainer, run, 64, seed=1).pixels.astype(np.float32) / 127.5 - 1
    logits = np.asarray(gan.discriminator(images[:64], training=True))[:3, 0]
    np.testing.assert_allclose(judged.answers[:3], 1 / (1 + np.exp(-logits)), atol=1e-5)


def test_a_tiny_data_set_repeats_its_pictures(
    run: Run, gan: DCGAN, tiny_dataset: ImageDataset, idle_trainer: Trainer
) -> None:
    networks = idle_trainer.networks
    networks.publish_real_pictures(run, replace(tiny_dataset, pixels=tiny_dataset.pixels[:4]))
    networks.publish(run, gan, Sampler(run.config))
    judged = judge_pictures(idle_trainer, run, 10, seed=1)
    assert len(judged.pixels) == len(judged.answers) == 20
    assert count_real(judged.pixels[:10], tiny_dataset) == 10


def test_fakes_have_random_classes_and_each_picture_is_judged_as_its_class(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = tiny_config.replace(class_conditional=True, class_names=("a", "b", "c"))
    run = Run.create(config, tiny_dataset, path=tmp_path / "classes")
    gan = DCGAN(config)
    # Zero but for the class: "a" and "c" look fake, "b" looks real.
    *_, head = gan.discriminator.layers
    head.set_weights([np.zeros(array.shape) for array in head.get_weights()])
    head.bias.assign([0.0, -3.0, 3.0, -3.0])
    run.save_checkpoint(gan.get_state())
    run.lock.release()
    labels = np.arange(200) % 3
    dataset = replace(tiny_dataset, labels=labels, class_names=config.class_names)
    monkeypatch.setattr(training_pictures, "load_training_data", lambda run: dataset)
    drawn: list[int] = []

    def generate(
        source: GeneratorSource, z: np.ndarray, classes: np.ndarray
    ) -> tuple[np.ndarray, int]:
        drawn.extend(classes.tolist())
        return np.zeros((len(z), 28, 28, 1), np.uint8), 10

    monkeypatch.setattr(GeneratorSource, "generate", generate)
    judged = judge_pictures(Trainer(tmp_path), run, 6, seed=1)
    assert judged.fake_classes == [config.class_names[class_id] for class_id in drawn[:6]]
    assert len(drawn) == 64
    assert set(drawn) == {0, 1, 2}
    assert drawn != [place % 3 for place in range(64)]
    places = {picture.tobytes(): place for place, picture in enumerate(tiny_dataset.pixels)}
    real = [places[picture.tobytes()] % 3 for picture in judged.pixels[:6]]
    np.testing.assert_array_equal(judged.answers > 0.5, np.array([*real, *drawn[:6]]) == 1)


def test_a_run_without_a_checkpoint_is_an_error(run: Run, idle_trainer: Trainer) -> None:
    with pytest.raises(RunError, match="first has no checkpoint yet"):
        judge_pictures(idle_trainer, run, 3, seed=1)


def test_real_pictures_are_chosen_from_the_whole_data_set() -> None:
    numbers = np.arange(5000, dtype=np.uint16)
    pixels = numbers.view(np.uint8).reshape(5000, 2)
    dataset = ImageDataset("numbers", pixels, numbers, "")
    pictures = choose_real_pictures(dataset)
    chosen = pictures.pixels.view(np.uint16)[:, 0]
    assert len(set(chosen.tolist())) == 500
    assert (chosen < 500).mean() < 0.3
    np.testing.assert_array_equal(pictures.labels, chosen)
    np.testing.assert_array_equal(choose_real_pictures(dataset).pixels, pictures.pixels)
