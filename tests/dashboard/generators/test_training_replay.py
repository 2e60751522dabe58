"""Images of one latent batch from all checkpoints of a run."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.generators import saved_generators
from dashboard.generators.saved_generators import GeneratorIdentity, load_saved_weights
from dashboard.generators.training_replay import MAX_STEPS, list_replay_steps, replay_training
from dashboard.process import tf_runtime
from dashboard.process.lru_cache import LRUCache
from dcgan.model.gan import DCGAN
from dcgan.model.sampler import Sampler
from dcgan.runs.run_folder import Run
from tests.dashboard.state.plain_checkpoints import save_checkpoint

pytestmark = pytest.mark.usefixtures("no_included_run")

Z = np.ones((3, 4), np.float32)


@pytest.fixture(autouse=True)
def skip_preparation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf_runtime, "prepare", lambda: None)


def test_a_replay_goes_from_the_initial_weights_to_the_newest_checkpoint(
    run: Run, gan: DCGAN
) -> None:
    save_checkpoint(run, gan, 0, 0.9)  # Not used: the initial weights come from the seed.
    save_checkpoint(run, gan, 10, -0.5)
    save_checkpoint(run, gan, 20, 0.5)
    (run.path / "checkpoints" / "step-00000010.npz").write_bytes(b"damaged")
    frames = replay_training(run, Z)
    assert [step for step, _ in frames] == [0, 20]
    fresh = Sampler(run.config).generate(Z)
    np.testing.assert_allclose(frames[0][1].astype(int), fresh, atol=1)
    np.testing.assert_allclose(frames[1][1], 191, atol=1)


def test_a_checkpoint_of_other_networks_is_skipped(run: Run, gan: DCGAN) -> None:
    save_checkpoint(run, gan, 10, 0.5)
    state = gan.get_state()
    name = min(name for name in state if name.startswith("ema_generator/"))
    state[name] = np.zeros((2, 2), np.float32)
    state["step"] = np.array(20)
    run.save_checkpoint(state)
    assert [step for step, _ in replay_training(run, Z)] == [0, 10]


def test_many_checkpoints_are_thinned_evenly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.checkpoints, "list_steps", lambda: list(range(1000, 101_000, 1000)))
    steps = list_replay_steps(run)
    assert (len(steps), steps[0], steps[-1]) == (MAX_STEPS, 0, 100_000)
    assert set(np.diff(steps)) == {4000, 5000}


def test_cached_weights_are_bounded_in_bytes_and_read_only(
    run: Run, gan: DCGAN, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(array.nbytes for array in gan.ema_generator.get_weights())
    cache: LRUCache[GeneratorIdentity, list[np.ndarray]] = LRUCache(
        2 * size, saved_generators._count_bytes
    )
    monkeypatch.setattr(saved_generators, "_weights", cache)
    for step in (10, 20, 30):
        save_checkpoint(run, gan, step, 0.0)
    replay_training(run, Z)
    assert [identity.step for identity in cache] == [20, 30]
    kept = load_saved_weights(run, 30)
    assert not any(array.flags.writeable for array in kept)
    kept.clear()  # The caller may change its list.
    assert load_saved_weights(run, 30)
