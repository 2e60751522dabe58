"""Generators that pages draw with: of the run in training, or of a checkpoint."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from dashboard.state import generator_source, tf_runtime
from dashboard.state.generator_source import GeneratorSource, generate_through_training
from dashboard.state.trainer import Trainer
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.export import samplers
from dcgan.model.gan import DCGAN
from dcgan.model.sampler import Sampler
from dcgan.runs import run_folder
from dcgan.runs.library import delete_run
from dcgan.runs.run_folder import Run, open_run

pytestmark = pytest.mark.usefixtures("no_shipped_run")


Z = np.ones((3, 4), np.float32)


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf_runtime, "prepare", lambda: None)


@pytest.fixture(scope="module")
def gan(tiny_config: TrainingConfig) -> DCGAN:
    return DCGAN(tiny_config)


@pytest.fixture
def run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a run without a checkpoint."""
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "shelf" / "first")
    run.lock.release()
    return run


def save(run: Run, gan: DCGAN, step: int, brightness: float) -> None:
    """Save a checkpoint whose generator draws plain pictures."""
    state = gan.get_state()
    for name in state:
        if name.startswith("ema_generator/"):
            state[name] = np.zeros_like(state[name])
    bias = max(name for name in state if name.startswith("ema_generator/"))
    assert state[bias].shape == (1,)
    state[bias] = np.full((1,), np.arctanh(brightness), np.float32)
    state["step"] = np.array(step)
    run.save_checkpoint(state)


class FakeTrainer(Trainer):
    """Trains one run, which it draws white."""

    def __init__(self, run: Run) -> None:
        super().__init__(run.path.parent)
        self.run = run

    def generate(self, run: Run, z: np.ndarray) -> tuple[np.ndarray, int] | None:
        if run is not self.run:
            return None
        return np.full((len(z), 28, 28, 1), 255, np.uint8), 77


def test_a_checkpoint_is_drawn_with_its_own_weights(run: Run, gan: DCGAN) -> None:
    save(run, gan, 10, -0.5)
    save(run, gan, 20, 0.5)
    for step, grey in ((10, 64), (20, 191)):
        pixels, drawn_step = GeneratorSource(run, step).generate(Z)
        assert drawn_step == step
        assert pixels.shape == (3, 28, 28, 1)
        np.testing.assert_allclose(pixels, grey, atol=1)


def test_without_a_step_the_newest_checkpoint_is_drawn(run: Run, gan: DCGAN) -> None:
    source = GeneratorSource(run, None)
    for step in (10, 20):  # Also where a newer one came since.
        save(run, gan, step, 0.0)
        assert source.generate(Z)[1] == step


def test_a_live_source_draws_what_trains(run: Run, gan: DCGAN) -> None:
    pixels, step = GeneratorSource(run, None, FakeTrainer(run)).generate(Z)
    assert (step, pixels.min()) == (77, 255)


def test_a_live_source_falls_back_on_the_disk_when_another_run_trains(run: Run, gan: DCGAN) -> None:
    save(run, gan, 10, 0.0)
    other = open_run(run.path)
    assert GeneratorSource(run, None, FakeTrainer(other)).generate(Z)[1] == 10


def test_a_run_without_a_checkpoint_is_a_sentence(run: Run) -> None:
    with pytest.raises(RunError, match="first has no checkpoint yet"):
        GeneratorSource(run, None).generate(Z)
    with pytest.raises(RunError, match="no checkpoint yet"):
        GeneratorSource(run, None, FakeTrainer(open_run(run.path))).generate(Z)


def test_a_checkpoint_that_is_gone_or_damaged_is_a_sentence(run: Run, gan: DCGAN) -> None:
    save(run, gan, 10, 0.0)
    save(run, gan, 20, 0.0)
    with pytest.raises(RunError, match="no checkpoint of step 15"):
        GeneratorSource(run, 15).generate(Z)
    (run.path / "checkpoints" / "step-00000020.npz").write_bytes(b"damaged")
    with pytest.raises(RunError, match="step 20 is damaged"):
        GeneratorSource(run, 20).generate(Z)


