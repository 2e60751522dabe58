"""The commands that write or measure digits and models: generate, export, evaluate and slim."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from dcgan.cli.commands.export import RUN_FILE_MAKERS
from dcgan.data.datasets import to_pixels
from dcgan.documents import hub_folder
from dcgan.documents.html_report import make_html_report
from dcgan.documents.model_card import make_model_card
from dcgan.export.tables import make_history_csv, make_history_parquet
from dcgan.images.png_recipe import read_recipe
from dcgan.runs.run_folder import Run, open_run
from tests.command_line import STEPS_PER_EPOCH, invoke, read_refusal

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_generate_writes_arrays_pictures_and_animations(trained: Path, tmp_path: Path) -> None:
    for ending in ("npz", "png", "gif", "webp"):
        out = tmp_path / f"digits.{ending}"
        result = invoke("generate", trained, "--count=5", "--seed=3", "--out", out)
        assert (result.exit_code, result.stdout) == (0, f"{out}\n"), result.output
    with np.load(tmp_path / "digits.npz") as arrays:
        assert (arrays["images"].shape, arrays["images"].dtype) == ((5, 28, 28), np.uint8)
        assert (arrays["z"].shape, arrays["z"].dtype) == ((5, 4), np.float32)
    png = (tmp_path / "digits.png").read_bytes()
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.size == (2 * (3 * 30 - 2), 2 * (2 * 30 - 2))
    assert read_recipe(png)["step"] == 2 * STEPS_PER_EPOCH
    for ending in ("gif", "webp"):
        with Image.open(tmp_path / f"digits.{ending}") as film:
            assert getattr(film, "n_frames", 1) == 60


def test_evaluate_prints_each_metric_with_its_floor(trained: Path) -> None:
    text = invoke("evaluate", trained, "--count=40").stdout
    assert text.startswith(f"first, step {2 * STEPS_PER_EPOCH}: 40 pictures\n")
    assert "\nDistance to real pictures " in text
    assert "real pictures" in text
    assert "The data are not digits" in text
    answer = json.loads(
        invoke("evaluate", trained, "--checkpoint", STEPS_PER_EPOCH, "--json").stdout
    )
    assert (answer["run"], answer["step"], answer["num_images"]) == ("first", STEPS_PER_EPOCH, 50)
    distance = answer["figures"]["frechet_distance"]
    assert distance["low"] <= distance["value"] <= distance["high"]
    assert distance["floor"] < distance["value"]
    assert "classifier_score" in answer["unavailable"]
    assert answer["judge_accuracy"] >= 0.994


def test_an_exported_model_generates_the_same_digits(trained: Path, tmp_path: Path) -> None:
    out, digits = tmp_path / "generator.keras", tmp_path / "digits.npz"
    step = ("--checkpoint", STEPS_PER_EPOCH)
    assert invoke("export", trained, *step, "--out", out).stdout == f"{out}\n"
    assert invoke("generate", trained, *step, "--count=5", "--out", digits).exit_code == 0
    with np.load(digits) as arrays:
        images = np.asarray(keras.models.load_model(out)(arrays["z"]))[..., 0]
        assert np.abs(to_pixels(images).astype(int) - arrays["images"]).max() <= 1
        assert np.ptp(arrays["images"]) > 0


def test_the_history_is_exported_as_a_table(trained: Path, tmp_path: Path) -> None:
    for name in ("history.csv", "history.PARQUET"):
        out = tmp_path / name
        assert invoke("export", trained, "--out", out).stdout == f"{out}\n"
    run = open_run(trained)
    assert (tmp_path / "history.csv").read_text("utf-8") == make_history_csv(run)
    assert (tmp_path / "history.PARQUET").read_bytes() == make_history_parquet(run)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.PARQUET", "history.csv"]


def test_the_report_is_exported_as_a_page(trained: Path, tmp_path: Path) -> None:
    for name, hint in (("report.html", ""), ("digits.html", "name that ends in generator.html.")):
        out = tmp_path / name
        result = invoke("export", trained, "--out", out)
        assert result.stdout == f"{out}\n"
        assert hint in result.stderr if hint else not result.stderr
        assert out.read_text("utf-8") == make_html_report(open_run(trained))


def test_the_generator_is_exported_as_a_page_that_draws(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "dcgan.documents.generator_page.make_generator_page",
        lambda run, step: f"the generator of {run.name}, step {step}",
    )
    for name, options, step in (
        ("generator.html", (), None),
        ("my-Generator.HTML", ("--checkpoint=7",), 7),
    ):
        out = tmp_path / name
        assert invoke("export", trained, *options, "--out", out).stdout == f"{out}\n"
        assert out.read_text("utf-8") == f"the generator of first, step {step}"


def test_the_model_card_is_exported(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "card.md"
    assert invoke("export", trained, "--out", out).stdout == f"{out}\n"
    assert out.read_text("utf-8") == make_model_card(open_run(trained))


def test_a_folder_for_a_hub_is_exported(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_only_step(run: Run, out: Path, *, step: int | None) -> None:
        out.mkdir(exist_ok=True)  # Writing all files takes seconds.
        (out / "README.md").write_text(f"{run.name} {step}", encoding="utf-8")

    monkeypatch.setattr(hub_folder, "write_hub_folder", write_only_step)
    out = tmp_path / "model-1.0"
    arguments = ("export", trained, "--checkpoint=4", "--out", out, "--as", "hub")
    result = invoke(*arguments)
    assert result.stdout == f"{out}\n"
    assert (out / "README.md").read_text() == "first 4"
    assert "Without generator.onnx. To add it: pip install" in result.stderr
    (out / "generator.onnx").touch()
    assert "generator.onnx" not in invoke(*arguments).stderr
    for name, suffix in (("card.md", ".md"), ("model.h5", ".h5"), ("generator.html", ".html")):
        refusal = read_refusal("export", trained, "--out", tmp_path / name, "--as", "hub")
        assert f"got {name!r}; --as hub writes a folder, so leave out {suffix}." in refusal
        assert not (tmp_path / name).exists()


def test_a_wrong_suffix_is_refused_before_tensorflow_loads(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dcgan.export.model_files", None)  # Its import would fail.
    assert (
        "got 'model.h5'; it must end in .keras, .onnx, .tflite, .csv, .parquet, .html or .md, or "
        "be a folder." in read_refusal("export", trained, "--out", tmp_path / "model.h5")
    )


def test_a_new_folder_may_have_a_version_in_its_name(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "model-v1.2"
    assert invoke("export", trained, "--out", out).stdout == f"{out}\n"
    assert (out / "saved_model.pb").is_file()


def test_the_help_of_export_shows_a_file_of_each_kind() -> None:
    text = invoke("export", "--help").stdout
    for suffix in (".keras", *RUN_FILE_MAKERS):
        assert re.search(rf"^  \w+{suffix} +\w", text, re.MULTILINE), suffix


def test_slim_writes_a_run_with_one_checkpoint(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "small"
    assert invoke("slim", trained, "--out", out).stdout == f"{out}\n"
    assert open_run(out).checkpoints.list_steps() == open_run(trained).checkpoints.list_steps()[-1:]
    assert "exists and is not empty" in read_refusal("slim", trained, "--out", out)
