"""Surveys are taken once for all tabs, and again when the generator has changed much."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from dashboard.generators import findings_cache
from dashboard.generators.generator_source import FrozenGenerator, GeneratorSource
from dashboard.generators.saved_generators import GeneratorIdentity
from dashboard.process import tf_runtime
from dashboard.process.lru_cache import LRUCache
from dashboard.state.live_networks import LiveNetworks
from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.latent import directions, survey
from dcgan.model.gan import DCGAN
from dcgan.networks.class_inputs import ClassChoice
from dcgan.runs.run_folder import Run

pytestmark = pytest.mark.usefixtures("no_included_run")


TIMEOUT = 60
NUM_SAMPLES = 100  # Of a survey, instead of 2,000.


class StripesNetworks(LiveNetworks):
    """Generate stripes that depend on z and are shifted by `phase`."""

    phase = 0.0

    def __init__(self, gan: DCGAN) -> None:
        super().__init__()
        self.gan = gan
        self.num_drawn = 0

    def generate(
        self, run: Run, z: np.ndarray, classes: ClassChoice = None
    ) -> tuple[np.ndarray, int]:
        self.num_drawn += len(z)
        columns = np.arange(28)
        waves = np.sin(columns / 3 + 2 * z[:, :1] + self.phase)[:, None, :, None]
        return np.rint(np.broadcast_to(waves, (len(z), 28, 28, 1)) * 127 + 128).astype("u1"), 77

    def get_generator_weights(self, run: Run) -> tuple[list[np.ndarray], int]:
        return self.gan.ema_generator.get_weights(), 77


@pytest.fixture
def live(run: Run, gan: DCGAN, monkeypatch: pytest.MonkeyPatch) -> GeneratorSource:
    """Return the source of a run in training."""
    monkeypatch.setattr(tf_runtime, "prepare", lambda: None)
    monkeypatch.setattr(survey, "take_survey", partial(survey.take_survey, num=NUM_SAMPLES))
    # Each trial of a direction is a digit that the classifier reads.
    monkeypatch.setattr(directions, "_NUM_TRIALS", 40)
    trainer = Trainer(run.path.parent)
    networks = trainer.networks = StripesNetworks(gan)

    def freeze(source: GeneratorSource) -> FrozenGenerator:
        if source.trainer is None:
            source.get_weights()  # Raises an error, as there is no checkpoint.
        return FrozenGenerator(
            lambda z, classes=None: networks.generate(run, z)[0],
            *networks.get_generator_weights(run),
        )

    monkeypatch.setattr(GeneratorSource, "freeze", freeze)
    return GeneratorSource(run, None, trainer)


def get_networks(source: GeneratorSource) -> StripesNetworks:
    assert source.trainer is not None
    assert isinstance(source.trainer.networks, StripesNetworks)
    return source.trainer.networks


def test_there_are_no_findings_before_the_first_survey(live: GeneratorSource) -> None:
    assert findings_cache.get_findings(live) is None
    found = findings_cache.ensure_complete_findings(live)
    assert findings_cache.get_findings(live) is found
    assert (found.step, len(found.survey.z)) == (77, NUM_SAMPLES)
    assert len(found.sefa) == len(found.ganspace) == 4  # Of a z of four numbers.
    with pytest.raises(ValueError, match="read-only"):  # All tabs share it.
        found.survey.z[0] = 0
    assert not found.sefa[0].vector.flags.writeable


def test_simultaneous_surveys_are_computed_once(live: GeneratorSource) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: findings_cache.ensure_complete_findings(live), range(6)))
    assert all(result is found[0] for result in found)
    once = get_networks(live).num_drawn
    findings_cache.ensure_complete_findings(
        GeneratorSource(live.run, None, live.trainer)
    )  # Another tab's.
    assert get_networks(live).num_drawn == once


def test_a_survey_that_was_begun_is_completed_with_the_same_digits(live: GeneratorSource) -> None:
    first = findings_cache.ensure_first_findings(live)
    assert not first.is_complete
    assert (findings_cache.get_findings(live), findings_cache.get_complete_findings(live)) == (
        first,
        None,
    )
    assert findings_cache.is_survey_due(live)
    found = findings_cache.ensure_complete_findings(live)
    assert findings_cache.get_complete_findings(live) is found
    assert not findings_cache.is_survey_due(live)
    assert found.survey is first.survey
    assert found.named[: len(first.named)] == first.named
    assert findings_cache.ensure_first_findings(live) is found


def test_the_error_of_a_survey_is_forgotten_once_it_succeeds(
    live: GeneratorSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings_cache.ensure_first_findings(live)

    def fail(findings: findings_cache.Findings) -> findings_cache.Findings:
        raise RunError("the checkpoint was deleted")

    with monkeypatch.context() as patch:
        patch.setattr(findings_cache, "_test_remaining_directions", fail)
        with pytest.raises(RunError, match="deleted"):
            findings_cache.ensure_complete_findings(live)
    assert findings_cache.describe_problem(live) == "the checkpoint was deleted"
    findings_cache.ensure_complete_findings(live)
    assert findings_cache.describe_problem(live) == ""


@pytest.mark.parametrize("part", ["_compute_first_findings", "_test_remaining_directions"])
def test_an_unexpected_error_does_not_start_a_survey_at_each_rerun(
    live: GeneratorSource, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(findings_cache, part, fail)
        with pytest.raises(ZeroDivisionError):
            findings_cache.ensure_complete_findings(live)
    assert not findings_cache.is_survey_due(live)
    assert "because of an unexpected error" in findings_cache.describe_problem(live)
    monkeypatch.setattr(findings_cache, "_RETRY_SECONDS", 0.0)
    findings_cache.ensure_complete_findings(live)
    assert findings_cache.describe_problem(live) == ""


def test_a_generator_that_has_changed_much_is_surveyed_again(
    live: GeneratorSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = findings_cache.ensure_complete_findings(live)
    monkeypatch.setattr(findings_cache, "_CHECK_SECONDS", 0.0)
    assert findings_cache.ensure_complete_findings(live) is first  # Nothing has changed.
    wait_for_surveyor()
    assert findings_cache.get_findings(live) is first
    get_networks(live).phase = 1.5
    assert (
        findings_cache.ensure_complete_findings(live) is first
    )  # It is shown until the new one is there.
    wait_for_surveyor()
    second = findings_cache.get_findings(live)
    assert second is not None
    assert second is not first


def test_findings_without_all_directions_are_repeated_too_if_the_generator_has_changed_much(
    live: GeneratorSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not findings_cache.repeat_survey_if_changed(live)  # There is none to repeat.
    first = findings_cache.ensure_first_findings(live)
    get_networks(live).phase = 1.5
    assert not findings_cache.repeat_survey_if_changed(live)  # It has just been surveyed.
    monkeypatch.setattr(findings_cache, "_CHECK_SECONDS", -1.0)
    assert findings_cache.repeat_survey_if_changed(live)
    wait_for_surveyor()
    assert findings_cache.get_findings(live) is not first
    assert not findings_cache.repeat_survey_if_changed(live)  # Nothing has changed since.


def test_an_unexpected_error_does_not_repeat_a_survey_at_each_check(
    live: GeneratorSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    first = findings_cache.ensure_complete_findings(live)
    get_networks(live).phase = 1.5
    monkeypatch.setattr(findings_cache, "_CHECK_SECONDS", -1.0)
    with monkeypatch.context() as patch:
        patch.setattr(findings_cache, "_compute_first_findings", None)  # A TypeError.
        for _ in range(3):
            assert findings_cache.ensure_complete_findings(live) is first
            wait_for_surveyor()
    assert [error.exc_type for error in raised] == [TypeError]  # In the server's log, once.
    assert "because of an unexpected error" in findings_cache.describe_problem(live)
    monkeypatch.setattr(findings_cache, "_RETRY_SECONDS", 0.0)
    findings_cache.ensure_complete_findings(live)
    wait_for_surveyor()
    assert findings_cache.get_findings(live) is not first
    assert findings_cache.describe_problem(live) == ""


def test_a_page_can_start_one_survey_without_waiting_for_it(
    live: GeneratorSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = threading.Event()
    compute = findings_cache._compute_first_findings

    def wait_and_compute(source: GeneratorSource) -> findings_cache.Findings:
        assert may_end.wait(TIMEOUT)
        return compute(source)

    monkeypatch.setattr(findings_cache, "_compute_first_findings", wait_and_compute)
    with findings_cache._entries.setdefault(live.identity, findings_cache._Entry()).lock:
        assert findings_cache.is_survey_running(live)
        assert findings_cache.start_survey(live) is None
    surveyor = findings_cache.start_survey(live)
    assert surveyor is not None
    assert findings_cache.get_findings(live) is None
    may_end.set()
    surveyor.join(TIMEOUT)
    assert findings_cache.get_complete_findings(live) is not None
    assert not findings_cache.is_survey_running(live)
    assert findings_cache.start_survey(live) is None


def wait_for_surveyor() -> None:
    for thread in threading.enumerate():
        if thread.name == "surveyor":
            thread.join(TIMEOUT)


def test_a_run_without_a_checkpoint_is_an_error(live: GeneratorSource) -> None:
    with pytest.raises(RunError, match="no checkpoint yet"):
        findings_cache.ensure_complete_findings(GeneratorSource(live.run, None))


def test_at_most_sixteen_findings_are_cached(
    live: GeneratorSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries: LRUCache[GeneratorIdentity, findings_cache._Entry] = LRUCache(
        findings_cache._MAX_GENERATORS
    )
    monkeypatch.setattr(findings_cache, "_entries", entries)
    for step in range(20):
        assert findings_cache.get_findings(GeneratorSource(live.run, step)) is None
    assert not len(entries)  # A look-up adds no entry.
    for step in range(20):
        with pytest.raises(RunError):
            findings_cache.ensure_complete_findings(GeneratorSource(live.run, step))
    assert len(entries) == 16


def test_an_unreadable_checkpoint_is_tried_once(
    live: GeneratorSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = GeneratorSource(live.run, 10)
    assert findings_cache.is_survey_due(source)
    with pytest.raises(RunError, match="no checkpoint"):
        findings_cache.ensure_complete_findings(source)
    assert not findings_cache.is_survey_due(source)
    monkeypatch.setattr(
        findings_cache, "_compute_first_findings", None
    )  # A second survey would raise a TypeError.
    with pytest.raises(RunError, match="no checkpoint"):
        findings_cache.ensure_complete_findings(source)


def test_a_repeated_survey_tests_as_many_directions_as_before(live: GeneratorSource) -> None:
    thread = findings_cache.start_survey(live, only_first=True)
    assert thread is not None
    thread.join()
    first = findings_cache.get_findings(live)
    assert first is not None
    assert not first.is_complete
    assert findings_cache.start_survey(live, only_first=True) is None
    before = set(threading.enumerate())
    findings_cache.repeat_survey(live)
    for surveyor in set(threading.enumerate()) - before:
        surveyor.join()
    newest = findings_cache.get_findings(live)
    assert newest is not None
    assert newest.survey is not first.survey
    assert not newest.is_complete


def test_the_survey_of_a_run_with_classes_can_have_them_all_in_turn(class_run: Run) -> None:
    source = GeneratorSource(class_run, 0)
    survey = findings_cache.ensure_first_findings(source).survey
    pixels, _ = source.generate(survey.z[:20], np.arange(20) % 10)
    np.testing.assert_array_equal(survey.pixels[:20], pixels)
