"""The HTML report of a run is one self-contained file, safe with any text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dcgan import installation
from dcgan.config.settings import Settings
from dcgan.diagnosis.diagnose import diagnose
from dcgan.documents.html_report import make_html_report
from dcgan.documents.metric_text import summarize_metrics
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EvaluationReport, EventReport, SampleReport
from dcgan.runs.run_folder import Run, open_run
from tests.dcgan.documents.pages import Page
from tests.reports import step_report

MARKUP = "</script><script>alert('x')</script><img src=https://example.org/x.png>&amp;\"'"


@pytest.fixture
def empty_run(empty_run: Run, tmp_path: Path) -> Run:
    """Return a run of own pictures without history."""
    dataset = str(tmp_path / "secret" / "spots.npz")
    empty_run.change_config(empty_run.config.replace(dataset=dataset))
    return empty_run


@pytest.fixture
def run(empty_run: Run) -> Run:
    """Return a run with three pictures, an evaluation, an event and markup in its title."""
    real = {name: 0.5 for name in METRIC_INFO if name != "nearest_distance"}
    for step in (0, 7, 13):
        pixels = np.full((6, 28, 28, 1), step, np.uint8)
        empty_run.write(SampleReport(step, 1, step / 8, pixels))
        empty_run.write(
            step_report(
                step,
                seconds=step / 8,
                generator_loss=0.5,
                discriminator_loss=0.25,
                real_accuracy=1.0,
                fake_accuracy=1.0,
            )
        )
    metrics = {"frechet_distance": 1.25, "precision": 0.75, "recall": 0.5}
    empty_run.write(EvaluationReport(13, 1, 2.0, 100, metrics, real, (0.5, 0.5, *[0.0] * 8)))
    empty_run.write(EventReport(7, 1, 1.0, "changed", f"From step 7 on: {MARKUP}"))
    empty_run.write_label(MARKUP, f"Line one.\n{MARKUP}")
    empty_run.write_status("failed", step=13, seconds=2.0, message=MARKUP)
    return empty_run


@pytest.fixture(scope="module")
def included() -> str:
    return make_html_report(open_run(installation.INCLUDED_RUN))


def test_the_report_describes_the_run_and_its_results(run: Run) -> None:
    text = Page(make_html_report(run)).text
    for passage in (
        "Failed. Epoch 1 of 2, step 13, 2 s of training on 200 pictures of spots.",
        "Distance to real digits 1.25 0.50 How far the generated pictures as a whole",
        "Precision 75.0% 50.0% Share of the pictures that look like a real one.",
        "Measured on 100 pictures at step 13, beside the values of real pictures.",
        "Missing digits: 2, 3, 4, 5, 6, 7, 8, 9.",
        "Changed Step 7 From step 7 on:",
        "Latent size 4 Length of the latent vector z",
        "Generator channels 8, 4",
        "Data set spots, 200 pictures",
        f"SHA-256 of its pixels {run.dataset.fingerprint}",
        "TensorFlow 2.",
        "Step 7, epoch 1",
    ):
        assert passage in text


def test_the_measurements_of_the_parent_do_not_count_for_a_branch(run: Run) -> None:
    run.write(EventReport(13, 1, 2.0, "branched", "Branch of another run."))
    text = Page(make_html_report(run)).text
    assert "Measured on" not in text
    assert (
        "This run is not measured: its last measurement is from before the branch at step 13."
        in text
    )
    metrics = {"frechet_distance": 4.5, "precision": 0.75, "recall": 0.5}
    run.write(EvaluationReport(14, 1, 3.0, 100, metrics, metrics))
    text = Page(make_html_report(run)).text
    assert "Best so far: distance to real pictures 4.50 at step 14." in text


def test_no_digit_is_called_missing_if_the_pictures_are_no_digits() -> None:
    metrics, real = ({"frechet_distance": 1.0, "precision": share} for share in (0.01, 0.9))
    shares = (0.5, 0.5, *[0.0] * 8)
    stripes = EvaluationReport(13, 1, 2.0, 100, metrics, real, shares)
    assert summarize_metrics([stripes], "digit").endswith(" Hardly any looks like a real digit.")
    digits = EvaluationReport(13, 1, 2.0, 100, real, real, shares)
    assert summarize_metrics([digits], "digit").endswith(" Missing digits: 2, 3, 4, 5, 6, 7, 8, 9.")


def test_the_best_step_was_measured_on_as_many_images_as_the_newest() -> None:
    few, *many = (
        EvaluationReport(step, 1, 2.0, num_images, {"frechet_distance": distance}, {})
        for step, num_images, distance in ((13, 100, 1.0), (26, 1000, 3.0), (39, 1000, 4.0))
    )
    assert "distance to real pictures 3.00 at step 26." in summarize_metrics([few, *many], "digit")
    assert "distance to real pictures 1.00 at step 13." in summarize_metrics([few], "digit")


def test_the_report_names_the_state_of_the_run(included: str) -> None:
    found = open_run(installation.INCLUDED_RUN)
    verdict = diagnose(
        found.history.read_steps(),
        found.history.read_evaluations(),
        found.history.read_events(),
        found.config,
        num_images=found.dataset.num_images,
        has_ended=True,
    )
    text = Page(included).text
    assert "60,000 pictures of MNIST" in text
    assert "Best so far: quick distance to real digits 0.9" in text
    assert f"Verdict {verdict.headline} {verdict.cause}" in text
    for sentence in verdict.evidence:
        assert sentence in text


def test_the_report_lists_every_setting(run: Run) -> None:
    text = Page(make_html_report(run)).text
    for field in Settings.model_fields.values():
        assert f"{field.title} " in text
        assert str(field.description) in text


def test_the_report_hides_the_path_of_own_pictures(run: Run) -> None:
    html = make_html_report(run)
    assert "Data set spots.npz What to learn from" in Page(html).text
    assert "secret" not in html


def test_any_text_is_escaped_and_shown_unchanged(run: Run) -> None:
    page = Page(make_html_report(run))
    text = page.text
    assert text.count(run.read_label().title) >= 2  # The page's title and its heading.
    assert run.read_label().note.splitlines()[1] in text
    assert run.history.read_events()[0].text in text
    assert len(page.scripts) == 3  # The figures, Plotly and what draws them.
    assert all("alert('x')" not in script for script in page.scripts[1:])
    assert all(image["src"].startswith("data:image/") for image in page.find_all("img"))
    marks = json.loads(page.scripts[0])["losses"]["data"][-1]
    assert "&lt;/script&gt;" in "".join(marks["text"])
    assert "<script" not in "".join(marks["text"])


def test_the_report_loads_nothing_from_elsewhere(run: Run) -> None:
    page = Page(make_html_report(run))
    assert not page.find_all("link")
    policy = next(meta["content"] for meta in page.find_all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'; img-src data:;")
    for _, attributes in page.elements:
        assert attributes.get("src", "data:").startswith("data:")
        assert attributes.get("srcset", "data:").startswith("data:")
        assert "href" not in attributes
    assert "plotly.js (basic" in page.scripts[1]


def test_the_report_has_a_title_a_language_and_alternative_texts(run: Run) -> None:
    page = Page(make_html_report(run))
    assert page.find_all("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.find_all(
        "meta"
    )
    film, *stills = [image["alt"] for image in page.find_all("img")]
    assert film == "Training film, 2 by 3 pictures of the fixed z, up to step 13"
    assert stills == [
        f"Sample grid, 2 by 3 pictures of the fixed z, step {step}" for step in (0, 7, 13)
    ]
    charts = [element for element in page.find_all("div") if element.get("role") == "img"]
    assert [chart["aria-label"] for chart in charts] == [
        "Losses up to step 13: generator 0.50, discriminator 0.25",
        "Accuracy of the discriminator up to step 13: 100% on all pictures, 100% on real ones, "
        "100% on fake ones",
        "Distance to real digits up to step 13: 1.25; real pictures 0.50",
    ]
    assert list(json.loads(page.scripts[0])) == [chart["id"] for chart in charts]


def test_the_report_calls_digits_digits_and_other_pictures_pictures(
    run: Run, included: str
) -> None:
    assert "How real the pictures are" in Page(make_html_report(run)).text
    assert "Real pictures" in Page(make_html_report(run)).text
    assert "How real the digits are" in Page(included).text


def test_a_run_without_history_has_a_report(empty_run: Run) -> None:
    page = Page(make_html_report(empty_run))
    assert "No picture was saved yet." in page.text
    assert "step 0" in page.text
    assert "How real the" not in page.text
    assert "Changes during training" not in page.text
    assert not page.find_all("img")


def test_a_damaged_picture_is_left_out(run: Run) -> None:
    (run.path / "samples" / "step-00000013.png").write_bytes(b"torn")
    alts = [image["alt"] for image in Page(make_html_report(run)).find_all("img")]
    assert [alt.rpartition(" ")[2] for alt in alts] == ["7", "0", "7"]


def test_the_same_run_gives_the_same_bytes_and_stays_below_6_megabytes(included: str) -> None:
    assert make_html_report(open_run(installation.INCLUDED_RUN)) == included
    assert len(included.encode()) < 6_000_000


def test_the_scripts_of_a_real_report_are_complete(included: str) -> None:
    page = Page(included)
    assert len(page.scripts) == 3
    assert "Plotly.react" in page.scripts[2]
    assert len(json.loads(page.scripts[0])["losses"]["data"][0]["x"]) > 100
    assert page.text.endswith("This page works without the internet.")
