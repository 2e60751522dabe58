"""The command `train`: options, progress, and the run that it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan.config.settings import Settings
from dcgan.data.datasets import ImageDataset
from dcgan.documents.html_report import make_html_report
from dcgan.reports import StepReport
from dcgan.runs.run_folder import open_run
from tests.command_line import STEPS_PER_EPOCH, TINY_OPTIONS, invoke, read_refusal

pytestmark = pytest.mark.usefixtures("no_included_run", "reused_networks")


def test_a_run_is_trained_and_resumed(trained: Path) -> None:
    run = open_run(trained)
    assert (run.read_status().state, run.read_status().step, run.read_status().epoch) == (
        "finished",
        2 * STEPS_PER_EPOCH,
        2,
    )
    assert run.checkpoints.list_steps() == [0, STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH]
    assert run.config.generator_filters == (8, 4)
    assert run.config.epochs == 2
    assert {0, STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH} <= set(run.samples.list_steps())


def test_a_run_to_start_from_must_exist(spots_file: str, tmp_path: Path) -> None:
    words = ("train", "--dataset", spots_file, "--from", "nobody", "--run-dir", tmp_path / "run")
    assert "There is no run 'nobody'" in read_refusal(*words, *TINY_OPTIONS)
    assert not (tmp_path / "run").exists()


def test_the_pictures_that_were_read_are_reported_and_recorded(
    tiny_dataset: ImageDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for index, image in enumerate(tiny_dataset.pixels[:64, ..., 0]):
        Image.fromarray((image > 99).astype(np.uint8)).save(own / f"{index}.png")
    for index in range(2):
        (own / f"cut{index}.jpg").write_bytes((own / "0.png").read_bytes()[:60])
    (own / "notes.txt").write_text("no picture")
    note = (
        "64 pictures read, 3 left out (2 damaged, 1 not a picture), values 0 to 1 stretched to 0 "
        "to 255. No classes: all pictures are in one folder."
    )
    folder = tmp_path / "runs" / "first"
    no_steps: list[StepReport] = []
    monkeypatch.setattr("dcgan.recording.recorder.record", lambda *_: (step for step in no_steps))
    result = invoke("train", "--dataset", own, "--run-dir", folder, *TINY_OPTIONS)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{folder}\n"
    first_line = result.stderr.splitlines()[0]
    assert first_line.startswith(
        f"own: {note} Left out: notes.txt (not a picture), cut0.jpg (damaged: "
    )
    run = open_run(folder)
    assert run.dataset.summary == note
    assert run.dataset.left_out == {"damaged": 2, "not a picture": 1}
    (row,) = json.loads(invoke("runs", "--root", folder.parent, "--json").stdout)
    assert (row["num_images"], row["num_left_out"]) == (64, 3)
    assert note in make_html_report(run)
    assert str(own) not in make_html_report(run)


def test_a_run_is_made_under_the_given_root(spots_file: str, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    options = ("--dataset", spots_file, "--max-seconds=0.001", *TINY_OPTIONS)
    arguments = ("train", *options, "--root", root)
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    assert Path(result.stdout.strip()).parent == root
    assert "give one of them" in read_refusal(*arguments, "--run-dir", root / "first")


def test_without_epochs_only_the_clock_ends_training(spots_file: str, tmp_path: Path) -> None:
    folder = tmp_path / "clock"
    result = invoke(
        "train", "--dataset", spots_file, "--max-seconds=0.001", "--run-dir", folder, *TINY_OPTIONS
    )
    assert result.exit_code == 0, result.output
    run = open_run(folder)
    assert (run.config.epochs, run.config.max_seconds) == (None, 0.001)
    assert (run.read_status().state, run.read_status().step) == ("finished", 1)
    assert run.read_status().seconds >= 0.001  # The first step's tracing counts.
    assert run.checkpoints.list_steps() == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "epochs", "seconds"),
    [
        ((), None, 3600.0),
        (("--max-seconds=90",), None, 90.0),
        (("--epochs=3",), 3, None),
    ],
)
def test_until_converged_has_a_time_limit_of_an_hour_unless_a_length_is_given(
    spots_file: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    epochs: int | None,
    seconds: float | None,
) -> None:
    no_steps: list[StepReport] = []
    monkeypatch.setattr("dcgan.recording.recorder.record", lambda *_: (step for step in no_steps))
    folder = tmp_path / "run"
    command = ("train", "--dataset", spots_file, "--run-dir", folder, *TINY_OPTIONS)
    assert invoke(*command, "--until-converged", *arguments).exit_code == 0
    config = open_run(folder).config
    assert config.until_converged
    assert (config.epochs, config.max_seconds) == (epochs, seconds)


def test_a_switch_without_a_value_turns_a_setting_on(spots_file: str, tmp_path: Path) -> None:
    arguments = ("train", "--dataset", spots_file, "--max-seconds=0.001", *TINY_OPTIONS)
    for switch, is_on in (("--tensorboard", True), ("--tensorboard=false", False)):
        folder = tmp_path / switch
        assert invoke(*arguments, switch, "--run-dir", folder).exit_code == 0
        assert open_run(folder).config.tensorboard is is_on
        assert (folder / "tensorboard").exists() is is_on
    assert "--seed needs a value; --help says which." in read_refusal(*arguments, "--seed")


def test_every_setting_is_an_option() -> None:
    help_text = invoke("train", "--help").stdout
    for name in Settings.model_fields:
        assert f"--{name.replace('_', '-')} " in help_text
    assert "--preset [fast|classic]" in help_text
    assert "[default: fast]" in help_text


def test_training_is_evaluated_at_the_end_of_an_epoch(trained: Path) -> None:
    first, *_ = open_run(trained).history.read_evaluations()
    assert (first.step, first.epoch, first.num_images) == (STEPS_PER_EPOCH, 1, 50)
    assert first.metrics["frechet_distance"] > first.real_metrics["frechet_distance"] >= 0
    assert first.digit_shares == ()  # Spots are no digits.


def test_a_wrong_setting_is_named_before_anything_is_written(
    spots_file: str, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    for arguments, sentence in (
        (["--epochs=0"], "Error: epochs: got '0'; expected 1 to 100,000.\n"),
        (["--epochs=many"], "Error: epochs: got 'many'; expected a whole number, 1 to 100,000.\n"),
        (["--epochs=none"], "Error: Give epochs or a time limit: without either, training never"),
        (["--strategy=abacus"], "Error: strategy: got 'abacus'; expected auto, one_device"),
        (
            ["--max-seconds=nan"],
            "Error: max_seconds: got 'nan'; expected more than 0 to 10,000,000",
        ),
        (["--batch-size=101"], "Error: batch_size: got 101; the data set has 100 pictures"),
        (["--dataset=nowhere.npz"], "Error: dataset: got 'nowhere.npz', but there is no such file"),
        (["--preset=slow"], "Error: --preset: got 'slow'; expected fast or classic."),
        (["--no-such-flag=1"], "Error: No such option"),
    ):
        message = read_refusal(
            "train", "--dataset", spots_file, "--run-dir", folder, *TINY_OPTIONS, *arguments
        )
        assert sentence in message
    assert not folder.exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    message = read_refusal(
        "train", "--dataset", spots_file, "--run-dir", tmp_path / "full", *TINY_OPTIONS
    )
    assert "exists and is not empty; give a new folder, or use resume to continue" in message
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.txt"]
