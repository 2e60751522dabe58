"""Model cards: their metadata, their text, and code that runs on the exported generator."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt
from PIL import Image

import dcgan
from dcgan import installation
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.documents.model_card import make_model_card
from dcgan.documents.templating import escape_for_commonmark
from dcgan.export.model_files import export_generator
from dcgan.reports import EvaluationReport, EventReport
from dcgan.runs.run_folder import Run, open_run

MARKUP = "--- | <script>alert('x')</script> \"quoted\" {{ 7 * 7 }} [a](b) *b* `c` $d$ \\ é 𝒛"


@pytest.fixture
def own_run(empty_run: Run, run: Run, tmp_path: Path) -> Run:
    """Return a run of own pictures with a checkpoint, an evaluation, and markup in its texts."""
    dataset = str(tmp_path / "secret" / "spots.npz")
    empty_run.change_config(empty_run.config.replace(dataset=dataset))
    empty_run.save_checkpoint(run.checkpoints.load())
    real = {"frechet_distance": 0.25, "precision": 0.9, "recall": 0.8}
    for step, distance in ((1, 1.25), (9, 0.75)):
        metrics = {"frechet_distance": distance, "precision": 0.5, "recall": 0.5}
        empty_run.write(EvaluationReport(step, 1, 2.0, 100, metrics, real))
    empty_run.write_label(MARKUP, f"{MARKUP}\n- not a list\n\n===\n12. {dataset} http://x.org")
    return empty_run


def split_card(card: str) -> tuple[dict[str, list[object]], str]:
    """Return all values of the metadata by key, in order, and the Markdown."""
    start, metadata, text = re.split(r"^---\n", card, maxsplit=2, flags=re.MULTILINE)
    assert start == ""
    found: dict[str, list[object]] = {}
    key = ""
    for line in metadata.splitlines():
        match = re.fullmatch(r" *(?:- )?(?:([a-z_-]+):)? ?(.*?)(?:  # .+)?", line)
        assert match, line
        key = match[1] or key
        value = match[2]
        # A value is JSON or a plain word.
        assert re.fullmatch(r"[a-z][a-z0-9.-]*|", value) or json.loads(value)
        is_word = not value or value[0].isalpha()
        found.setdefault(key, []).extend([value if is_word else json.loads(value)] if value else [])
    return found, text


def render(markdown: str) -> str:
    return MarkdownIt("commonmark").enable("table").render(markdown)


def run_code(card: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Run the card's code in the folder of its files, and return its names."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", card, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    exec(code, names)
    with Image.open("picture.png") as picture:
        assert picture.size == (28, 28)
    return names


def test_the_code_draws_pictures(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export_generator(run, tmp_path / "generator.keras")
    names = run_code(make_model_card(run), tmp_path, monkeypatch)
    assert np.asarray(names["images"]).shape == (16, 28, 28, 1)
    assert np.ptp(np.asarray(names["images"])) > 0


def test_the_code_draws_each_class_in_turn(
    class_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_generator(class_run, tmp_path / "generator.keras")
    card = make_model_card(class_run)
    names = run_code(card, tmp_path, monkeypatch)
    assert np.asarray(names["images"]).shape == (16, 28, 28, 1)
    assert names["class_names"] == ["3", "8", "é"]
    assert np.asarray(names["class_id"]).tolist() == [0, 1, 2] * 5 + [0]
    assert "You choose the class of each picture: 3, 8, é." in card
    assert split_card(card)[0]["tags"] == [
        *("dcgan", "gan", "class-conditional-image-generation", "mnist")
    ]


def test_the_card_of_an_included_run_is_complete() -> None:
    run = open_run(installation.INCLUDED_RUN)
    card = make_model_card(run)
    metadata, text = split_card(card)
    assert metadata["license"] == ["apache-2.0"]
    assert metadata["library_name"] == ["keras"]
    assert metadata["pipeline_tag"] == ["unconditional-image-generation"]
    assert metadata["tags"] == ["dcgan", "gan", "unconditional-image-generation", "mnist"]
    assert metadata["datasets"] == ["ylecun/mnist"]
    last = run.history.read_evaluations()[-1]
    assert [float(str(value)) for value in metadata["value"]] == pytest.approx(
        [last.metrics[str(name)] for name in metadata["type"][2:]], rel=1e-5
    )
    for passage in (
        "It draws handwritten digits, 28 × 28 pixels in grey.",
        "60,000 pictures of [ylecun/mnist](https://huggingface.co/datasets/ylecun/mnist), by Yann "
        "LeCun and Corinna Cortes",
        "(CC BY-SA 3.0)](https://creativecommons.org/licenses/by-sa/3.0/)",
        "54,638 steps in 25 min, 59 epochs of batches of 64 pictures, with Keras 3.15.1",
        "It was trained with the preset `fast` of DCGAN Studio, with these settings changed:",
        "| Quick distance to real digits | 0.94 | 0.",
        "| metric | this generator | real |",
        "Do not compare it with a published FID.",
        f"DCGAN Studio {dcgan.__version__}, the program that made it, is under the Apache License",
    ):
        assert passage in text
    assert "samples.png" not in text


def test_changed_settings_are_shown_with_the_values_of_the_preset(run: Run) -> None:
    rows = make_model_card(run).splitlines()
    assert "| Latent size | 4 | 16 |" in rows
    assert "| Generator channels | 8, 4 | 48, 24 |" in rows


def test_own_pictures_are_the_authors_and_their_path_is_never_named(own_run: Run) -> None:
    card = make_model_card(own_run)
    assert "200 pictures of the author." in card
    assert "secret" not in card
    metadata, _ = split_card(card)
    assert metadata["license"] == ["unknown"]
    assert "datasets" not in metadata


def test_names_of_classes_are_no_markup(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, run: Run, tmp_path: Path
) -> None:
    names = ("<script>x</script>", "a|b_c_", "---")
    config = tiny_config.replace(class_conditional=True, class_names=names)
    other = Run.create(config, tiny_dataset, path=tmp_path / "other")
    other.save_checkpoint(run.checkpoints.load())
    other.lock.release()
    page = render(split_card(make_model_card(other))[1])
    assert f"You choose the class of each picture: {', '.join(names)}." in html.unescape(page)
    assert "<script" not in page
    assert "<em>" not in page


def test_the_texts_of_a_person_are_shown_unchanged_and_are_no_markup(own_run: Run) -> None:
    metadata, text = split_card(make_model_card(own_run))
    title = own_run.read_label().title
    assert metadata["name"][0] == title
    page = render(text)
    heading = re.search(r"<h1>(.*)</h1>", page)
    assert heading
    assert html.unescape(heading[1]) == title
    note = re.search(r"<blockquote>\n(.*?)</blockquote>", page, re.DOTALL)
    assert note
    lines = re.split(r"<br />\n|</p>\n<p>", note[1])
    assert [html.unescape(re.sub(r"</?p>", "", line)).strip() for line in lines] == [
        MARKUP,
        "- not a list",
        "===",
        "12. …/spots.npz http://x.org",
    ]


@pytest.mark.parametrize(
    "text",
    ["# a", "> a", "1) a", "+ a", "a | b", "&amp;", "<b>", "![a](b)", "a\n\n# b", "=", "_a_"],
)
def test_escaped_text_is_one_plain_paragraph(text: str) -> None:
    page = render(escape_for_commonmark(text))
    assert html.unescape(page) == f"<p>{' '.join(text.split())}</p>\n"
    assert render(f"x\n{escape_for_commonmark(text)}").startswith("<p>x\n")


def test_numbers_stay_readable() -> None:
    assert escape_for_commonmark("-0.5, 0.002 and 1,000") == "-0.5, 0.002 and 1,000"


def test_a_metric_measured_after_the_checkpoint_is_left_out(own_run: Run) -> None:
    card = make_model_card(own_run, step=1)
    assert "1 step in" in card
    assert "| Distance to real pictures | 1.25 | 0.25 |" in card
    assert "0.75" not in card


def test_a_measurement_of_the_parent_does_not_count_for_a_branch(own_run: Run) -> None:
    assert "It was not measured." not in make_model_card(own_run)
    step = max(own_run.checkpoints.list_steps())
    own_run.acquire_lock()
    own_run.write(EventReport(step, 1, 1.0, "branched", "Branch of another run."))
    own_run.lock.release()
    assert "It was not measured." in make_model_card(own_run)


def test_without_an_evaluation_the_card_says_so(run: Run) -> None:
    card = make_model_card(run)
    assert "It was not measured." in card
    assert "model-index" not in split_card(card)[0]
