"""Tried remedies on the page: the results, the buttons and the run that continues one of them."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.remedies import remedy_cards
from dashboard.remedies.remedies_panel import describe_continuation
from dashboard.state.trainer import Trainer
from dcgan.remedies.study import SeedRange, Trial
from dcgan.remedies.study_files import get_study_path, list_study_steps, read_study, write_study
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from dcgan.runs.trials_folder import TRIALS
from tests.dashboard.conftest import NewRun
from tests.dashboard.remedies.tested_run import PNG, make_tested_run, measure, tried, write_trials
from tests.dashboard.rendering import list_buttons, prepare_panel, read_texts, run_page
from tests.encoding import make_png_that_claims

pytestmark = pytest.mark.usefixtures("no_included_run")

# Dots that differ from each other, of which the classifier is sure.
DOTS = {"frechet_distance": 700.0, "confident": 1.0, "diversity": 4.05, "precision": 0.0}


def render_panel() -> None:
    """Render the remedies of the run "first"."""
    from dashboard.remedies import remedies_panel
    from dashboard.state import trainer as trainer_module
    from dcgan.runs.library import find_run

    trainer = trainer_module.get_trainer()
    remedies_panel.render_interrupted(trainer)
    remedies_panel.render(trainer, find_run("first", trainer.root), 26)


@pytest.fixture
def run(new_run: NewRun, trainer: Trainer) -> Run:
    return make_tested_run(new_run)


def show() -> AppTest:
    return run_page(prepare_panel(render_panel))


def test_the_remedy_that_helped_is_named_with_its_distance(run: Run) -> None:
    page = show()
    text = read_texts(page)
    assert (
        "**Set Generator learning rate to 0.0005 helped most.** Distance to real digits, "
        "lower is better: 4.00 with it, 50.0 and 52.0 in the two trials without a change; 0.80 "
        "between real digits. Chance alone gives distances of 49.5 to 52.5, so only a "
        "distance below 46.7 counts as help." in text
    )
    assert "Distance to real digits **4.00** (measured 3 times: 3.50 to 4.50)" in text
    assert "Readable **90.0%** (real digits 97.0%)" in text
    assert text.count("Helps most]") == 1
    assert "14 steps from step 26" in text
    assert "With other noise, to measure chance." in text
    assert "the lowest and the highest of 3 measurements" in text
    assert "A low distance and a high precision" not in text
    assert list_buttons(page) == [
        "Continue with this",
        "Continue unchanged",
        "Delete these results",
    ]
    assert [button.proto.type for button in page.button] == ["primary", "tertiary", "tertiary"]
    (menu,) = page.get("popover")  # It holds the last two buttons.
    assert len(menu.get("button")) == 2
    assert "Chance is large here" not in text


def test_two_very_different_trials_without_a_change_make_the_comparison_rough(run: Run) -> None:
    write_trials(
        run,
        tried("baseline", 495.4),
        tried("changed_settings", 4.0, generator_learning_rate=0.0005),
        tried("baseline_other_noise", 135.6),
    )
    text = read_texts(show())
    assert "only a distance below 36.8 counts as help. Chance is large here" in text


def test_the_best_remedy_comes_first_and_then_doing_nothing(run: Run) -> None:
    write_trials(
        run,
        tried("baseline", 50.0),
        Trial(kind="rolled_back", step=13, problem="The checkpoint is gone."),
        tried("changed_settings", 49.0, generator_learning_rate=0.0005),
        tried("new_run", 4.0, generator_learning_rate=0.0005),
        tried("baseline_other_noise", 52.0),
    )
    text = read_texts(show())
    names = (
        "**Before, at step 26**",
        "**Start again with Generator learning rate 0.0005**",
        "**Do nothing**",
        "**Set Generator learning rate to 0.0005**",
        "**Return to step 13**",
        "**Do nothing again**",
    )
    places = [text.index(name) for name in names]
    assert places == sorted(places)
    assert "14 steps from step 0]" in text  # The trial was a new run.


def test_a_collapsed_generator_is_not_called_readable(run: Run) -> None:
    study = read_study(run, 26)
    assert study.before is not None
    alike = {**study.before.metrics, "diversity": SeedRange(mean=0.1, low=0.1, high=0.1)}
    before = study.before.model_copy(update={"metrics": alike})
    real = {**study.real_metrics, "diversity": 5.7}
    write_study(run, study.model_copy(update={"before": before, "real_metrics": real}))
    text = read_texts(show())
    assert text.count("Readable **–** (all pictures alike)") == 1
    assert "Diversity **0.10** (real digits 5.70; nearest is best)" in text
    # The three trials did not collapse; two are far from real digits.
    assert text.count("Readable **90.0%**") == 1
    assert text.count("Readable **–** (too far from real digits)") == 2


def test_pictures_that_are_no_digits_are_not_called_readable(run: Run) -> None:
    study = read_study(run, 26)
    assert study.before is not None
    dots = {name: SeedRange(mean=mean, low=mean, high=mean) for name, mean in DOTS.items()}
    before = study.before.model_copy(update={"metrics": dots})
    real = {**study.real_metrics, "diversity": 5.7, "precision": 0.96}
    write_study(run, study.model_copy(update={"before": before, "real_metrics": real}))
    text = read_texts(show())
    assert "Readable **–** (no digits)" in text
    assert "Diversity **4.05** (real digits 5.70; nearest is best)" in text
    assert "Distance to real digits **700.0**]" in text  # Not "700.0 to 700.0".


def test_remedies_of_own_pictures_are_not_called_digits(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    alts: list[str] = []
    monkeypatch.setattr(remedy_cards, "render_picture", lambda _, alt, **__: alts.append(alt))
    study = read_study(run, 26)
    run.config = run.config.replace(dataset="fashion_mnist")
    remedy_cards.render_before(study, run)
    assert alts == [f"Pictures: before, step {study.step}"]


def test_an_adopted_remedy_is_trained_further_as_a_run(
    run: Run, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    continued: list[tuple[str, object]] = []

    def continue_run(run: Run, **plan: object) -> bool:
        continued.append((run.name, plan["epochs"]))
        return True

    monkeypatch.setattr(trainer, "continue_run", continue_run)
    page = show()
    page.button(key="adopt-first-1").click().run()
    (adopted,) = [listed for listed in list_runs(trainer.root)[0] if listed.name != "first"]
    # The plan of two epochs is done, so it trains as long again.
    assert continued == [(adopted.name, 2)]
    assert "One of them continues as a separate run." in read_texts(page)
    assert list_buttons(page) == []
    assert list((run.path / TRIALS).glob("*/")) == []


def test_after_a_rollback_its_results_are_gone_with_their_trials(run: Run) -> None:
    earlier = read_study(run, 26).model_copy(update={"step": 13})
    write_study(run, earlier)
    run.acquire_lock()
    run.rewind(13)
    run.lock.release()
    assert list_study_steps(run) == [13]
    assert list((run.path / TRIALS).glob("*/")) == []
    page = show()
    assert [element.label for element in page.expander] == ["Remedies that were tried at step 13"]
    assert read_texts(page) == ""


def test_the_results_can_be_deleted(run: Run) -> None:
    page = show()
    page.button(key="delete-study-first").click().run()
    assert not page.exception
    assert list_study_steps(run) == []
    assert list((run.path / TRIALS).glob("*/")) == []
    assert list_buttons(page) == []


def test_pending_trials_are_offered_and_can_be_tried(
    run: Run, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried_steps: list[int] = []

    def try_pending_remedies(run: Run, step: int) -> bool:
        tried_steps.append(step)
        return True

    monkeypatch.setattr(trainer, "try_pending_remedies", try_pending_remedies)
    remedy = tried("new_run", 4.0, generator_learning_rate=0.0005)
    write_trials(run, tried("baseline", 50.0), remedy, Trial(kind="baseline_other_noise"))
    page = show()
    text = read_texts(page)
    assert "Not all of its remedies are tried: 2 of 3 trials are measured." in text
    assert "**2 of 3 trials are measured.** There is nothing to compare yet." in text
    assert list_buttons(page) == [
        "Show the remedies",
        "Try the rest",
        "Continue unchanged",
        "Delete these results",
    ]
    page.button(key="try-pending-first").click().run()
    assert tried_steps == [26]


def test_a_watcher_sees_the_results_without_buttons(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.access.permissions.may_operate", lambda: False)
    page = show()
    assert "helped most" in read_texts(page)
    assert list_buttons(page) == []


def test_a_damaged_study_is_one_sentence(run: Run) -> None:
    get_study_path(run, 26).write_text("{")
    page = show()
    assert "first: the remedies tried at step 26 are in a damaged file" in read_texts(page)
    assert list_buttons(page) == []


@pytest.mark.parametrize(
    "png", [b"", PNG.replace(b"IDAT", b"IDAX"), make_png_that_claims(60_000, 60_000)]
)
def test_a_damaged_picture_is_one_sentence_beside_its_metrics(run: Run, png: bytes) -> None:
    damaged = measure(50.0).model_copy(update={"png": png})
    trial = Trial(kind="baseline", result=damaged, num_steps=14)
    write_trials(run, trial, tried("baseline_other_noise", 52.0))
    text = read_texts(show())
    assert text.count("This picture is damaged.") == 1
    assert "Distance to real digits **50.0**" in text


def test_a_busy_machine_is_named_if_the_trials_made_very_different_steps(run: Run) -> None:
    assert "busy" not in read_texts(show())
    other = tried("baseline_other_noise", 50.0).model_copy(update={"num_steps": 56})
    write_trials(run, tried("baseline", 50.0), other)
    assert "In this time the trials made 14 to 56 steps" in read_texts(show())


def test_no_remedy_that_helps_is_said_too(run: Run) -> None:
    write_trials(
        run,
        tried("baseline", 50.0),
        tried("changed_settings", 49.0, generator_learning_rate=0.0005),
        tried("baseline_other_noise", 52.0),
    )
    assert read_study(run, 26).trials[1].folder == ""
    text = read_texts(show())
    assert "**No remedy helped by more than chance.**" in text
    assert "No clear difference" in text


def test_the_page_says_from_where_an_adopted_remedy_goes_on(
    run: Run, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "continue_run", lambda run, **plan: True)
    page = show()
    page.button(key="adopt-first-1").click().run()
    (adopted,) = [listed for listed in list_runs(trainer.root)[0] if listed.name != "first"]
    words = "Continues from step 40 with Generator learning rate 0.0005."
    assert page.session_state["announced_run"] == (adopted.name, words)
    assert page.session_state["focus_request"]["target"] == "status"  # At the top of the page.


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (tried("rolled_back", 4.0).model_copy(update={"step": 13}), "after the return to step 13"),
        (tried("new_run", 4.0, r1_penalty=5.0), "Continues from step 40 with R1 penalty 5."),
    ],
)
def test_each_kind_of_remedy_says_how_it_goes_on(trial: Trial, words: str) -> None:
    assert words in describe_continuation(trial)
