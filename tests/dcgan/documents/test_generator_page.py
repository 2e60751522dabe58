"""The page of a generator is one self-contained file, safe with any text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import TypedDict

import numpy as np
import pytest

from dcgan import __version__
from dcgan.documents.generator_page import make_generator_page
from dcgan.documents.packed_generator import pack_generator
from dcgan.errors import RunError
from dcgan.model.state import select_generator_weights
from dcgan.networks.plain_layers import make_plain_layers
from dcgan.reports import EvaluationReport, EventReport
from dcgan.runs.run_folder import Run, open_run
from tests.dcgan.documents.pages import Page

MARKUP = "</script><script>alert('x')</script><img src=https://example.org/x.png>&amp;\"'"


class Example(TypedDict):
    name: str
    z: list[float]
    classId: int


class PageData(TypedDict):
    noun: str
    fileName: str
    latentDim: int
    classNames: list[str]
    side: int
    grid: dict[str, int]
    vectors: list[list[float]]
    zLimit: float
    examples: list[Example]
    first: int


def copy_run(run: Run, folder: Path) -> Run:
    shutil.copytree(run.path, folder / run.name)
    return open_run(folder / run.name)


def read_data(page: Page) -> PageData:
    found: PageData = json.loads(page.scripts[0])
    return found


@pytest.fixture(scope="module")
def class_page(class_run: Run) -> Page:
    return Page(make_generator_page(class_run))


@pytest.fixture(scope="module")
def first_page(run: Run) -> Page:
    """Return the page of a checkpoint that draws nearly the same for every z, without classes."""
    return Page(make_generator_page(run, step=0))


def test_the_page_has_the_generator_of_the_checkpoint(
    run: Run, first_page: Page, class_page: Page
) -> None:
    weights = select_generator_weights(run.checkpoints.load(0))
    packed = pack_generator(run.name, 0, make_plain_layers(weights, run.config))
    assert base64.b64decode(first_page.scripts[1]) == packed
    newest = base64.b64decode(class_page.scripts[1])
    assert json.loads(newest[4 : 4 + int.from_bytes(newest[:4], "little")])["step"] == 1


def test_the_page_has_the_directions_of_its_sliders_and_what_it_shows_first(
    first_page: Page, class_page: Page
) -> None:
    data = read_data(class_page)
    assert (data["latentDim"], data["side"], data["classNames"]) == (4, 28, ["3", "8", "é"])
    assert data["grid"] == {"rows": 6, "columns": 6}  # Each column has one class.
    assert len(data["vectors"]) == len(class_page.find_all("output")) - 1
    np.testing.assert_allclose(np.linalg.norm(data["vectors"], axis=1), 1, atol=1e-4)
    (example,) = data["examples"]
    assert (len(example["z"]), example["classId"], data["first"]) == (4, 0, 0)
    assert (
        len([element for element in class_page.find_all("input") if element["type"] == "radio"])
        == 3
    )
    assert (
        read_data(first_page)["vectors"] == np.eye(4).tolist()
    )  # No named direction: the axes of z.
    assert "z 4" in first_page.text


def test_a_text_can_be_written_where_each_class_is_a_character(
    first_page: Page, class_page: Page
) -> None:
    assert "Write a number" in class_page.text
    assert "draws in this page, without the internet." in class_page.text
    # The page has random numbers of its own, so it calls none a seed.
    assert "Digit number" in class_page.text
    assert "seed" not in class_page.text.casefold()
    (field,) = (element for element in class_page.find_all("input") if element.get("id") == "text")
    assert (field["value"], field["maxlength"]) == ("38é", "24")
    assert "Write a number" not in first_page.text


def test_the_page_loads_nothing_and_runs_only_its_own_script(class_page: Page) -> None:
    assert not class_page.find_all("link")
    for _, attributes in class_page.elements:
        assert not attributes.keys() & {"src", "srcset", "href", "style"}
    (policy,) = (
        element["content"] for element in class_page.find_all("meta") if "http-equiv" in element
    )
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (class_page.styles[0], class_page.scripts[2])
    ]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'"
    )
    assert len(class_page.scripts) == 3
    # A page that is opened as a file cannot import modules.
    assert not re.findall(r"^(?:import|export)\b.*", class_page.scripts[2], re.MULTILINE)


def test_any_text_is_escaped_and_shown_unchanged(run: Run, tmp_path: Path) -> None:
    copy = copy_run(run, tmp_path)
    copy.change_config(copy.config.replace(dataset="/secret/folder/<b>spots.npz"))
    copy.write_label(MARKUP, "")
    html = make_generator_page(copy)
    page = Page(html)
    title = copy.read_label().title
    assert page.text.count(title) >= 3  # The page's title, its heading and its foot.
    assert len(page.scripts) == 3
    assert not page.find_all("img")
    assert not page.find_all("b")
    assert "Data set <b>spots.npz, 200 pictures" in page.text
    assert "secret" not in html


def test_the_foot_says_how_it_was_trained_and_how_real_its_digits_are(
    class_run: Run, class_page: Page, tmp_path: Path
) -> None:
    assert "Distance to real" not in class_page.text
    assert (
        "Settings Differs from the default: batch size 16, no R1 penalty, latent size 4"
        in class_page.text
    )
    assert "Training Step 1, epoch 1, 0 s" in class_page.text
    assert f"Made by DCGAN Studio {__version__}" in class_page.text
    copy = copy_run(class_run, tmp_path)
    real = {"frechet_distance": 0.5, "precision": 0.9, "recall": 0.6}
    for step, distance in ((1, 1.25), (2, 9.75)):  # The second is later than the checkpoint.
        metrics = {"frechet_distance": distance, "precision": 0.75, "recall": 0.5}
        copy.write(EvaluationReport(step, 1, 2.0, 100, metrics, real))
    text = Page(make_generator_page(copy)).text
    assert "measured with 100 of step 1 and as many real ones" in text
    assert "Distance to real pictures 1.25 0.50 Precision 75.0% 90.0% Recall 50.0% 60.0%" in text
    copy.write(EventReport(1, 1, 2.0, "rolled_back", "Back to step 1 from step 2."))
    assert "Distance to real pictures 1.25" in Page(make_generator_page(copy)).text
    # A branch has copied the history of its parent.
    copy.write(EventReport(1, 1, 2.0, "branched", "Branch of another run."))
    assert "Distance to real" not in Page(make_generator_page(copy)).text


def test_nan_weights_are_refused(run: Run, tmp_path: Path) -> None:
    copy = copy_run(run, tmp_path)
    state = copy.checkpoints.load(1)
    name = next(name for name in state if name.startswith("ema_generator/"))
    state[name] = np.full_like(state[name], np.nan)
    copy.checkpoints.write(state)
    with pytest.raises(RunError, match="training diverged"):
        make_generator_page(copy)
