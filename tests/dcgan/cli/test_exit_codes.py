"""Errors of the commands: one sentence and an exit code; and what an import costs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from dcgan.errors import DiskWriteError
from dcgan.reports import AnyReport
from dcgan.runs import run_folder
from dcgan.runs.run_folder import Run
from tests.command_line import REPOSITORY, TINY_OPTIONS, invoke, read_refusal
from tests.disk_errors import raise_disk_error, raise_disk_full
from tests.fake_training import FakeGAN, train_step

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("train", "--generator-learning-rate=0,0002"), "with a decimal point, 0.0002."),
        (("train", "--max-seconds=1,5"), "with a decimal point, 1.5."),
        (("resume", "run", "--max-seconds=1,5"), "with a decimal point, 1.5."),
        (
            ("resume", "run", "--max-seconds=-3"),
            "got '-3.0'; expected more than 0 to 10,000,000.",
        ),
        (("sweep", "--vary", "beta-1=0,01; 0,02"), "a decimal point, no thousands separators, and"),
    ],
)
def test_the_error_of_a_decimal_comma_explains_how_to_write_it(
    arguments: tuple[str, ...], hint: str
) -> None:
    assert hint in read_refusal(*arguments)


def test_a_wrong_run_or_output_is_an_error_of_one_sentence(trained: Path, tmp_path: Path) -> None:
    before = sorted(trained.rglob("*"))
    out = tmp_path / "digits.png"
    for arguments, sentence in (
        (["generate", tmp_path / "none", "--count=1", "--out", out], "There is no run"),
        (["generate", trained, "--count=1", "--out", tmp_path / "digits.jpg"], "must end in .png"),
        (["generate", trained, "--count=1", "--out", tmp_path / "no" / "x.png"], "no folder"),
        (
            ["generate", trained, "--count=0", "--out", out],
            "--count: got '0'; expected 1 to",
        ),
        (["generate", trained, "--count=1", "--checkpoint=3", "--out", out], "it has 0, 7, 14"),
        (["generate", trained, "--out", out], "--count is missing; only --text"),
        (["export", trained, "--out", tmp_path / "generator.h5"], "must end in .keras, .onnx"),
        (["export", trained, "--checkpoint=7", "--out", tmp_path / "x.csv"], "the whole run"),
        (["export", trained, "--out", tmp_path / "no" / "x.csv"], "no folder"),
        (["export", tmp_path, "--out", tmp_path / "x.keras"], "config.json is missing"),
        (["resume", tmp_path / "none"], "There is no run"),
        (["resume", trained, "--epochs=0"], "--epochs: got '0'; expected 1 to 100,000."),
        (["resume", trained, "--max-seconds=0"], "--max-seconds: got"),
        (["resume", trained, "--epochs=100000"], "epochs: got 100002; expected"),
        (["resume"], "Error: RUN is missing; --help explains it."),
        (["resume", trained, "b", "c"], "Error: Unexpected argument b c; expected only RUN."),
        (["train", "x"], "Unexpected argument x; expected only options, which begin with --."),
        (["sweep"], "Error: --vary is missing; --help explains it."),
        (["trian"], "Error: No such command trian; did you mean train?"),
        (["fly"], "No such command fly; --help lists all."),
    ):
        message = read_refusal(*arguments)
        assert sentence in message
        assert message.splitlines()[-1].startswith("Error: ")
    assert sorted(trained.rglob("*")) == before
    assert list(tmp_path.iterdir()) == []


def test_failures_other_than_wrong_input_exit_with_1(
    trained: Path, spots_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, out = tmp_path / "first", tmp_path / "digits.png"
    shutil.copytree(trained, run)
    data = json.loads((run / "config.json").read_text())
    data["config"]["dataset"] = str(tmp_path / "vanished.npz")
    (run / "config.json").write_text(json.dumps(data))
    for arguments in (("resume", run, "--epochs=1"), ("evaluate", run)):
        assert "there is no such file" in read_refusal(*arguments, exit_code=1)

    for checkpoint in (run / "checkpoints").iterdir():
        checkpoint.write_bytes(b"torn")
    generate = ("generate", run, "--count=1", "--out", out)
    assert "all its checkpoints are damaged" in read_refusal(*generate, exit_code=1)
    assert "step 7 is damaged" in read_refusal(*generate, "--checkpoint=7", exit_code=1)
    assert "has no checkpoint of step 8" in read_refusal(*generate, "--checkpoint=8", exit_code=2)
    (run / "config.json").write_text("{")
    assert "config.json is damaged" in read_refusal(*generate, exit_code=1)

    train = ("train", "--dataset", spots_file, *TINY_OPTIONS, "--root")
    assert "Not a directory" in read_refusal(*train, run / "config.json" / "runs", exit_code=2)

    monkeypatch.setattr(run_folder, "make_dated_folder", raise_disk_full)
    assert "No space left on device" in read_refusal(*train, tmp_path / "runs", exit_code=1)


def test_a_disk_that_is_gone_while_training_is_one_sentence(
    spots_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_disk(run: Run, gan: FakeGAN, *_: object) -> Generator[AnyReport]:
        yield train_step(gan)
        monkeypatch.setattr(run.checkpoints, "list_steps", raise_disk_error)
        raise DiskWriteError("The disk is gone.")

    monkeypatch.setattr("dcgan.recording.recorder.record", lose_disk)
    result = invoke("train", "--dataset", spots_file, *TINY_OPTIONS, "--root", tmp_path / "runs")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "Error: The disk is gone."


def test_a_command_without_enough_memory_reports_it(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("dcgan.export.digit_files.write_digits", draw)
    arguments = ("generate", trained, "--count=1", "--out", tmp_path / "digits.png")
    assert "there is not enough memory" in read_refusal(*arguments, exit_code=1)


def test_help_and_lists_do_not_import_tensorflow(tmp_path: Path) -> None:
    code = (
        "import sys; from dcgan.cli.main import main\n"
        "for arguments in (['--help'], ['train', '--help'], ['runs', '--root', sys.argv[1]]):\n"
        "    main(arguments, standalone_mode=False)\n"
        "print(sorted({'tensorflow', 'keras', 'streamlit'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"
    assert "Usage:" in result.stdout
