"""Paths of own pictures in exported files and messages: they are hidden, also after an import."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow.parquet as pq
import pytest
from pydantic import BeforeValidator, TypeAdapter, ValidationError

from dashboard.charts.compared_runs import ComparedRun, Record
from dashboard.compare_results.comparison_table import make_setting_rows
from dcgan.config.config_text import (
    explain_refusal,
    get_dataset_base_name,
    hide_dataset_path,
    hide_path_in_text,
    is_hidden_path,
    quote_name,
)
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_configured_dataset
from dcgan.documents.generator_page import make_generator_page
from dcgan.documents.html_report import make_html_report
from dcgan.errors import DatasetError
from dcgan.export.archive import export_run, import_run
from dcgan.export.tables import make_history_csv, make_history_parquet
from dcgan.model.gan import DCGAN
from dcgan.recording.start import continue_run
from dcgan.recording.tensorboard import EventWriter
from dcgan.runs import run_folder
from dcgan.runs.run_folder import Run
from tests.encoding import unpack_zip
from tests.picture_files import write_dataset

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/home/ada/faces", "faces"),
        ("/home/ada/faces/", "faces"),
        ("/home/ada/faces.zip", "faces.zip"),
        ("~/faces", "faces"),
        ("C:\\Users\\ada\\faces", "faces"),
        ("C:\\Users\\ada\\faces\\", "faces"),
        ("\\\\server\\ada\\faces.npz", "faces.npz"),
        ("/home/ada/mnist", "mnist"),
        ("/home/ada/my faces, 2026", "my faces, 2026"),
        ("/home/ada/..", "pictures"),
    ],
)
def test_a_hidden_path_keeps_only_its_last_name(path: str, name: str) -> None:
    config = TrainingConfig(dataset=path, color=True)
    shared = hide_dataset_path(config)
    assert (shared.dataset, get_dataset_base_name(config)) == (f"…/{name}", name)
    assert is_hidden_path(shared.dataset)
    assert not is_hidden_path(path)
    assert hide_dataset_path(shared) == shared
    assert (
        hide_path_in_text(f"dataset: {path} is damaged.", config)
        == f"dataset: …/{name} is damaged."
    )


@pytest.mark.parametrize("folder", ["/home/ada", "~", "C:\\Users\\ada"])
def test_a_long_path_is_hidden_where_an_error_shows_its_end(folder: str) -> None:
    config = TrainingConfig(dataset=f"{folder}/{'secret/' * 30}faces", color=True)
    for path in (config.dataset, str(Path(config.dataset).expanduser())):
        text = hide_path_in_text(f"dataset: {quote_name(path)} is damaged.", config)
        assert text == "dataset: '…/faces' is damaged."


@pytest.mark.parametrize("path", [".", "..", "/", "./", "s", "faces", "../faces"])
def test_a_path_without_folders_leaves_sentences_as_they_are(path: str) -> None:
    text = f"dataset: {path!r} holds no faces. 2 / 3 pictures (e.g. x.png) were left out."
    assert hide_path_in_text(text, TrainingConfig(dataset=path)) == text


@pytest.mark.parametrize("name", ["mnist", "keras", "fashion_mnist"])
def test_the_name_of_a_named_set_is_not_hidden(name: str) -> None:
    config = TrainingConfig(dataset=name)
    assert hide_dataset_path(config) == config
    assert hide_path_in_text("dataset: no connection.", config) == "dataset: no connection."


def test_an_error_of_several_settings_keeps_its_capital_letters() -> None:
    def refuse(_: object) -> object:
        raise ValueError("the EMA of MNIST")

    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Annotated[int, BeforeValidator(refuse)]).validate_python(1)
    assert explain_refusal(caught.value) == ("", "The EMA of MNIST.")


@pytest.fixture
def pictures(tiny_dataset: ImageDataset, tmp_path: Path) -> Path:
    """Return a file of own pictures in a folder with a private name."""
    (tmp_path / "secret").mkdir()
    return Path(write_dataset(tmp_path / "secret", tiny_dataset))


@pytest.fixture
def run(tiny_config: TrainingConfig, pictures: Path, tmp_path: Path) -> Run:
    """Return a run of own pictures that has failed."""
    config = tiny_config.replace(dataset=str(pictures), polarity="as_is")
    run = Run.create(config, load_configured_dataset(config), path=tmp_path / "library" / "first")
    run.save_checkpoint(DCGAN(config).get_state())
    run.write_status("failed", message=f"dataset: {pictures} has changed.")
    run.lock.release()
    return run


def test_no_exported_file_contains_the_path(run: Run, tmp_path: Path) -> None:
    files = unpack_zip(export_run(run))
    parquet = make_history_parquet(run)
    files["history.parquet"] = repr(pq.read_schema(io.BytesIO(parquet)).metadata).encode()
    files["history.csv"] = make_history_csv(run).encode()
    files["report.html"] = make_html_report(run).encode()
    files["generator.html"] = make_generator_page(run).encode()
    (tmp_path / "events").mkdir()
    EventWriter(tmp_path / "events").write_start(DCGAN(run.config), run.config)
    events = [path for path in (tmp_path / "events").rglob("*") if path.is_file()]
    files |= {file.name: file.read_bytes() for file in events}
    assert events
    assert [name for name, data in files.items() if b"secret" in data] == []
    assert any(b"spots.npz" in data for data in files.values())


def test_the_comparison_table_does_not_show_the_path(run: Run, tiny_config: TrainingConfig) -> None:
    other = Run(run.path, tiny_config, run.dataset, created=run.created, parent=None, versions={})
    nothing = Record((), ())
    cells = str(
        make_setting_rows(
            [ComparedRun(run, "first", nothing, 0), ComparedRun(other, "other", nothing, 1)]
        )
    )
    assert "spots.npz" in cells
    assert "secret" not in cells


def test_an_imported_run_takes_the_path_from_another_run_of_the_same_pictures(
    run: Run, pictures: Path
) -> None:
    packed = export_run(run)
    state = run.checkpoints.load()
    run.save_checkpoint(
        state | {"step": state["step"] + 1}
    )  # An import of the same step would be refused.
    imported = import_run(io.BytesIO(packed), run.path.parent)
    assert imported.config.dataset == str(pictures)
    assert imported.config == run.config


def test_an_imported_run_without_the_path_resumes_when_a_person_gives_it(
    run: Run, pictures: Path, tmp_path: Path, tiny_dataset: ImageDataset
) -> None:
    imported = import_run(io.BytesIO(export_run(run)), tmp_path / "other library")
    assert imported.config.dataset == "…/spots.npz"
    with pytest.raises(DatasetError, match=r"resume first --dataset PATH"):
        continue_run(imported)
    other = pictures.with_name("others.npz")
    np.savez(other, images=255 - tiny_dataset.pixels)
    with pytest.raises(DatasetError, match="trained on other pictures") as caught:
        continue_run(imported, changes={"dataset": str(other)})
    assert caught.value.exit_code == 2  # Wrong input: the path came with the command.
    assert run_folder.open_run(imported.path).config.dataset == "…/spots.npz"
    moved = pictures.rename(pictures.with_name("moved.npz"))
    held, gan, _ = continue_run(imported, changes={"dataset": str(moved)})
    held.lock.release()
    assert (held.path, gan.step) == (imported.path, 0)  # The run itself, not a branch.
    assert run_folder.open_run(imported.path).config.dataset == str(moved)
