"""Generators that pages draw with: of the run in training, or of a checkpoint."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from dashboard.generators import saved_generators
from dashboard.generators.generator_source import GeneratorSource, pack_for_page
from dashboard.generators.training_replay import replay_training
from dashboard.process import tf_runtime
from dashboard.state.live_networks import LiveNetworks
from dashboard.state.trainer import Trainer
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.model.gan import DCGAN
from dcgan.model.sampler import Sampler
from dcgan.networks.class_inputs import ClassChoice
from dcgan.runs import checkpoint_generator, run_folder
from dcgan.runs.library import delete_run
from dcgan.runs.run_folder import Run, open_run
from tests.dashboard.state.plain_checkpoints import save_checkpoint

pytestmark = pytest.mark.usefixtures("no_included_run")


Z = np.ones((3, 4), np.float32)


@pytest.fixture(autouse=True)
def skip_preparation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf_runtime, "prepare", lambda: None)


class WhiteNetworks(LiveNetworks):
    """Networks of one run, whose images are white."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run

    def generate(
        self, run: Run, z: np.ndarray, classes: ClassChoice = None
    ) -> tuple[np.ndarray, int] | None:
        if run is not self.run:
            return None
        return np.full((len(z), 28, 28, 1), 255, np.uint8), 77


def pretend_to_train(networks: WhiteNetworks) -> Trainer:
    """Return a trainer with these networks."""
    trainer = Trainer(networks.run.path.parent)
    trainer.networks = networks
    return trainer


def test_images_come_from_the_weights_of_their_checkpoint(run: Run, gan: DCGAN) -> None:
    save_checkpoint(run, gan, 10, -0.5)
    save_checkpoint(run, gan, 20, 0.5)
    for step, grey in ((10, 64), (20, 191)):
        pixels, drawn_step = GeneratorSource(run, step).generate(Z)
        assert drawn_step == step
        assert pixels.shape == (3, 28, 28, 1)
        np.testing.assert_allclose(pixels, grey, atol=1)


def test_without_a_step_the_newest_checkpoint_generates(run: Run, gan: DCGAN) -> None:
    source = GeneratorSource(run, None)
    for step in (10, 20):  # The second one is written after the first was loaded.
        save_checkpoint(run, gan, step, 0.0)
        assert source.generate(Z)[1] == step


def test_a_source_in_training_generates_with_the_trainer(run: Run, gan: DCGAN) -> None:
    pixels, step = GeneratorSource(run, None, pretend_to_train(WhiteNetworks(run))).generate(Z)
    assert (step, pixels.min()) == (77, 255)


def test_a_source_in_training_uses_a_checkpoint_when_another_run_trains(
    run: Run, gan: DCGAN
) -> None:
    save_checkpoint(run, gan, 10, 0.0)
    other = open_run(run.path)
    assert GeneratorSource(run, None, pretend_to_train(WhiteNetworks(other))).generate(Z)[1] == 10


def test_a_step_reached_again_after_a_rollback_is_packed_again(run: Run, gan: DCGAN) -> None:
    trainer = Trainer(run.path.parent)
    source = GeneratorSource(run, None, trainer)
    sampler = Sampler(run.config)

    def pack(step: int, scale: float) -> bytes | None:
        """Publish weights as the training thread does, and pack them for a page."""
        weights = [array * scale for array in gan.ema_generator.get_weights()]
        trained = SimpleNamespace(
            step=step,
            ema_generator=SimpleNamespace(get_weights=lambda: weights),
            discriminator=gan.discriminator,
        )
        trainer.networks.publish(run, cast(DCGAN, trained), sampler)
        packed = pack_for_page(source)
        assert packed is pack_for_page(source)  # Other tabs get the same bytes.
        return packed

    first = pack(20, 1.0)
    pack(10, 1.0)  # The rollback.
    again = pack(20, 2.0)
    assert first != again
    trainer.networks.forget_run()  # The run is continued, after a crash at step 20.
    assert pack(20, 3.0) not in (first, again)


def test_a_run_without_a_checkpoint_is_an_error(run: Run) -> None:
    with pytest.raises(RunError, match="first has no checkpoint yet"):
        GeneratorSource(run, None).generate(Z)
    trainer = pretend_to_train(WhiteNetworks(open_run(run.path)))
    with pytest.raises(RunError, match="no checkpoint yet"):
        GeneratorSource(run, None, trainer).generate(Z)


