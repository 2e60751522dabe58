"""The command line: its words, its exit codes, and what it leaves on disk."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

import keras
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from dcgan.cli.main import main
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset, to_pixels
from dcgan.errors import ConfigError, DCGANError, DivergenceError, InUseError
from dcgan.export.report import html_report
from dcgan.export.tables import history_csv, history_parquet
from dcgan.images.png_recipe import read_recipe
from dcgan.reports import StepReport
from dcgan.runs import run_folder
from dcgan.runs.run_folder import Run, open_run
from dcgan.sweeps import claims
from dcgan.sweeps.combinations import Combination

pytestmark = pytest.mark.usefixtures("no_shipped_run")


REPOSITORY = Path(__file__).parents[3]
PER_EPOCH = 7  # 100 pictures in batches of 16.
TINY = (
    "--batch-size=16",
    "--generator-filters=8,4",
    "--discriminator-filters=4,8",
    "--latent-dim=4",
    "--num-samples=6",
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, tiny_dataset: ImageDataset) -> str:
    path = tmp_path_factory.mktemp("pictures") / "spots.npz"
    np.savez(path, images=tiny_dataset.pixels[:100])
    return str(path)


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def refused(*words: object, exit_code: int = 2) -> str:
    """Return the one sentence on standard error with which a command is refused."""
    result = call(*words)
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.parametrize(
    ("words", "way_out"),
    [
        (("train", "--generator-learning-rate=0,0002"), "with a decimal point, 0.0002."),
        (("train", "--max-seconds=1,5"), "with a decimal point, 1.5."),
        (("resume", "run", "--max-seconds=1,5"), "with a decimal point, 1.5."),
        (("resume", "run", "--max-seconds=-3"), "is not in the range 0<x<=10000000."),
        (("sweep", "--vary", "beta-1=0,01; 0,02"), "a decimal point and commas between them, s"),
    ],
)
def test_a_decimal_comma_is_told_how_to_write_it(words: tuple[str, ...], way_out: str) -> None:
    assert way_out in refused(*words)


# A sweep


def test_a_sweep_trains_one_run_after_the_other(pictures: str, tmp_path: Path) -> None:
    words = ("--vary", "seed=1,2", "--vary", "generator-learning-rate=0.001,0.002")
    result = call("sweep", *words, "--root", tmp_path, "--dataset", pictures, "--epochs=1", *TINY)
    assert result.exit_code == 0, result.output
    folders = [Path(line) for line in result.stdout.splitlines()]
    configs = [open_run(folder).config for folder in folders]
    assert [(config.seed, config.generator_learning_rate) for config in configs] == [
        (1, 0.001), (1, 0.002), (2, 0.001), (2, 0.002),
    ]  # fmt: skip
    assert all(open_run(folder).read_status().state == "finished" for folder in folders)
    assert "Run 3 of 4: seed 2, generator_learning_rate 0.001" in result.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--vary", "seed"), "--vary: got 'seed'; expected a setting, = and its values"),
        (("--vary", "seed="), "seed: give a value at least"),
        (("--vary", "speed=1"), "speed: there is no such setting"),
        (("--vary", "seed=x"), "seed: got 'x'; expected"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused(
    words: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    assert why in refused("sweep", *words, "--root", tmp_path)
    assert list(tmp_path.iterdir()) == []


# Training, in this process


@pytest.fixture(scope="module")
def trained(pictures: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train for one epoch, then go on for one more; return the run's folder."""
    folder = tmp_path_factory.mktemp("shelf") / "first"
    result = call("train", "--dataset", pictures, "--epochs=1", "--run-dir", folder, *TINY)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{folder}\n"
    lines = result.stderr.splitlines()
    assert lines[0] == "spots.npz: 100 pictures read."
    assert lines[1] == "preparing the first step"
    assert lines[-2].startswith("epoch 1 of 1, 0 s left, ")
    assert lines[-1].startswith(
        "Too early to tell. Step 7 of the 500 that a verdict needs. To train longer, use resume"
    )
    assert open_run(folder).read_status().step == PER_EPOCH

    assert "has finished what was planned (step " in refused("resume", folder)
    result = call("resume", folder, "--epochs=1")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{folder}\n"
    assert result.stderr.startswith("spots.npz: 100 pictures read.\n")
    return folder


