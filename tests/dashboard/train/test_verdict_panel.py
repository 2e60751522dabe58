"""The verdict on the page: its sentence, its evidence and its buttons."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.run_facts import verdict_state
from dashboard.snapshots.snapshot import Phase, Snapshot
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.diagnosis.verdict import Verdict, VerdictKind
from dcgan.images.png_recipe import encode_png
from dcgan.remedies.study import Measurement, SeedRange, Study, Trial, TrialKind
from dcgan.remedies.study_files import write_study
from dcgan.reports import EventReport
from dcgan.runs.run_folder import Run
from tests.dashboard.rendering import list_buttons, list_captions, prepare_panel, run_page
from tests.healthy_run import evaluation
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


CONFIG = TrainingConfig()
TEST_REMEDIES = "Test remedies"


def render_panel() -> None:
    """Render the verdict on the session's snapshot."""
    import streamlit as st

    from dashboard.train import verdict_panel

    class Commands:
        """Stands in for the trainer and records its last command."""

        def stop(self, run: object) -> None:
            st.session_state["done"] = "stop"

        def change_settings(self, run: object, changes: object) -> bool:
            st.session_state["done"] = changes
            return True

        def roll_back(self, run: object, step: int) -> None:
            st.session_state["done"] = step

        def try_remedies(self, run: object, verdict: object) -> bool:
            st.session_state["done"] = "try"
            return True

        def snapshot(self) -> object:
            return st.session_state["snapshot"]

        class trial_runner:  # noqa: N801 (an attribute)
            is_busy, running = False, None

        tuning_runner = trial_runner

        class queue_runner:  # noqa: N801 (an attribute)
            is_released = True

            @staticmethod
            def list_waiting() -> list[object]:
                return []

    verdict_panel.render(Commands(), st.session_state["snapshot"])  # type: ignore[arg-type]