def test_a_missing_or_damaged_checkpoint_is_an_error(run: Run, gan: DCGAN) -> None:
    save_checkpoint(run, gan, 10, 0.0)
    save_checkpoint(run, gan, 20, 0.0)
    with pytest.raises(RunError, match="no checkpoint of step 15"):
        GeneratorSource(run, 15).generate(Z)
    (run.path / "checkpoints" / "step-00000020.npz").write_bytes(b"damaged")
    with pytest.raises(RunError, match="step 20 is damaged"):
        GeneratorSource(run, 20).generate(Z)


def test_a_checkpoint_is_loaded_once(run: Run, gan: DCGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    save_checkpoint(run, gan, 10, 0.0)
    calls: list[int | None] = []
    load = checkpoint_generator.load_sampler

    def count(run: Run, step: int | None = None) -> object:
        calls.append(step)
        return load(run, step)

    monkeypatch.setattr(checkpoint_generator, "load_sampler", count)
    GeneratorSource(run, 10).generate(Z)
    GeneratorSource(open_run(run.path), 10).generate(Z)  # As another tab opens it.
    assert calls == [10]


def test_a_new_run_in_the_folder_of_a_deleted_one_has_its_own_cache_entries(
    run: Run, gan: DCGAN, monkeypatch: pytest.MonkeyPatch, tiny_dataset: ImageDataset
) -> None:
    save_checkpoint(run, gan, 10, -0.5)
    np.testing.assert_allclose(GeneratorSource(run, 10).generate(Z)[0], 64, atol=1)
    delete_run(run)
    monkeypatch.setattr(run_folder, "get_current_time", lambda: "2030-01-01T00:00:00+00:00")
    again = Run.create(run.config, tiny_dataset, path=run.path)
    again.lock.release()
    save_checkpoint(again, gan, 10, 0.5)
    np.testing.assert_allclose(GeneratorSource(again, 10).generate(Z)[0], 191, atol=1)


def test_a_checkpoint_that_was_written_again_is_loaded_again(run: Run, gan: DCGAN) -> None:
    for brightness, grey in ((-0.5, 64), (0.5, 191)):
        save_checkpoint(run, gan, 10, brightness)
        path = run.path / "checkpoints" / "step-00000010.npz"
        os.utime(path, ns=(grey, grey))  # Two saves may get the same time.
        np.testing.assert_allclose(GeneratorSource(run, 10).generate(Z)[0], grey, atol=1)
        np.testing.assert_allclose(replay_training(run, Z)[1][1], grey, atol=1)


def test_at_most_eight_samplers_are_cached() -> None:
    assert saved_generators._load_sampler.cache_parameters()["maxsize"] == 8


def test_a_source_has_the_latent_dim_of_its_run(run: Run) -> None:
    assert GeneratorSource(run, None).latent_dim == 4


def test_weights_come_with_their_step(run: Run, gan: DCGAN) -> None:
    save_checkpoint(run, gan, 10, 0.5)
    weights, step = GeneratorSource(run, 10).get_weights()
    assert step == 10
    assert [w.shape for w in weights] == [w.shape for w in gan.ema_generator.get_weights()]
    np.testing.assert_allclose(weights[-1], np.arctanh(0.5), rtol=1e-6)


def test_a_frozen_generator_does_not_change_while_training_continues(run: Run, gan: DCGAN) -> None:
    class Training(WhiteNetworks):
        def get_generator_weights(self, run: Run) -> tuple[list[np.ndarray], int]:
            return gan.ema_generator.get_weights(), 5

    frozen = GeneratorSource(run, None, pretend_to_train(Training(run))).freeze()
    assert frozen.step == 5
    sampler = Sampler(run.config)
    sampler.set_weights(gan.ema_generator.get_weights())
    np.testing.assert_allclose(frozen.generate(Z).astype(int), sampler.generate(Z), atol=1)
    save_checkpoint(run, gan, 10, 0.5)
    np.testing.assert_allclose(GeneratorSource(run, 10).freeze().generate(Z), 191, atol=1)


@pytest.mark.parametrize(
    ("dataset", "names", "class_id", "digit"),
    [
        ("mnist", ("0", "7"), 1, 7),
        ("mnist", ("0", "7"), None, None),
        ("letters.zip", ("9", "10"), 1, None),
        ("letters.zip", ("9", "10"), 0, None),
        ("mnist", ("9", "10"), 1, None),
    ],
)
def test_only_a_class_of_digits_is_a_digit(
    run: Run, dataset: str, names: tuple[str, ...], class_id: int | None, digit: int | None
) -> None:
    run.config = run.config.replace(dataset=dataset, class_names=names)
    assert GeneratorSource(run, 0, class_id=class_id).digit == digit
