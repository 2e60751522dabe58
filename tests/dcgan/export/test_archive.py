"""Archives of runs: export, and import of the same run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.export.archive import export_run, import_run
from dcgan.export.tables import COLUMNS, make_history_csv
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from tests.archives import make_run, make_state
from tests.encoding import pack_zip, unpack_zip

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_a_run_is_imported_at_its_newest_checkpoint(packed: bytes, root: Path) -> None:
    run = import_run(io.BytesIO(packed), root)
    assert run.path == root / "first"
    assert (run.read_label().title, run.read_label().note) == ("Größe 数字", "A note.")
    assert run.checkpoints.list_steps() == [14]
    np.testing.assert_array_equal(run.checkpoints.load()["w"], make_state(14)["w"])
    # Reports from after the checkpoint are not imported.
    assert [report.step for report in run.history.read_steps()] == [13, 14]
    assert run.samples.list_steps() == [13, 14]
    status = run.read_status()
    assert (status.state, status.step, status.epoch, status.seconds) == ("stopped", 14, 2, 1.75)
    found, problems = list_runs(root)
    assert ([listed.name for listed in found], problems) == (["first"], [])
    assert [path.name for path in root.iterdir()] == ["first"]


@pytest.mark.parametrize(
    ("plan", "state_then"),
    [
        ({"epochs": 1}, "finished"),  # 13 steps; the run has trained 14.
        ({"epochs": None, "max_seconds": 1.75}, "finished"),
        ({"epochs": 2, "max_seconds": 1.76}, "stopped"),
    ],
)
def test_an_imported_run_is_finished_if_its_plan_is_completed(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    root: Path,
    plan: dict[str, object],
    state_then: str,
) -> None:
    run = make_run(tiny_config.replace(**plan), tiny_dataset, tmp_path / "first")
    status = import_run(io.BytesIO(export_run(run)), root).read_status()
    assert (status.state, status.step, status.seconds) == (state_then, 14, 1.75)


def test_a_run_of_the_library_is_imported_again_only_after_it_was_trained_further(
    packed: bytes, root: Path
) -> None:
    run = import_run(io.BytesIO(packed), root)
    with pytest.raises(RunError, match="This run is here already"):
        import_run(io.BytesIO(packed), root)
    assert [found.name for found in list_runs(root)[0] if not found.is_read_only] == ["first"]
    state = run.checkpoints.load()
    run.save_checkpoint(state | {"step": state["step"] + 1})
    assert import_run(io.BytesIO(packed), root).name == "first-2"


def test_an_import_never_gets_the_name_of_the_included_run(packed: bytes, root: Path) -> None:
    renamed = {
        name.replace("first/", "pretrained/"): content
        for name, content in unpack_zip(packed).items()
    }
    assert import_run(io.BytesIO(pack_zip(renamed)), root).name == "pretrained-2"


def test_a_run_with_an_odd_folder_name_can_be_imported(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path, root: Path
) -> None:
    run = make_run(tiny_config, tiny_dataset, tmp_path / "C:\\Größe..")
    assert import_run(io.BytesIO(export_run(run)), root).name == "c-gr-e"


def test_a_zip_without_a_folder_is_imported(packed: bytes, root: Path) -> None:
    flat = {name.removeprefix("first/"): content for name, content in unpack_zip(packed).items()}
    assert import_run(io.BytesIO(pack_zip(flat)), root).name == "imported"


def test_the_archive_contains_the_history_as_a_table(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path, packed: bytes
) -> None:
    text = unpack_zip(packed)["first/history.csv"].decode()
    assert text == make_history_csv(open_run(tmp_path / "first"))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["step"] for row in rows] == ["13", "14", "15"]
    assert rows[0]["generator_loss"] == "0.5"
    assert list(rows[0]) == list(COLUMNS)


def test_tensorboard_files_are_not_packed(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    """The history has the same values in a tenth of the space."""
    run = make_run(tiny_config, tiny_dataset, tmp_path / "first")
    (run.path / "tensorboard").mkdir()
    (run.path / "tensorboard" / "events.out.tfevents.1").write_bytes(b"events")
    assert not [name for name in unpack_zip(export_run(run)) if "tensorboard" in name]


def test_a_run_without_a_checkpoint_is_not_packed(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "new")
    run.lock.release()
    with pytest.raises(RunError, match="new has no checkpoint yet"):
        export_run(run)
    assert make_history_csv(run) == ",".join(COLUMNS) + "\n"


def test_the_previous_checkpoint_is_packed_if_the_newest_is_damaged(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path, root: Path
) -> None:
    run = make_run(tiny_config, tiny_dataset, tmp_path / "first")
    (run.path / "checkpoints" / "step-00000014.npz").write_bytes(b"torn")
    assert import_run(io.BytesIO(export_run(run)), root).checkpoints.list_steps() == [13]


def test_a_save_during_packing_does_not_lose_the_checkpoint(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make_run(tiny_config.replace(keep_checkpoints=1), tiny_dataset, tmp_path / "first")
    load = run.checkpoints.load

    def load_then_save() -> dict[str, np.ndarray]:
        loaded = load()
        run.save_checkpoint(make_state(15))
        return loaded

    monkeypatch.setattr(run.checkpoints, "load", load_then_save)
    packed = export_run(run)
    assert 14 not in run.checkpoints.list_steps()
    again = import_run(io.BytesIO(packed), root)
    assert again.checkpoints.list_steps() == [14]
    np.testing.assert_array_equal(again.checkpoints.load()["w"], make_state(14)["w"])
