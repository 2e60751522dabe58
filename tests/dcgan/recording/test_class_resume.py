"""A run that learns classes, stopped on the way and resumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.recording.recorder import record
from dcgan.recording.start import MakeGAN, continue_run, start_run
from dcgan.runs.run_folder import open_run


@pytest.mark.usefixtures("each_epoch_is_reported")
def test_a_resumed_run_of_classes_ends_as_the_uninterrupted_one(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    make_gan: MakeGAN,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labels = np.arange(len(tiny_dataset), dtype=np.uint8) % 3
    sorted_spots = replace(tiny_dataset, name="mnist", labels=labels, class_names=("a", "b", "c"))
    for module in ("recording.start", "data.held_out"):
        monkeypatch.setattr(f"dcgan.{module}.load_configured_dataset", lambda *given: sorted_spots)
    config = tiny_config.replace(class_conditional=True, checkpoint_seconds=3600)

    states = []
    for name, stop_at in (("whole", None), ("parts", 5)):
        run, gan, dataset = start_run(config, path=tmp_path / name, make_gan=make_gan)
        assert run.config.class_names == ("a", "b", "c")
        reports = record(run, gan, dataset)
        while stop_at is not None and gan.step < stop_at:
            next(reports)
        if stop_at is not None:
            reports.close()
            assert 5 <= gan.step < 26
            # In new networks: nothing but the checkpoint is left of the first part.
            run, gan, dataset = continue_run(open_run(run.path))
            reports = record(run, gan, dataset)
        for _ in reports:
            pass
        states.append(run.checkpoints.load())
    whole, parts = states
    assert int(whole["step"]) == 26
    assert parts.keys() == whole.keys()
    for name in whole.keys() - {"seconds"}:
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-4, atol=1e-6, err_msg=name)