def test_a_checkpoint_is_read_once(run: Run, gan: DCGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    save(run, gan, 10, 0.0)
    calls: list[int | None] = []
    load = samplers.load_sampler

    def count(run: Run, step: int | None = None) -> object:
        calls.append(step)
        return load(run, step)

    monkeypatch.setattr(samplers, "load_sampler", count)
    GeneratorSource(run, 10).generate(Z)
    GeneratorSource(open_run(run.path), 10).generate(Z)  # Another tab opened it by itself.
    assert calls == [10]


def test_a_new_run_in_an_old_ones_folder_is_not_taken_for_it(
    run: Run, gan: DCGAN, monkeypatch: pytest.MonkeyPatch, tiny_dataset: ImageDataset
) -> None:
    save(run, gan, 10, -0.5)
    np.testing.assert_allclose(GeneratorSource(run, 10).generate(Z)[0], 64, atol=1)
    delete_run(run)
    monkeypatch.setattr(run_folder, "current_time", lambda: "2030-01-01T00:00:00+00:00")
    again = Run.create(run.config, tiny_dataset, path=run.path)
    again.lock.release()
    save(again, gan, 10, 0.5)
    np.testing.assert_allclose(GeneratorSource(again, 10).generate(Z)[0], 191, atol=1)


def test_a_step_that_was_trained_again_after_a_roll_back_is_drawn_anew(
    run: Run, gan: DCGAN
) -> None:
    for brightness, grey in ((-0.5, 64), (0.5, 191)):
        save(run, gan, 10, brightness)
        path = run.path / "checkpoints" / "step-00000010.npz"
        os.utime(path, ns=(grey, grey))  # Two saves may fall into one tick of the clock.
        np.testing.assert_allclose(GeneratorSource(run, 10).generate(Z)[0], grey, atol=1)
        np.testing.assert_allclose(generate_through_training(run, Z)[1][1], grey, atol=1)


def test_few_generators_are_kept_ready() -> None:
    assert generator_source._saved_sampler.cache_parameters()["maxsize"] == 8


def test_it_takes_the_vectors_of_its_run(run: Run) -> None:
    assert GeneratorSource(run, None).latent_dim == 4


# Weights, and the look through training


def test_weights_come_with_their_step(run: Run, gan: DCGAN) -> None:
    save(run, gan, 10, 0.5)
    weights, step = GeneratorSource(run, 10).get_weights()
    assert step == 10
    assert [w.shape for w in weights] == [w.shape for w in gan.ema_generator.get_weights()]
    np.testing.assert_allclose(weights[-1], np.arctanh(0.5), rtol=1e-6)


def test_through_training_goes_from_the_first_weights_to_the_newest(run: Run, gan: DCGAN) -> None:
    save(run, gan, 0, 0.9)  # Kept or not: the first weights are those that the seed gives.
    save(run, gan, 10, -0.5)
    save(run, gan, 20, 0.5)
    (run.path / "checkpoints" / "step-00000010.npz").write_bytes(b"damaged")
    moments = generate_through_training(run, Z)
    assert [step for step, _ in moments] == [0, 20]
    fresh = Sampler(run.config).generate(Z)
    np.testing.assert_allclose(moments[0][1].astype(int), fresh, atol=1)
    np.testing.assert_allclose(moments[1][1], 191, atol=1)


def test_weights_of_other_networks_are_passed_over(run: Run, gan: DCGAN) -> None:
    save(run, gan, 10, 0.5)
    state = gan.get_state()
    name = min(name for name in state if name.startswith("ema_generator/"))
    state[name] = np.zeros((2, 2), np.float32)
    state["step"] = np.array(20)
    run.save_checkpoint(state)
    assert [step for step, _ in generate_through_training(run, Z)] == [0, 10]


def test_of_many_checkpoints_some_are_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.checkpoints, "list_steps", lambda: list(range(1000, 101_000, 1000)))
    steps = generator_source.list_moments(run)
    assert (len(steps), steps[0], steps[-1]) == (generator_source.MAX_MOMENTS, 0, 100_000)
    assert set(np.diff(steps)) == {4000, 5000}


def test_kept_weights_are_weighed(run: Run, gan: DCGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator_source, "_kept_weights", type(generator_source._kept_weights)())
    size = sum(array.nbytes for array in gan.ema_generator.get_weights())
    monkeypatch.setattr(generator_source, "_MAX_KEPT_BYTES", 2 * size)
    for step in (10, 20, 30):
        save(run, gan, step, 0.0)
    generate_through_training(run, Z)
    assert [moment.step for moment in generator_source._kept_weights] == [20, 30]
    kept = generator_source._saved_weights(run, 30)
    assert not any(array.flags.writeable for array in kept)
    kept.clear()  # A list of the caller's own.
    assert generator_source._saved_weights(run, 30)


def test_what_is_frozen_stays_while_it_trains(run: Run, gan: DCGAN) -> None:
    class Training(FakeTrainer):
        def get_weights(self, run: Run) -> tuple[list[np.ndarray], int]:
            return gan.ema_generator.get_weights(), 5

    frozen = GeneratorSource(run, None, Training(run)).freeze()
    assert frozen.step == 5
    sampler = Sampler(run.config)
    sampler.set_weights(gan.ema_generator.get_weights())
    np.testing.assert_allclose(frozen.generate(Z).astype(int), sampler.generate(Z), atol=1)
    save(run, gan, 10, 0.5)
    np.testing.assert_allclose(GeneratorSource(run, 10).freeze().generate(Z), 191, atol=1)
