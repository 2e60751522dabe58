"""A run that starts with the weights of another one, and says so in its record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError, RunError
from dcgan.recording.start import start_run
from dcgan.runs.run_folder import Run, open_run

pytestmark = pytest.mark.usefixtures("no_included_run", "reused_networks")


@pytest.fixture
def source(config: TrainingConfig, tmp_path: Path) -> Run:
    """Return a run with a checkpoint of step 7."""
    run, gan, _ = start_run(config, root=tmp_path / "runs", path=tmp_path / "runs" / "first")
    state = gan.get_state()
    weights = {name: array + np.float32(0.5) for name, array in state.items() if "kernel" in name}
    run.save_checkpoint(state | weights | {"step": np.array(7)})
    run.lock.release()
    return run


def test_a_run_starts_with_the_weights_of_a_run_and_its_record_says_so(
    config: TrainingConfig, source: Run, tmp_path: Path
) -> None:
    root = source.path.parent
    run, gan, _ = start_run(config.replace(start_from="first"), root=root)
    run.lock.release()
    trained = source.checkpoints.load()
    for name, array in gan.get_state().items():
        if name.startswith(("generator/", "discriminator/")):
            np.testing.assert_array_equal(array, trained[name], err_msg=name)
    (event,) = open_run(run.path).history.read_events()
    assert (event.event, event.step) == ("started", 0)
    assert event.text == "Started with the weights of first at step 7; all layers fit."


def test_the_folder_of_the_first_run_is_not_kept_and_fresh_layers_are_named(
    config: TrainingConfig, source: Run, tmp_path: Path
) -> None:
    changed = config.replace(start_from=str(source.path), latent_dim=7)
    run, _, _ = start_run(changed, path=tmp_path / "second")
    run.lock.release()
    assert open_run(run.path).config.start_from == "first"
    (event,) = run.history.read_events()
    assert event.text.endswith("at step 7; random weights: generator hidden.")


def test_nothing_is_left_of_a_run_that_cannot_start_from_another(
    config: TrainingConfig, source: Run, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    with pytest.raises(RunError, match="There is no run 'nobody'"):
        start_run(config.replace(start_from="nobody"), path=second)
    others = config.replace(
        start_from=str(source.path),
        latent_dim=7,
        generator_filters=(9, 5),
        generator_units=9,
        discriminator_filters=(5, 9),
        discriminator_units=7,
        kernel_size=3,
    )
    with pytest.raises(ConfigError, match="start_from: no layer of first has the sizes"):
        start_run(others, path=second)
    for path in source.checkpoints.folder.iterdir():
        path.unlink()
    with pytest.raises(RunError, match="no checkpoint yet"):
        start_run(config.replace(start_from=str(source.path)), path=second)
    assert not second.exists()