def test_a_run_is_trained_and_goes_on(trained: Path) -> None:
    run = open_run(trained)
    assert (run.read_status().state, run.read_status().step, run.read_status().epoch) == (
        "finished",
        2 * PER_EPOCH,
        2,
    )
    assert run.checkpoints.list_steps() == [0, PER_EPOCH, 2 * PER_EPOCH]
    assert run.config.generator_filters == (8, 4)
    assert run.config.epochs == 2
    assert {0, PER_EPOCH, 2 * PER_EPOCH} <= set(run.samples.list_steps())


def test_what_was_read_is_reported_and_kept(
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
        "to 255."
    )
    folder = tmp_path / "shelf" / "first"
    no_steps: list[StepReport] = []
    monkeypatch.setattr("dcgan.recording.recorder.record", lambda *_: (step for step in no_steps))
    result = call("train", "--dataset", own, "--run-dir", folder, *TINY)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{folder}\n"
    said = result.stderr.splitlines()[0]
    assert said.startswith(f"own: {note} Left out: notes.txt (not a picture), cut0.jpg (damaged: ")
    run = open_run(folder)
    assert run.dataset.note == note
    assert run.dataset.left_out == {"damaged": 2, "not a picture": 1}
    (row,) = json.loads(call("runs", "--root", folder.parent, "--json").stdout)
    assert (row["num_images"], row["num_left_out"]) == (64, 3)
    assert note in html_report(run)
    assert str(own) not in html_report(run)


def test_a_run_goes_under_the_root_that_is_given(pictures: str, tmp_path: Path) -> None:
    root = tmp_path / "shelf"
    words = ("train", "--dataset", pictures, "--max-seconds=0.001", *TINY, "--root", root)
    result = call(*words)
    assert result.exit_code == 0, result.output
    assert Path(result.stdout.strip()).parent == root
    assert "give one of them" in refused(*words, "--run-dir", root / "first")


def test_the_clock_alone_decides_without_epochs(pictures: str, tmp_path: Path) -> None:
    folder = tmp_path / "clock"
    result = call("train", "--dataset", pictures, "--max-seconds=0.001", "--run-dir", folder, *TINY)
    assert result.exit_code == 0, result.output
    run = open_run(folder)
    assert (run.config.epochs, run.config.max_seconds) == (None, 0.001)
    assert (run.read_status().state, run.read_status().step) == ("finished", 1)
    assert run.read_status().seconds >= 0.001  # The first step's tracing counts.
    assert run.checkpoints.list_steps() == [0, 1]


def test_other_settings_make_a_branch_beside_the_run(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "first")
    words = ("--epochs=1", "--beta-1=0", "--checkpoint", PER_EPOCH)
    result = call("resume", "first", "--root", tmp_path, *words)
    assert result.exit_code == 0, result.output
    branch = open_run(Path(result.stdout.strip()))
    assert (branch.path.parent, branch.parent) == (tmp_path, trained.name)
    assert (branch.config.beta_1, branch.read_status().step) == (0, 2 * PER_EPOCH)
    assert open_run(trained).config.beta_1 == 0.5
    assert "beta_1: got '2'; expected 0 to less than 1" in refused("resume", trained, "--beta-1=2")
    assert "No such option" in refused("resume", trained, "--latent-dim=8")


