"""A slim copy generates the same images in a fraction of the space, and can be trained further."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.export import slim
from dcgan.export.slim import make_slim_copy
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.model.state import make_slim_state
from dcgan.recording.recorder import record
from dcgan.recording.start import MakeGAN, continue_run, start_run
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.checkpoints import Checkpoints
from dcgan.runs.run_folder import Run, open_run
from tests.disk_errors import raise_disk_full
from tests.picture_files import write_dataset

pytestmark = pytest.mark.usefixtures("no_included_run", "reused_networks")


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    make_gan: MakeGAN,
) -> Run:
    folder = tmp_path_factory.mktemp("runs")
    config = tiny_config.replace(dataset=write_dataset(folder, tiny_dataset), epochs=2)
    run, gan, dataset = start_run(config, path=folder / "first", make_gan=make_gan)
    with pytest.MonkeyPatch.context() as every_step:
        every_step.setattr("dcgan.training.loop._CHUNK_SECONDS", 0.0)
        every_step.setattr("dcgan.training.loop._EPOCH_SECONDS", 0.0)
        for _ in record(run, gan, dataset):
            pass
    run.write_label("Spots", "A note.")
    return open_run(run.path)


def count_checkpoint_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.npz"))


def test_a_slim_copy_generates_the_same_in_a_quarter_of_the_space(
    trained: Run, tmp_path: Path
) -> None:
    copy = make_slim_copy(trained, tmp_path / "small")
    newest = trained.checkpoints.list_steps()[-1]
    assert copy.checkpoints.list_steps() == [newest]
    assert (copy.read_label().title, copy.read_label().note, copy.config) == (
        "Spots",
        "A note.",
        trained.config,
    )
    assert (copy.read_status().state, copy.read_status().step) == ("finished", newest)
    assert copy.history.read_steps() == trained.history.read_steps()
    assert copy.samples.list_steps() == trained.samples.list_steps()
    whole = (trained.path / "checkpoints" / f"step-{newest:08}.npz").stat().st_size
    # Half and not a quarter, because in tiny networks the names of arrays take most of the file.
    assert count_checkpoint_bytes(copy.path / "checkpoints") < whole / 2
    z = sample_latent(7, 20, trained.config.latent_dim)
    ours, theirs = (load_sampler(run)[0].generate(z).astype(int) for run in (copy, trained))
    assert np.abs(ours - theirs).max() <= 2
    assert np.ptp(ours) > 0


def test_a_slim_copy_has_half_precision_weights_and_no_optimizers(trained: Run) -> None:
    state = trained.checkpoints.load()
    small = make_slim_state(state)
    assert make_slim_state(small).keys() == small.keys()
    assert {name.partition("/")[0] for name in small} == {
        "generator", "discriminator", "ema_generator", "step", "seconds"
    }  # fmt: skip
    for name, array in small.items():
        np.testing.assert_allclose(array, state[name], rtol=1e-3, atol=1e-6)


def test_a_slim_state_resets_the_optimizers(trained: Run) -> None:
    state = trained.checkpoints.load()
    gan = DCGAN(trained.config).set_state(state)
    assert int(gan.generator_optimizer.iterations) > 0
    rate = float(gan.generator_optimizer.learning_rate)
    gan.set_state(make_slim_state(state))
    fresh = DCGAN(trained.config).get_state()
    for name, array in gan.get_state().items():
        if "optimizer" in name:
            np.testing.assert_array_equal(array, fresh[name])
    assert float(gan.generator_optimizer.learning_rate) == rate
    assert gan.step == int(state["step"])


def test_a_state_with_only_some_optimizer_arrays_is_refused(trained: Run) -> None:
    state = trained.checkpoints.load()
    for name in [name for name in state if name.startswith("generator_optimizer/")]:
        del state[name]
    with pytest.raises(ValueError, match="the state lacks 'generator_optimizer/"):
        DCGAN(trained.config).set_state(state)


def test_training_continues_from_a_slim_copy(trained: Run, tmp_path: Path) -> None:
    copy = make_slim_copy(trained, tmp_path / "small")
    run, gan, dataset = continue_run(copy, epochs=1)
    with contextlib.closing(record(run, gan, dataset)) as reports:
        for _ in reports:
            pass
    assert open_run(run.path).read_status().epoch == trained.read_status().epoch + 1
    whole = run.checkpoints.load()
    assert any("optimizer" in name for name in whole)
    assert all(np.isfinite(array).all() for array in whole.values())


def test_a_slim_copy_omits_everything_after_its_checkpoint(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = trained.checkpoints.list_steps()[1]
    assert step < trained.checkpoints.list_steps()[-1]
    before = [kept for kept in trained.samples.list_steps() if kept <= step]
    monkeypatch.setattr(slim, "_MAX_GRIDS", 2)
    copy = make_slim_copy(trained, tmp_path / "small", step)
    assert copy.checkpoints.list_steps() == [step]
    assert copy.read_status().state == "stopped"
    assert max(report.step for report in copy.history.read_steps()) == step
    assert copy.samples.list_steps() == [before[0], before[-1]]


def test_a_slim_copy_keeps_the_points_of_the_charts(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [report.step for report in trained.history.read_steps()]
    assert len(steps) >= 4
    monkeypatch.setattr(slim, "_MAX_STEP_REPORTS", 2)
    copy = make_slim_copy(trained, tmp_path / "small")
    kept = [report.step for report in copy.history.read_steps()]
    assert len(kept) == 2
    assert kept[-1] == steps[-1]
    assert set(kept) < set(steps)
    lines = [(run.path / "history.jsonl").read_text().splitlines() for run in (trained, copy)]
    others = [[line for line in each if '"step"' not in line[:20]] for each in lines]
    assert others[0] == others[1] != []


def test_a_slim_copy_keeps_a_film_with_more_frames_at_the_start() -> None:
    for num in (25, 26, 40, 100, 1000):
        steps = list(range(0, 10 * num, 10))
        kept = slim.choose_film_steps(steps)
        assert len(kept) == len(set(kept)) == 24
        assert (kept[0], kept[-1]) == (0, steps[-1])
        assert kept[1] <= 20  # The first or second of many.
        assert kept == sorted(kept)
    assert slim.choose_film_steps([0, 3]) == [0, 3]


def test_a_folder_with_content_is_refused_and_unchanged(trained: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="exists and is not empty; give a new folder"):
        make_slim_copy(trained, tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "mine.txt"]


def test_a_folder_inside_the_run_is_refused(trained: Run) -> None:
    with pytest.raises(RunError, match="is inside first; give a folder elsewhere"):
        make_slim_copy(trained, trained.path / "samples" / "small")
    assert not (trained.path / "samples" / "small").exists()


def test_a_damaged_newest_checkpoint_is_reported_and_not_replaced_by_an_older_one(
    trained: Run, tmp_path: Path
) -> None:
    whole = make_slim_copy(trained, tmp_path / "whole")
    (whole.path / "checkpoints" / "step-00000000.npz").write_bytes(b"older")
    newest = whole.path / "checkpoints" / f"step-{whole.checkpoints.list_steps()[-1]:08}.npz"
    newest.write_bytes(b"cut")
    with pytest.raises(RunError, match="the checkpoint of step 26 is damaged"):
        make_slim_copy(whole, tmp_path / "small")
    assert not (tmp_path / "small").exists()


def test_a_weight_too_large_for_half_precision_is_refused(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = trained.checkpoints.load()
    name = next(name for name in state if name.startswith("generator/"))
    state[name] = np.full_like(state[name], 1e6)
    monkeypatch.setattr(Checkpoints, "load", lambda checkpoints, step: state)
    with pytest.raises(RunError, match="too large for half precision; copy it whole"):
        make_slim_copy(trained, tmp_path / "small")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checkpoints, "write", raise_disk_full)
    with pytest.raises(RunError, match="No space left on device; free some space"):
        make_slim_copy(trained, tmp_path / "small")
    assert list(tmp_path.iterdir()) == []
