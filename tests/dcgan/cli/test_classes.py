"""The commands with a run that learned classes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from dcgan.evaluation import two_sample_test
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.export.archive import export_run, import_run
from dcgan.images.png_recipe import read_recipe
from dcgan.latent.sampling import sample_latent
from dcgan.recording.start import continue_run
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.run_folder import Run, open_run
from tests.command_line import TINY_OPTIONS, invoke, read_refusal

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture(scope="module")
def threes_and_eights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train tiny networks on two classes of MNIST for 12 steps; return the run's folder."""
    folder = tmp_path_factory.mktemp("runs") / "classes"
    options = ("--class-conditional", "--only-classes=3,8", "--epochs=1", "--tensorboard")
    result = invoke("train", *options, *TINY_OPTIONS, "--batch-size=1024", "--run-dir", folder)
    assert result.exit_code == 0, result.output
    return folder


def test_a_run_remembers_the_names_of_its_classes(threes_and_eights: Path) -> None:
    config = open_run(threes_and_eights).config
    assert (config.class_conditional, config.class_names) == (True, ("3", "8"))
    (row,) = json.loads(invoke("runs", "--root", threes_and_eights.parent, "--json").stdout)
    assert row["class_names"] == ["3", "8"]


def test_generate_draws_the_requested_class(threes_and_eights: Path, tmp_path: Path) -> None:
    out = tmp_path / "eights.npz"
    result = invoke("generate", threes_and_eights, "--class", 8, "--count=5", "--out", out)
    assert (result.exit_code, result.stdout) == (0, f"{out}\n"), result.output
    with np.load(out) as arrays:
        assert arrays["class_ids"].tolist() == [1] * 5
    both = ("--class=8", "--class=3")
    assert invoke("generate", threes_and_eights, *both, "--count=3", "--out", out).exit_code == 0
    with np.load(out) as arrays:
        assert arrays["class_ids"].tolist() == [1, 0, 1]