def test_a_branch_of_the_shipped_run_goes_under_the_root(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "program" / "pretrained"
    shutil.copytree(trained, shipped)
    monkeypatch.setattr(run_folder, "SHIPPED", shipped)
    words = ("resume", "pretrained", "--max-seconds=0.001", "--root", tmp_path / "mine")
    result = call(*words)
    assert result.exit_code == 0, result.output
    assert Path(result.stdout.strip()).parent == tmp_path / "mine"
    assert list(shipped.parent.iterdir()) == [shipped]


def test_a_run_is_found_by_its_name_under_the_root(trained: Path, tmp_path: Path) -> None:
    root, out = ("--root", trained.parent), tmp_path / "report.html"
    assert call("export", "first", *root, "--out", out).stdout == f"{out}\n"
    digits, small = tmp_path / "digits.npz", tmp_path / "small"
    assert call("generate", "first", *root, "--count=1", "--out", digits).stdout == f"{digits}\n"
    assert call("slim", "first", *root, "--out", small).stdout == f"{small}\n"
    for command in ("resume", "evaluate"):
        message = refused(command, "first", "--root", tmp_path)
        assert f"There is no run 'first' in {tmp_path}; there are: small." in message


def test_a_switch_alone_turns_on(pictures: str, tmp_path: Path) -> None:
    words = ("train", "--dataset", pictures, "--max-seconds=0.001", *TINY)
    for switch, is_on in (("--tensorboard", True), ("--tensorboard=false", False)):
        folder = tmp_path / switch
        assert call(*words, switch, "--run-dir", folder).exit_code == 0
        assert open_run(folder).config.tensorboard is is_on
        assert (folder / "tensorboard").exists() is is_on
    assert "Option '--seed' requires an argument" in refused(*words, "--seed")


def test_every_setting_is_a_flag() -> None:
    words = call("train", "--help").stdout
    for name in TrainingConfig.model_fields:
        assert f"--{name.replace('_', '-')} " in words
    assert "--preset [fast|classic]" in words
    assert "[default: fast]" in words


# What a run gives away


def test_generate_writes_arrays_pictures_and_films(trained: Path, tmp_path: Path) -> None:
    for ending in ("npz", "png", "gif", "webp"):
        out = tmp_path / f"digits.{ending}"
        result = call("generate", trained, "--count=5", "--seed=3", "--out", out)
        assert (result.exit_code, result.stdout) == (0, f"{out}\n"), result.output
    with np.load(tmp_path / "digits.npz") as arrays:
        assert (arrays["images"].shape, arrays["images"].dtype) == ((5, 28, 28), np.uint8)
        assert (arrays["z"].shape, arrays["z"].dtype) == ((5, 4), np.float32)
    png = (tmp_path / "digits.png").read_bytes()
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.size == (2 * (3 * 30 - 2), 2 * (2 * 30 - 2))
    assert read_recipe(png)["step"] == 2 * PER_EPOCH
    for ending in ("gif", "webp"):
        with Image.open(tmp_path / f"digits.{ending}") as film:
            assert getattr(film, "n_frames", 1) == 60


def test_evaluate_tells_each_figure_with_its_floor(trained: Path) -> None:
    words = call("evaluate", trained, "--count=40").stdout
    assert words.startswith(f"first, step {2 * PER_EPOCH}: 40 digits\n")
    assert "Fréchet distance " in words
    assert "real images" in words
    assert "The data are no digits" in words
    answer = json.loads(call("evaluate", trained, "--checkpoint", PER_EPOCH, "--json").stdout)
    assert (answer["run"], answer["step"], answer["num_images"]) == ("first", PER_EPOCH, 50)
    distance = answer["figures"]["frechet_distance"]
    assert distance["low"] <= distance["value"] <= distance["high"]
    assert distance["floor"] < distance["value"]
    assert "classifier_score" in answer["unavailable"]
    assert answer["judge_accuracy"] >= 0.994


def test_training_measures_itself_at_the_ends_of_epochs(trained: Path) -> None:
    first, *_ = open_run(trained).history.read_evaluations()
    assert (first.step, first.epoch, first.num_images) == (PER_EPOCH, 1, 50)
    assert first.metrics["frechet_distance"] > first.real_metrics["frechet_distance"] >= 0
    assert first.digit_shares == ()  # Spots are no digits.


def test_an_exported_model_draws_what_generate_draws(trained: Path, tmp_path: Path) -> None:
    out, digits = tmp_path / "generator.keras", tmp_path / "digits.npz"
    step = ("--checkpoint", PER_EPOCH)
    assert call("export", trained, *step, "--out", out).stdout == f"{out}\n"
    assert call("generate", trained, *step, "--count=5", "--out", digits).exit_code == 0
    with np.load(digits) as arrays:
        images = np.asarray(keras.models.load_model(out)(arrays["z"]))[..., 0]
        assert np.abs(to_pixels(images).astype(int) - arrays["images"]).max() <= 1
        assert np.ptp(arrays["images"]) > 0


def test_the_history_goes_out_as_a_table(trained: Path, tmp_path: Path) -> None:
    for name in ("history.csv", "history.PARQUET"):
        out = tmp_path / name
        assert call("export", trained, "--out", out).stdout == f"{out}\n"
    run = open_run(trained)
    assert (tmp_path / "history.csv").read_text("utf-8") == history_csv(run)
    assert (tmp_path / "history.PARQUET").read_bytes() == history_parquet(run)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.PARQUET", "history.csv"]


def test_a_report_is_one_page(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert call("export", trained, "--out", out).stdout == f"{out}\n"
    assert out.read_text("utf-8") == html_report(open_run(trained))


def test_slim_writes_a_run_of_one_checkpoint(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "small"
    assert call("slim", trained, "--out", out).stdout == f"{out}\n"
    assert open_run(out).checkpoints.list_steps() == open_run(trained).checkpoints.list_steps()[-1:]
    assert "is there and not empty" in refused("slim", trained, "--out", out)


def test_the_list_has_what_a_script_needs(trained: Path, tmp_path: Path) -> None:
    (trained.parent / "torn").mkdir(exist_ok=True)
    (trained.parent / "torn" / "config.json").write_text("{")
    result = call("runs", "--root", trained.parent, "--json")
    assert result.exit_code == 0
    (row,) = json.loads(result.stdout)
    assert row["name"] == "first"
    assert row["path"] == str(trained)
    assert (row["status"], row["step"], row["epoch"]) == ("finished", 2 * PER_EPOCH, 2)
    assert row["seconds"] > 0
    assert "Left out: torn: config.json is damaged" in result.stderr
    result = call("runs", "--root", trained.parent)
    assert result.stdout.startswith("first  finished, step 14, epoch 2, ")
    result = call("runs", "--root", tmp_path / "missing", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "There are no runs in" in result.stderr


def test_the_step_in_the_list_is_one_that_can_be_resumed(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "dead")
    run.save_checkpoint({"step": np.array(13), "seconds": np.array(1.0)})
    run.write_status("running", step=20, epoch=2, seconds=2.0)
    run.lock.release()
    (row,) = json.loads(call("runs", "--root", tmp_path, "--json").stdout)
    assert (row["status"], row["step"], row["seconds"]) == ("interrupted", 13, 2.0)


# Wrong input


def test_a_wrong_setting_is_named_before_anything_is_made(pictures: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    for words, sentence in (
        (["--epochs=0"], "Error: epochs: got '0'; expected 1 to 100000.\n"),
        (["--epochs=many"], "Error: epochs: got 'many'; expected a whole number, 1 to 100000.\n"),
        (["--epochs=none"], "Error: Give epochs or max_seconds: without either, training never"),
        (["--strategy=abacus"], "Error: strategy: got 'abacus'; expected auto, one_device"),
        (["--max-seconds=nan"], "Error: max_seconds: got 'nan'; expected more than 0 to 10000000"),
        (["--batch-size=101"], "Error: batch_size: got 101; the data set has 100 images"),
        (["--dataset=nowhere.npz"], "Error: dataset: got 'nowhere.npz', but there is no such file"),
        (["--preset=slow"], "Error: Invalid value for '--preset'"),
        (["--no-such-flag=1"], "Error: No such option"),
    ):
        message = refused("train", "--dataset", pictures, "--run-dir", folder, *TINY, *words)
        assert sentence in message
    assert not folder.exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    message = refused("train", "--dataset", pictures, "--run-dir", tmp_path / "full", *TINY)
    assert "is there and not empty; give a new folder, or use resume to go on" in message
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def test_a_wrong_run_or_output_is_one_sentence(trained: Path, tmp_path: Path) -> None:
    before = sorted(trained.rglob("*"))
    out = tmp_path / "digits.png"
    for words, sentence in (
        (["generate", tmp_path / "none", "--count=1", "--out", out], "There is no run"),
        (["generate", trained, "--count=1", "--out", tmp_path / "digits.jpg"], "must end in .png"),
        (["generate", trained, "--count=1", "--out", tmp_path / "no" / "x.png"], "no folder"),
        (["generate", trained, "--count=0", "--out", out], "'--count': 0 is not in the range"),
        (["generate", trained, "--count=1", "--checkpoint=3", "--out", out], "it has 0, 7, 14"),
        (["generate", trained, "--out", out], "Missing option '--count'"),
        (["export", trained, "--out", tmp_path / "generator.h5"], "must end in .keras, .csv"),
        (["export", trained, "--checkpoint=7", "--out", tmp_path / "x.csv"], "the whole run"),
        (["export", trained, "--out", tmp_path / "no" / "x.csv"], "no folder"),
        (["export", tmp_path, "--out", tmp_path / "x.keras"], "config.json is missing"),
        (["resume", tmp_path / "none"], "There is no run"),
        (["resume", trained, "--epochs=0"], "'--epochs': 0 is not in the range"),
        (["resume", trained, "--max-seconds=0"], "'--max-seconds'"),
        (["resume", trained, "--epochs=100000"], "epochs: got 100002; expected"),
        (["fly"], "No such command 'fly'"),
    ):
        message = refused(*words)
        assert sentence in message
        assert message.splitlines()[-1].startswith("Error: ")
    assert sorted(trained.rglob("*")) == before
    assert list(tmp_path.iterdir()) == []


# Failures on the way


def test_what_nobody_typed_wrong_exits_with_1(
    trained: Path, pictures: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, out = tmp_path / "first", tmp_path / "digits.png"
    shutil.copytree(trained, run)
    data = json.loads((run / "config.json").read_text())
    data["config"]["dataset"] = str(tmp_path / "vanished.npz")
    (run / "config.json").write_text(json.dumps(data))
    for words in (("resume", run, "--epochs=1"), ("evaluate", run)):
        assert "there is no such file" in refused(*words, exit_code=1)

    for checkpoint in (run / "checkpoints").iterdir():
        checkpoint.write_bytes(b"torn")
    generate = ("generate", run, "--count=1", "--out", out)
    assert "all its checkpoints are damaged" in refused(*generate, exit_code=1)
    assert "step 7 is damaged" in refused(*generate, "--checkpoint=7", exit_code=1)
    assert "has no checkpoint of step 8" in refused(*generate, "--checkpoint=8", exit_code=2)
    (run / "config.json").write_text("{")
    assert "config.json is damaged" in refused(*generate, exit_code=1)

    train = ("train", "--dataset", pictures, *TINY, "--root")
    assert "Not a directory" in refused(*train, run / "config.json" / "runs", exit_code=2)

    def full(root: Path, name: str) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(run_folder, "make_dated_folder", full)
    assert "No space left on device" in refused(*train, tmp_path / "runs", exit_code=1)


def test_a_command_that_has_no_memory_says_so(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(*arguments: object, **named: object) -> None:
        raise MemoryError

    monkeypatch.setattr("dcgan.export.digit_files.write_digits", draw)
    words = ("generate", trained, "--count=1", "--out", tmp_path / "digits.png")
    assert "there is not enough memory" in refused(*words, exit_code=1)


@pytest.mark.parametrize(
    ("failures", "exit_code"),
    [
        ([DivergenceError("a"), None], 1),
        ([InUseError("a"), DivergenceError("b")], 1),
        ([ConfigError("a"), DivergenceError("b")], 2),
        ([None, None], 0),
    ],
)
def test_a_sweep_exits_with_the_worst_code_of_its_runs(
    failures: list[DCGANError | None],
    exit_code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = iter(failures)

    def prepare_run(combination: Combination, progress: object) -> None:
        if failure := next(left):
            raise failure

    monkeypatch.setattr(claims, "prepare_run", prepare_run)
    result = call("sweep", "--vary", "seed=1,2", "--root", tmp_path)
    assert result.exit_code == exit_code, result.output
    assert all(str(failure) in result.stderr for failure in failures if failure)
    assert list(left) == []


# Other processes


def start(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dcgan", *map(str, words)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def interrupt(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """Send a signal, and return exit code, last line of standard output and standard error."""
    process.send_signal(number)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output.splitlines()[-1], errors


def wait_for_a_step(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("epoch "):
            return
    pytest.fail(f"it ended without a step: {''.join(lines)}")


class InATerminal:
    """A command in the foreground of a terminal of its own, which can be closed."""

    def __init__(self, *words: object) -> None:
        """Start the command."""
        self._screen, terminal = os.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", IN_A_TERMINAL, *map(str, words)],
            cwd=REPOSITORY,
            env=os.environ | {"COLUMNS": "200"},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)

    def __enter__(self) -> Self:
        return self

    def wait_for(self, words: str) -> None:
        """Read what is on the screen until these words are."""
        seen = ""
        while words not in seen:
            seen += os.read(self._screen, 65536).decode(errors="replace")

    def close(self) -> int:
        """Close the terminal, and return the command's exit code."""
        os.close(self._screen)
        return self._process.wait(timeout=120)

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()


# Only a session whose own terminal it is learns that a terminal was closed.
IN_A_TERMINAL = """
import fcntl, runpy, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.argv[0] = "dcgan"
runpy.run_module("dcgan", run_name="__main__", alter_sys=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send these signals to a process.")
def test_signals_save_a_checkpoint_and_exit_with_their_code(pictures: str, tmp_path: Path) -> None:
    folder = tmp_path / "first"
    words = ("--dataset", pictures, "--max-seconds=600", "--run-dir", folder, *TINY)
    with start("train", *words) as process:
        wait_for_a_step(process)
        code, last_line, errors = interrupt(process, signal.SIGINT)
    assert (code, last_line) == (130, str(folder)), errors
    assert "Traceback" not in errors
    run = open_run(folder)
    first = run.read_status()
    assert (first.state, run.checkpoints.list_steps()[-1]) == ("stopped", first.step)
    assert first.step >= 1
    assert f"Saved at step {first.step:,}; resume goes on from there." in errors

    with InATerminal("resume", "first", "--root", tmp_path) as terminal:
        terminal.wait_for("images/s, step ")
        (row,) = json.loads(call("runs", "--root", tmp_path, "--json").stdout)
        assert row["status"] == "running"
        assert "first is being written by process" in refused("resume", folder, exit_code=1)
        assert terminal.close() == 129
    second = run.read_status()
    assert (second.state, run.checkpoints.list_steps()[-1]) == ("stopped", second.step)
    assert second.step > first.step
    assert second.seconds > first.seconds


def test_looking_around_does_not_wait_for_tensorflow(tmp_path: Path) -> None:
    code = (
        "import sys; from dcgan.cli.main import main\n"
        "for words in (['--help'], ['train', '--help'], ['runs', '--root', sys.argv[1]]):\n"
        "    main(words, standalone_mode=False)\n"
        "print(sorted({'tensorflow', 'keras', 'streamlit'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"
    assert "Usage:" in result.stdout
