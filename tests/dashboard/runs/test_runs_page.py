"""The Runs page: what a card shows."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from dashboard.components.plain_text import escape_markdown
from dashboard.runners.trial_runner import RunningTrial, TrialRunner
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dcgan import installation
from dcgan.comparison.kept_measurement import write_measurement
from dcgan.reports import EvaluationReport, EventReport
from dcgan.runs.run_folder import open_run
from tests.dashboard.conftest import NewRun
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import list_captions, read_texts
from tests.dashboard.runs.runs_page import list_titles, show_runs_page
from tests.races import measure
from tests.reports import evaluation_report, step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.mark.usefixtures("trainer")
def test_without_runs_the_page_offers_to_train_the_first(visited_pages: list[str]) -> None:
    page = show_runs_page()
    assert "No runs of your own yet" in read_texts(page)
    page.button(key="first").click().run()
    assert visited_pages == ["app_pages/train.py"]


def test_the_card_of_a_stopped_run_says_that_it_collapsed(new_run: NewRun) -> None:
    run = new_run()
    run.acquire_lock()
    run.write_status("stopped", step=26, seconds=70.0)
    for step in range(40, 1200, 20):
        run.write(step_report(step, real_spread=0.37, fake_spread=0.3, seconds=80.0))
    assert "Collapsed" not in read_texts(show_runs_page())
    for step in range(1200, 1600, 20):
        run.write(step_report(step, real_spread=0.37, fake_spread=0.05, seconds=90.0))
    run.lock.release()
    assert "Collapsed: the generator draws nearly the same picture" in read_texts(show_runs_page())
    run.acquire_lock()
    run.write_status("finished", step=1600, seconds=90.0)
    run.lock.release()
    badges = [str(part.value) for part in show_runs_page().markdown if "Finished" in part.value]
    assert badges == [":gray-badge[:material/warning: Finished]"]


@pytest.mark.parametrize(("dataset", "noun"), [("mnist", "digits"), ("fashion_mnist", "pictures")])
def test_a_card_without_a_picture_names_what_is_missing(
    new_run: NewRun, dataset: str, noun: str
) -> None:
    run = new_run(dataset=dataset)
    shutil.rmtree(run.path / "samples")
    assert f"No {noun} yet" in read_texts(show_runs_page())


def test_a_card_has_status_length_distance_data_and_changed_settings(new_run: NewRun) -> None:
    run = new_run()
    run.write_label("My spots", "Learned overnight.")
    metrics = {"frechet_distance": 4.0, "precision": 0.8, "recall": 0.7}
    real_metrics = metrics | {"frechet_distance": 0.8}
    run.write(EvaluationReport(26, 2, 70.0, 1000, metrics, real_metrics))
    page = show_runs_page()
    texts = read_texts(page)
    assert "Finished" in texts
    assert "measured at epoch" not in texts
    assert "My spots" in texts
    assert "Learned overnight." in texts
    assert "Epoch 2 of 2, step 26, 1 min 10 s trained" in texts
    # No line ends between a number and its unit.
    assert any("1\u00a0min\u00a010\u00a0s" in caption.value for caption in page.caption)
    assert "Distance 4.00 (real pictures 0.80)" in texts
    assert "spots, 200 pictures" not in texts  # It was made with the name of MNIST in its settings.
    assert "MNIST (built in), 200 pictures." in texts
    assert "Differs from the default: batch size 16, no R1 penalty, latent size 4" in texts
    helps = [caption.help for caption in page.caption]
    assert any("R1 penalty: " in text and "Batch size: " in text for text in filter(None, helps))


def test_a_precise_distance_of_the_last_step_takes_the_place_of_the_quick_one(
    new_run: NewRun,
) -> None:
    run = new_run()
    run.dataset = run.dataset.model_copy(update={"num_images": 60_000})
    with run.lock.held():
        run.change_config(run.config)
        run.write(evaluation_report(26, 2.7))
    write_measurement(run, measure(0.24, step=20))
    assert "Quick distance 2.70" in read_texts(show_runs_page())
    write_measurement(run, measure(0.24, step=26))
    texts = read_texts(show_runs_page())
    assert "Distance 0.24 (real pictures 0.07)" in texts
    assert "Quick" not in texts


def test_an_old_distance_on_a_card_is_dated(new_run: NewRun) -> None:
    run = new_run()
    metrics = {"frechet_distance": 4.0, "precision": 0.8, "recall": 0.7}
    run.write(EvaluationReport(13, 1, 40.0, 1000, metrics, metrics))
    run.write(step_report(39, epoch=3, seconds=95.0))
    page = show_runs_page()
    assert "), measured at epoch 1" in read_texts(page)
    assert any("Not measured again since" in element.proto.help for element in page.markdown)


def test_a_card_of_a_branch_does_not_show_the_distance_of_its_parent(new_run: NewRun) -> None:
    run = new_run()
    metrics = {"frechet_distance": 4.0, "precision": 0.8, "recall": 0.7}
    run.write(EvaluationReport(13, 1, 40.0, 1000, metrics, metrics))
    run.write(EventReport(26, 2, 70.0, "branched", "Branch of another run at step 26."))
    run.write(step_report(39, epoch=3, seconds=95.0))
    page = show_runs_page()
    assert "Not measured since step 26" in read_texts(page)
    assert "Distance" not in read_texts(page)
    assert any("before the branch at step 26." in part.proto.help for part in page.markdown)


def test_a_menu_has_the_day_of_the_start_and_the_name_of_the_folder(new_run: NewRun) -> None:
    run = new_run("spots-20261129-102758")
    page = show_runs_page()
    assert list_titles(page) == ["No R1 penalty …"]
    started = datetime.fromisoformat(run.created)
    assert f"Started {started.day} {started:%b %Y}." in list_captions(page)
    assert any("<code>spots-20261129-102758</code>" in part.proto.body for part in page.get("html"))


def test_a_card_says_that_the_last_step_of_a_stopped_run_is_being_measured(
    new_run: NewRun, trainer: PosedTrainer
) -> None:
    run = new_run()
    run.write(EventReport(13, 1, 40.0, "changed", "Seed changed."))
    trainer.live.change(phase="stopped", run=run, config=run.config, is_measuring=True)
    assert "Measuring the last step…" in read_texts(show_runs_page())
    trainer.live.change(is_measuring=False)
    assert "Measuring" not in read_texts(show_runs_page())


def test_a_failed_run_shows_why(new_run: NewRun) -> None:
    run = new_run()
    run.acquire_lock()
    run.write_status("failed", step=26, message="the disk is full.")
    run.lock.release()
    texts = read_texts(show_runs_page())
    assert "Failed" in texts
    assert "the disk is full." in texts


def test_the_included_run_comes_last_and_can_neither_be_deleted_nor_renamed(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    included = new_run(path=tmp_path / "elsewhere" / "included")
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.path)
    new_run("mine")
    page = show_runs_page()
    assert list_titles(page) == ["mine", included.name]
    assert "Included" in read_texts(page)
    keys = [button.key for button in page.button]
    assert "delete-mine" in keys
    assert f"delete-{included.name}" not in keys
    assert "This trains a copy" in read_texts(page)


@pytest.mark.usefixtures("new_run")
def test_a_broken_folder_is_a_warning_below_the_cards(trainer: Trainer) -> None:
    (trainer.root / "half" / "checkpoints").mkdir(parents=True)
    page = show_runs_page()
    assert "half is not a whole run: config.json is missing" in read_texts(page)
    assert not page.error


def test_names_and_notes_are_shown_as_text(new_run: NewRun) -> None:
    markup = "<b>x</b> ![x](http://a.b/c.png) :smile: $y$"
    new_run().write_label(markup, markup)
    page = show_runs_page()
    assert all("![" not in str(part.value) for part in page.markdown)
    assert escape_markdown(markup) in [part.value for part in page.caption]
    assert markup in list_titles(page)[0]


def test_escaped_text_has_no_markdown_left() -> None:
    assert escape_markdown("a*b_c[d](e)\n# f") == r"a\*b\_c\[d\]\(e\) \# f"
    assert escape_markdown("6\u00a0min\n\t trained ") == "6\u00a0min trained"
    assert escape_markdown(":red[x]") == "\\:\u2060red\\[x\\]"
    assert escape_markdown("www.a.b, c@d") == "www\u2060\\.a\\.b\\, c\\@\u2060d"
    assert escape_markdown("17:53, 9:100:") == "17\\:53\\, 9\\:\u2060100\\:"


def test_many_runs_have_pages_of_twelve(new_run: NewRun) -> None:
    for number in range(13):
        new_run(f"run-{number:02}")
    page = show_runs_page()
    assert list_titles(page) == [f"run-{number:02}" for number in range(12, 0, -1)]
    page.pagination(key="runs_page").set_value(2).run()
    assert list_titles(page) == ["run-00"]
    page.button(key="delete-run-00").click().run()
    assert not page.exception
    assert len(list_titles(page)) == 12


def test_a_run_that_trains_here_shows_the_trainers_numbers(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch, visited_pages: list[str]
) -> None:
    run = new_run()
    now = Snapshot(
        phase="running",
        run=open_run(run.path),
        config=run.config,
        num_images=200,
        history=(
            step_report(20, num_steps=20),
            step_report(21, epoch=2, seconds=70.0, generator_loss=9.5, discriminator_loss=0.75),
        ),
    )
    monkeypatch.setattr(trainer, "snapshot", lambda: now)
    page = show_runs_page()
    assert "Training" in read_texts(page)
    # 5 steps of 16 images at 1,000 a second are left.
    assert "Epoch 2 of 2, step 21, 1 min 10 s trained, about 5 s left" in read_texts(page)
    assert "Distance to" not in read_texts(page)  # It was not evaluated yet.
    assert page.button(key="delete-first").disabled
    assert "continue-first" not in [button.key for button in page.button]
    page.button(key="watch-first").click().run()
    assert visited_pages == ["app_pages/train.py"]


def test_a_test_of_remedies_is_named_with_its_run(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run()
    run.write_label("My spots", "")
    monkeypatch.setattr(TrialRunner, "running", RunningTrial(run, 26, 2, 4))
    assert "A test of remedies is running (3 of 4). The remedies are for **My spots**." in (
        read_texts(show_runs_page())
    )
