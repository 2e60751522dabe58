"""The generator that Explore shows: the newest, or an older checkpoint with the reason for it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import permissions
from dashboard.access.rules import Role
from dashboard.process.demo_bounds import DemoBounds
from dashboard.process.visitor_runs import get_visitor_folder
from dashboard.run_facts.labels import EXPERIMENT_TITLE
from dashboard.state.demo import Demo
from dashboard.state.trainer import Trainer
from dashboard.tab.explore_request import make_step_key
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.dashboard.posed_trainer import PosedTrainer

pytestmark = pytest.mark.usefixtures("no_included_run")

STEP_KEY = make_step_key("first", is_live=False)


def script() -> None:
    """Choose a generator, after the request that a test has put there."""
    import streamlit as st

    from dashboard.explore.source_choice import ask_for_source
    from dashboard.state.trainer import get_trainer
    from dashboard.tab.explore_request import request_generator
    from dcgan.runs.library import list_runs

    if st.session_state.get("is_elsewhere"):
        return
    trainer = get_trainer()
    if "requested_step" in st.session_state:
        run = list_runs(trainer.root)[0][0]
        request_generator(run, st.session_state.pop("requested_step"), "the replay")
    source = ask_for_source(trainer)
    st.session_state["shown"] = None if source is None else source.step


@pytest.fixture
def page(run: Run, trainer: Trainer) -> AppTest:
    """Return Explore's choice, not yet rendered, of a run with checkpoints of steps 0 and 10."""
    assert run.path.parent == trainer.root
    return AppTest.from_function(script, default_timeout=60)


def read_reason(page: AppTest) -> str:
    page.run()
    assert not page.exception
    return " ".join(line.value for line in page.markdown)


def test_the_newest_checkpoint_needs_no_reason(page: AppTest) -> None:
    assert read_reason(page) == ""
    assert page.session_state["shown"] == 10


@pytest.mark.parametrize(
    ("requested_step", "reason"),
    [(3, "the nearest to step 3 of the replay"), (0, "opened from the replay")],
)
def test_an_older_checkpoint_is_explained_until_the_newest_is_wanted(
    page: AppTest, requested_step: int, reason: str
) -> None:
    page.session_state["requested_step"] = requested_step
    assert f"**Step 0**, not the newest: {reason}." in read_reason(page)
    assert page.session_state["shown"] == 0
    page.button(key="use-newest").click()
    assert read_reason(page) == ""
    assert page.session_state["shown"] == 10


def test_the_whole_name_of_the_run_is_in_the_tooltip_as_the_box_cuts_it(page: AppTest) -> None:
    page.run()
    assert page.selectbox(key="source_run").help == "first"


def test_a_checkpoint_that_a_person_has_chosen_is_named_as_such(page: AppTest) -> None:
    page.run()
    page.selectbox(key=STEP_KEY).select(0)
    assert "**Step 0**, not the newest: chosen under Checkpoint." in read_reason(page)


def test_after_a_past_step_a_request_for_the_newest_shows_it(page: AppTest) -> None:
    page.session_state["requested_step"] = 0
    assert "not the newest" in read_reason(page)
    page.session_state["requested_step"] = None
    assert read_reason(page) == ""
    assert page.session_state["shown"] == 10


def test_a_visitor_of_a_demo_first_sees_a_finished_run_unless_the_one_in_training_is_theirs(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "get_visitor", lambda: "me")
    monkeypatch.setattr(permissions, "get_role", lambda: Role.VISITOR)
    trainer.demo = Demo(trainer, DemoBounds())
    live = new_run(path=get_visitor_folder(trainer.root, "somebody else") / "live")
    trainer.live.begin(live.config)
    trainer.live.change(phase="running", run=live)
    page.run()
    choice = page.selectbox(key="source_run")
    assert (list(choice.options), choice.value) == (["In training: live", "first"], "first")
    monkeypatch.setattr(trainer.demo, "is_training", lambda visitor: visitor == "me")
    owners = AppTest.from_function(script, default_timeout=60).run()
    assert owners.selectbox(key="source_run").value == "live"


def visit(page: AppTest) -> object:
    """Open Explore again, after another page; return the name of the run that it shows."""
    for is_elsewhere in (True, False):
        page.session_state["is_elsewhere"] = is_elsewhere
        page.run()
    assert not page.exception
    return page.selectbox(key="source_run").value


def test_a_visit_opens_the_newest_own_run_unless_a_person_has_chosen_another(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    experiment = new_run("experiment")
    experiment.write_label(f"{EXPERIMENT_TITLE}Speed the generator up", note="")
    trainer.live.begin(experiment.config)
    trainer.live.change(phase="running", run=experiment)
    page.run()
    assert page.selectbox(key="source_run").value == "first"
    trainer.live.change(phase="finished")
    new_run("second")
    new_run("raced").write_label("Race 30 Nov 14:05: beta_1 0", note="")
    assert visit(page) == "second"
    page.selectbox(key="source_run").select("raced").run()
    new_run("third")
    assert visit(page) == "raced"


def test_without_an_own_run_the_live_one_of_an_experiment_is_opened(
    trainer: PosedTrainer, new_run: NewRun
) -> None:
    experiment = new_run("experiment")
    experiment.write_label(f"{EXPERIMENT_TITLE}Speed the generator up", note="")
    trainer.live.begin(experiment.config)
    trainer.live.change(phase="running", run=experiment)
    page = AppTest.from_function(script, default_timeout=60).run()
    assert page.selectbox(key="source_run").value == "experiment"


def test_a_run_that_was_being_prepared_is_opened_when_it_begins(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    new = new_run("second")
    trainer.live.begin(new.config)
    trainer.live.change(phase="preparing")
    new.path.rename(trainer.root / ".later")
    page.run()
    choice = page.selectbox(key="source_run")
    assert (list(choice.options), choice.value) == (["first"], "first")
    (trainer.root / ".later").rename(new.path)
    trainer.live.change(phase="running", run=new)
    assert page.run().selectbox(key="source_run").value == "second"
    page.selectbox(key="source_run").select("first").run()
    assert page.run().selectbox(key="source_run").value == "first"


def test_a_choice_at_the_moment_when_the_awaited_run_begins_counts(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    other, new = new_run("other"), new_run("second")
    trainer.live.begin(new.config)
    trainer.live.change(phase="preparing")
    new.path.rename(trainer.root / ".later")
    page.run()
    chosen = "first" if page.selectbox(key="source_run").value == other.name else other.name
    (trainer.root / ".later").rename(new.path)
    trainer.live.change(phase="running", run=new)
    page.selectbox(key="source_run").select(chosen).run()
    assert page.selectbox(key="source_run").value == chosen