@pytest.fixture
def run(tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    run = Run.create(CONFIG.replace(batch_size=16), tiny_dataset, path=tmp_path / "first")
    run.lock.release()
    return run


def show_verdict(
    run: Run,
    fake_spread: float,
    *,
    fake_accuracy: float = 0.9,
    phase: str = "running",
    machine: str | None = None,
) -> AppTest:
    """Show a run whose fakes have a given spread; real images have 0.37."""
    reports = tuple(
        step_report(step, real_spread=0.37, fake_spread=fake_spread, fake_accuracy=fake_accuracy)
        for step in range(20, 1200, 20)
    )
    snapshot = Snapshot(phase="running", run=run, config=CONFIG, history=reports, machine=machine)
    snapshot = dataclasses.replace(snapshot, phase=phase)  # type: ignore[arg-type]
    return run_page(prepare_panel(render_panel, snapshot=snapshot))


@pytest.mark.parametrize("kind", get_args(VerdictKind))
def test_every_kind_of_verdict_has_an_icon(kind: VerdictKind) -> None:
    headline = verdict_state.format_verdict(Verdict(kind, "Headline.", (), "", ()))
    assert headline.removeprefix(":orange[").startswith(":material/")


def test_a_learning_run_offers_no_action(run: Run) -> None:
    page = show_verdict(run, 0.33)
    assert any("**Learning" in text.value for text in page.markdown)
    assert list_buttons(page) == []


def test_only_a_verdict_is_explained_and_not_that_a_run_has_just_begun(run: Run) -> None:
    for num_steps, is_explained in ((100, False), (1200, True)):
        reports = tuple(
            step_report(step, real_spread=0.37, fake_spread=0.33)
            for step in range(20, num_steps, 20)
        )
        snapshot = Snapshot(phase="running", run=run, config=CONFIG, history=reports)
        page = run_page(prepare_panel(render_panel, snapshot=snapshot))
        assert any("The verdict comes from" in each.value for each in page.caption) == is_explained


@pytest.mark.parametrize(
    ("every", "epochs", "num_images", "phase", "when"),
    [
        (1, 10, 60_000, "running", "at the end of epoch 1"),
        (5, 10, 60_000, "running", "at the end of epoch 5"),
        (5, 3, 60_000, "running", "when it ends"),
        (1, 10, 60_000, "stopping", "when it ends"),
        (0, 10, 60_000, "running", ""),
        (1, 10, 30, "running", ""),
    ],
)
def test_the_first_distance_is_announced_where_it_will_stand(
    run: Run, every: int, epochs: int, num_images: int, phase: Phase, when: str
) -> None:
    snapshot = Snapshot(
        phase=phase,
        run=run,
        config=CONFIG.replace(evaluate_every=every, epochs=epochs),
        num_images=num_images,
        history=(step_report(600, real_spread=0.37, fake_spread=0.33),),
    )
    page = run_page(prepare_panel(render_panel, snapshot=snapshot))
    announced = [text for text in list_captions(page) if "The distance to real" in text]
    text = f"The distance to real digits is measured {when}."
    assert announced == ([text] if when else [])


def test_after_a_change_the_next_distance_is_announced(run: Run) -> None:
    snapshot = Snapshot(
        phase="running",
        run=run,
        config=CONFIG.replace(evaluate_every=1, epochs=10),
        num_images=60_000,
        history=(step_report(1600, real_spread=0.37, fake_spread=0.33, epoch=2),),
        evaluations=(evaluation(600, 1.3),),
        events=(EventReport(1500, 2, 150.0, "changed", "Settings changed."),),
    )
    page = run_page(prepare_panel(render_panel, snapshot=snapshot))
    text = "The distance to real digits is measured again at the end of epoch 2 or later."
    assert text in list_captions(page)
    page.session_state["snapshot"] = dataclasses.replace(snapshot, events=())
    assert not any("measured again" in caption for caption in list_captions(page.run()))


def test_the_help_of_the_first_distance_says_that_it_is_quick(run: Run) -> None:
    run.dataset = run.dataset.model_copy(update={"num_images": 60_000})
    reports = tuple(
        step_report(step, real_spread=0.37, fake_spread=0.33) for step in range(20, 1200, 20)
    )
    evaluations = (evaluation(),)
    page = run_page(
        prepare_panel(
            render_panel,
            snapshot=Snapshot(
                phase="running",
                run=run,
                config=CONFIG,
                history=reports,
                evaluations=evaluations,
                num_images=60_000,
            ),
        )
    )
    (outlook,) = [each for each in page.caption if "Quick distance" in each.value]
    assert "This is the quick distance, measured with 1,000 digits." in outlook.proto.help


@pytest.mark.parametrize(("num_images", "is_suggested"), [(4999, True), (5000, False)])
def test_augmentation_is_suggested_by_the_size_of_the_data_set(
    run: Run, num_images: int, is_suggested: bool
) -> None:
    reports = tuple(
        step_report(step, epoch=40, real_accuracy=0.95, real_spread=0.37, fake_spread=0.33)
        for step in range(20, 1200, 20)
    )
    config = CONFIG.replace(augment="off")
    snapshot = Snapshot(
        phase="running", run=run, config=config, history=reports, num_images=num_images
    )
    verdict = verdict_state.find_verdict(snapshot)
    assert verdict is not None
    assert verdict.kind == "memorising"
    assert any(action.kind == "augment" for action in verdict.actions) == is_suggested


def test_a_collapse_is_shown_with_evidence_and_actions(run: Run) -> None:
    page = show_verdict(run, 0.05)
    texts = [text.value for text in page.markdown]
    assert any("Collapsed" in text and text.startswith(":orange[") for text in texts)
    assert any("two fakes differ 14" in text for text in texts)
    assert list_buttons(page) == [
        "Stop and set up a new run with Generator learning rate 0.0005",
        TEST_REMEDIES,
    ]
    page.button[0].click().run()
    assert page.session_state["done"] == "stop"
    assert page.session_state["form_config"] == run.config.replace(generator_learning_rate=0.0005)
    assert (
        page.session_state["form_source"]
        == f"{run.read_label().title}, with Generator learning rate 0.0005"
    )


def test_a_setting_is_changed_at_once(run: Run) -> None:
    page = show_verdict(run, 0.33, fake_accuracy=0.1)
    assert list_buttons(page) == ["Set Generator learning rate to 0.0005", TEST_REMEDIES]
    page.button[0].click().run()
    assert page.session_state["done"] == {"generator_learning_rate": 0.0005}


def test_a_run_of_another_process_has_a_verdict_and_no_commands(run: Run) -> None:
    page = show_verdict(run, 0.05, machine="host-b")
    assert any("Collapsed" in text.value for text in page.markdown)
    assert list_buttons(page) == []
    page = show_verdict(run, 0.33, fake_accuracy=0.1, machine="host-b")
    assert list_buttons(page) == []
    caption = list_captions(page)[-1]
    assert caption == "A branch of this run can set Generator learning rate to 0.0005."
    page = show_verdict(run, 0.05, phase="stopped", machine="host-b")
    page.session_state["done"] = None
    page.button[0].click().run()
    assert page.session_state["done"] is None  # The run in training here is not stopped.
    assert (
        page.session_state["form_source"]
        == f"{run.read_label().title}, with Generator learning rate 0.0005"
    )


def test_an_ended_run_suggests_settings_for_a_new_one(run: Run) -> None:
    page = show_verdict(run, 0.05, phase="stopped")
    assert any("Collapsed" in text.value for text in page.markdown)
    assert list_buttons(page) == [
        "Set up a new run with Generator learning rate 0.0005",
        TEST_REMEDIES,
    ]
    page = show_verdict(run, 0.33, fake_accuracy=0.1, phase="stopped")
    assert list_buttons(page) == [TEST_REMEDIES]


def test_a_finished_run_of_noise_suggests_a_new_run_with_the_default_rate(run: Run) -> None:
    snapshot = Snapshot(
        phase="finished",
        run=run,
        config=run.config.replace(discriminator_learning_rate=0.0001),
        history=tuple(step_report(step) for step in range(20, 1200, 20)),
        evaluations=(evaluation(precision=0.0),),
    )
    page = run_page(prepare_panel(render_panel, snapshot=snapshot))
    assert list_buttons(page)[0] == "Set up a new run with Discriminator learning rate 0.002"
    assert verdict_state.has_primary_action(snapshot)
    assert any("learns too slowly" in text.value for text in page.markdown)


def test_no_verdict_is_shown_while_the_last_step_is_measured(run: Run) -> None:
    history = tuple(
        step_report(step, real_spread=0.37, fake_spread=0.05) for step in range(20, 1200, 20)
    )
    measuring = Snapshot(
        phase="stopped", run=run, config=run.config, history=history, is_measuring=True
    )
    page = run_page(prepare_panel(render_panel, snapshot=measuring))
    (sentence,) = page.markdown
    assert "Measuring the last digits…" in sentence.value
    assert list_buttons(page) == []
    assert not verdict_state.has_primary_action(measuring)
    assert verdict_state.format_headline(measuring) == ""
    measured = dataclasses.replace(measuring, is_measuring=False)
    assert verdict_state.has_primary_action(measured)
    assert "Collapsed" in verdict_state.format_headline(measured)


def test_the_suggestions_can_be_tried_and_the_page_says_what_happens(run: Run) -> None:
    page = show_verdict(run, 0.33, fake_accuracy=0.1)
    caption = list_captions(page)[-1]
    assert caption.startswith("**Test remedies** trains each remedy")
    assert "This stops and saves “" in caption
    assert "for 30 seconds (about 2 minutes in all)" in caption
    page.button(key="try-remedies").click().run()
    assert page.session_state["done"] == "try"
    page = show_verdict(run, 0.33, fake_accuracy=0.1, phase="stopped")
    assert page.caption[-1].value.startswith("**Test remedies** trains each remedy")


def test_a_remedy_that_helped_takes_the_place_of_starting_again(run: Run) -> None:
    step = 1180
    measurements = [make_measurement(step, distance) for distance in (50.0, 52.0, 4.0)]
    kinds: tuple[TrialKind, ...] = ("baseline", "baseline_other_noise", "changed_settings")
    trials = [
        Trial(kind=kind, changes={}, result=measurement)
        for kind, measurement in zip(kinds, measurements, strict=True)
    ]
    (run.path / "trials").mkdir()
    study = Study(
        format=1, step=step, seconds=30.0, headline="Collapsed.", before=None,
        real_metrics={"frechet_distance": 0.8}, trials=tuple(trials),
    )  # fmt: skip
    write_study(run, study)
    page = show_verdict(run, 0.05, phase="stopped")
    assert list_buttons(page) == []
    assert verdict_state.has_primary_action(page.session_state["snapshot"])


def make_measurement(step: int, distance: float) -> Measurement:
    found = SeedRange(mean=distance, low=distance - 0.5, high=distance + 0.5)
    return Measurement(
        step=step,
        metrics={"frechet_distance": found},
        png=encode_png(np.zeros((148, 238), np.uint8)),
    )