def test_generate_writes_a_text(threes_and_eights: Path, tmp_path: Path) -> None:
    out = tmp_path / "text.npz"
    text = ("generate", threes_and_eights, "--text=383", "--seed=5", "--out")
    assert invoke(*text, out).exit_code == 0
    with np.load(out) as arrays:
        assert arrays["class_ids"].tolist() == [0, 1, 0]
        np.testing.assert_array_equal(arrays["z"], sample_latent(5, 1, 4)[[0, 0, 0]])
    png = tmp_path / "text.png"
    assert invoke(*text, png, "--count=2").exit_code == 0
    assert read_recipe(png.read_bytes()).items() >= {"text": "383", "count": 2}.items()
    gif = tmp_path / "text.gif"
    assert invoke(*text, gif).exit_code == 0
    assert (
        gif.read_bytes().count(b"\x21\xf9\x04") == 4 * 12
    )  # Without --count, a walk goes through 4 z.
    assert "--count: got 167; a walk of 3 characters has at most 166 stops." in read_refusal(
        *text, tmp_path / "long.gif", "--count=167"
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--class=7", "--count=1"), "--class: got '7'; this run knows 3, 8."),
        (("--text=37",), "This run draws 3, 8 only; '7' can't be drawn."),
        (("--text=" + "3" * 25,), "The text has 25 characters; expected at most 24."),
        (("--text=",), "--text: got nothing; expected 1 to 24 characters."),
        (("--text=3", "--count=417"), "--count: got 417; a text is written at most 416 times."),
        (("--text=3", "--class=3"), "--text and --class exclude each other"),
        ((), "--count is missing; only --text needs none."),
    ],
)
def test_classes_and_texts_that_the_run_cannot_draw_are_refused(
    threes_and_eights: Path, tmp_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    out = tmp_path / "digits.png"
    assert sentence in read_refusal("generate", threes_and_eights, *options, "--out", out)
    assert not out.exists()


def test_a_run_without_classes_says_how_to_get_one(trained: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "digits.png")
    for options in (("--class=3", "--count=1"), ("--text=3",)):
        assert (
            "--class: first knows no classes; train one with --class-conditional, or use "
            "pretrained-classes." in read_refusal("generate", trained, *options, *out)
        )


def test_evaluate_tells_how_often_classes_are_drawn_as_requested_and_trees_tell_digits_from_real(
    threes_and_eights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_sample_test, "MAX_LEARNED", 200)
    monkeypatch.setattr(two_sample_test, "_NUM_TREES", 10)
    command = ("evaluate", threes_and_eights, "--count=50", "--tell")
    lines = invoke(*command).stdout.splitlines()
    (line,) = (line for line in lines if line.startswith(METRIC_INFO["as_asked"].label))
    assert "%" in line
    assert "A program learned from 200 generated and as many real pictures" in lines[-4]
    assert [line.partition(" (")[0].rpartition(" ")[0] for line in lines[-3:]] == [
        "Right by grey levels",
        "Right by pixels in five greys",
        "Right by shapes",
    ]
    found = json.loads(invoke(*command, "--json").stdout)
    assert 0 <= found["figures"]["as_asked"]["value"] <= 1
    assert found["figures"]["as_asked"]["floor"] > 0.9  # Of real digits.
    answer = found["tell"]
    assert (answer["num_learned"], answer["num_asked"]) == (200, 100)
    for right in answer["right"].values():
        # After 12 steps nobody takes them for digits.
        assert right["low"] <= right["value"] <= right["high"] <= 1
        assert right["floor"] < 0.7 < right["value"]


def test_the_exported_history_has_how_often_the_requested_class_is_drawn(
    threes_and_eights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "history.csv"
    assert invoke("export", threes_and_eights, "--out", out).exit_code == 0
    rows = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    (column,) = (name for name in rows[0] if name.endswith("as_asked") and "real" not in name)
    assert any(row[column] for row in rows)


def test_the_report_shows_that_classes_were_learned_and_how_often_they_are_drawn(
    threes_and_eights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    assert invoke("export", threes_and_eights, "--out", out).exit_code == 0
    page = out.read_text("utf-8")
    assert "Learn the classes" in page
    assert METRIC_INFO["as_asked"].label in page


def test_tensorboard_has_how_often_the_requested_class_is_drawn(threes_and_eights: Path) -> None:
    files = sorted(map(str, (threes_and_eights / "tensorboard").iterdir()))
    events = [
        tf.compat.v1.Event.FromString(record)
        for record in tf.data.TFRecordDataset(files).as_numpy_iterator()
    ]
    tags = {value.tag for event in events for value in event.summary.value}
    assert any("as_asked" in tag for tag in tags), tags


def draw(run: Run) -> np.ndarray:
    return load_sampler(run)[0].generate(sample_latent(1, 4, 4), [0, 1, 1, 0])


def test_copies_of_a_run_draw_the_same_classes(threes_and_eights: Path, tmp_path: Path) -> None:
    run, small = open_run(threes_and_eights), tmp_path / "small"
    assert invoke("slim", threes_and_eights, "--out", small).exit_code == 0
    imported = import_run(io.BytesIO(export_run(run)), tmp_path / "library")
    for copy, tolerance in ((open_run(small), 1), (imported, 0)):
        assert copy.config.class_names == ("3", "8")
        assert np.abs(draw(copy).astype(int) - draw(run)).max() <= tolerance


def test_a_branch_keeps_the_classes(threes_and_eights: Path, tmp_path: Path) -> None:
    branch, gan, _ = continue_run(
        open_run(threes_and_eights), epochs=1, changes={"label_smoothing": 0.0}, root=tmp_path
    )
    branch.lock.release()
    assert branch.path != threes_and_eights
    assert branch.config.class_names == gan.config.class_names == ("3", "8")
    assert draw(branch).shape == (4, 28, 28, 1)
