"""A cache of findings for all tabs: surveys of generators, and the directions found with them.

A survey draws many images and measures their shapes. With all directions it takes a second or two.
The first findings, with only the shapes among the named directions, take half of that, so a page
shows them first. If the images of a generator in training change much, a thread repeats its survey;
until then pages show the earlier findings. Imports no Streamlit.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from dashboard.generators import class_examples
from dashboard.generators.generator_source import FrozenGenerator, GeneratorSource
from dashboard.generators.saved_generators import GeneratorIdentity
from dashboard.process import tf_runtime
from dashboard.process.lru_cache import LRUCache
from dashboard.snapshots.snapshot import make_read_only
from dcgan.errors import RunError

if TYPE_CHECKING:
    from dcgan.latent.directions import Direction, PrincipalDirection
    from dcgan.latent.survey import Survey

NUM_PRINCIPAL = 6  # Number of GANSpace directions, and also of SeFa directions.

_MAX_GENERATORS = 16  # Some megabytes each; a run that learned ten classes has ten generators.
# Above this value of `Survey.measure_change` a survey is repeated. In the first 1,700 steps of a
# run a change of 0.6 lowered the correlation of a direction by 0.03 on average, and 0.75 by 0.1.
_MAX_CHANGE = 0.6
# Named directions in the first findings: the shapes, such as the slant. While a run trained they
# took 1 to 2 s. The directions towards digits, which need the classifier, took 4 to 6 s.
_NUM_FIRST_DIRECTIONS = 5
_RETRY_SECONDS = 10.0  # Pause after a failed survey.
_UNEXPECTED_ERROR = (
    "This generator's pictures could not be measured because of an unexpected error; the server's "
    "log has the details."
)
_CHECK_SECONDS = 4.0  # Interval between measurements of the change; each draws 64 images.


@dataclass(frozen=True, eq=False)
class Findings:
    """The survey and the directions of one generator.

    Attributes:
        step: Step of its weights.
        survey: Measured shapes of its digits.
        named: Directions that change one named property, such as the slant.
        ganspace, sefa: Directions along which its first layer varies most, by two methods.
        generator_to_test: A frozen copy of the generator, to test the remaining named directions
            with; None if all have been tested.
    """

    step: int
    survey: Survey
    named: tuple[Direction, ...]
    ganspace: tuple[PrincipalDirection, ...]
    sefa: tuple[PrincipalDirection, ...]
    generator_to_test: FrozenGenerator | None = None

    @property
    def is_diverse(self) -> bool:
        """Whether the digits differ enough to measure differences of shape."""
        return self.survey.is_diverse

    @property
    def is_complete(self) -> bool:
        """Whether all named directions have been tested."""
        return self.generator_to_test is None


@dataclass(eq=False)
class _Entry:
    """The results for one generator.

    Attributes:
        findings: The newest findings; None before the first successful survey.
        problem: Error of the last survey if it failed. Findings of an earlier survey remain.
        checked_at: Time of the last survey or measurement of the change, by `time.monotonic`.
        lock: Held during a survey.
    """

    findings: Findings | None = None
    problem: RunError | None = None
    checked_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def has_just_failed(self) -> bool:
        return self.problem is not None and time.monotonic() - self.checked_at < _RETRY_SECONDS


_entries: LRUCache[GeneratorIdentity, _Entry] = LRUCache(_MAX_GENERATORS)


def get_findings(source: GeneratorSource) -> Findings | None:
    """Return the cached findings, complete or not; None before `ensure_first_findings`."""
    entry = _entries.get(source.identity)
    return None if entry is None else entry.findings


def get_complete_findings(source: GeneratorSource) -> Findings | None:
    """Return the findings if all named directions have been tested, otherwise None."""
    findings = get_findings(source)
    return findings if findings is not None and findings.is_complete else None


def is_survey_running(source: GeneratorSource) -> bool:
    """Return whether a survey of this generator is running."""
    entry = _entries.get(source.identity)
    return entry is not None and entry.lock.locked()


def is_survey_due(source: GeneratorSource) -> bool:
    """Return whether findings are missing, and no survey is running or has just failed."""
    entry = _entries.get(source.identity)
    if entry is None:
        return True
    if entry.lock.locked():
        return False
    is_complete = entry.findings is not None and entry.findings.is_complete
    return not is_complete and not entry.has_just_failed


def describe_problem(source: GeneratorSource) -> str:
    """Return the error message of the last survey; "" if it succeeded."""
    entry = _entries.get(source.identity)
    return "" if entry is None or entry.problem is None else str(entry.problem)


def start_survey(source: GeneratorSource, *, only_first: bool = False) -> threading.Thread | None:
    """Start the survey in a thread, so that no page waits for it; return None if none is due.

    Args:
        source: The generator.
        only_first: Whether the first findings are enough.
    """
    if not is_survey_due(source) or (only_first and get_findings(source) is not None):
        return None
    return _start_thread(_survey, source, only_first)


def repeat_survey(source: GeneratorSource) -> None:
    """Survey a generator again in a thread; pages show the earlier findings until it is done."""
    entry = _entries.get(source.identity)
    if entry is not None and entry.findings is not None:
        _start_thread(_repeat_survey, source, entry)


def repeat_survey_if_changed(source: GeneratorSource) -> bool:
    """Survey a generator in training again in a thread if its images have changed much.

    Returns:
        Whether a survey was started. Images are compared every few seconds at most.
    """
    entry = _entries.get(source.identity)
    if source.trainer is None or entry is None or entry.findings is None or entry.has_just_failed:
        return False
    if time.monotonic() - entry.checked_at <= _CHECK_SECONDS:
        return False
    entry.checked_at = time.monotonic()
    with contextlib.suppress(RunError):  # The run was deleted; the page reports it.
        change = entry.findings.survey.measure_change(lambda z: source.generate(z)[0])
        if change > _MAX_CHANGE:
            _start_thread(_repeat_survey, source, entry)
            return True
    return False


def _start_thread(target: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=args, name="surveyor", daemon=True)
    thread.start()
    return thread


def _survey(source: GeneratorSource, only_first: bool) -> None:
    with contextlib.suppress(RunError):  # `describe_problem` returns it.
        if only_first:
            ensure_first_findings(source)
        else:
            ensure_complete_findings(source)


def ensure_first_findings(source: GeneratorSource) -> Findings:
    """Return the cached findings of a generator; compute the first findings if there are none.

    Raises:
        RunError: If the checkpoint is gone or damaged, or there is none yet. Within some seconds
            after a failure, the same error is raised without a new survey.
    """
    entry = _entries.setdefault(source.identity, _Entry())
    if entry.findings is None:
        with entry.lock:  # A second tab waits here, then uses the result of the first.
            if entry.problem is not None and entry.has_just_failed:
                raise entry.problem
            if entry.findings is None:
                with _problem_recording(entry):
                    entry.findings = tf_runtime.run_long_work(_compute_first_findings, source)
    return entry.findings


def ensure_complete_findings(source: GeneratorSource) -> Findings:
    """Return the complete findings of a generator; compute the missing ones.

    Raises:
        RunError: For the same reasons as `ensure_first_findings`.
    """
    findings = ensure_first_findings(source)
    entry = _entries.setdefault(source.identity, _Entry(findings))
    if not findings.is_complete:
        with entry.lock:
            newest = entry.findings or findings
            if not newest.is_complete:
                with _problem_recording(entry):
                    newest = tf_runtime.run_long_work(_test_remaining_directions, newest)
            entry.findings = newest
        return newest
    repeat_survey_if_changed(source)
    return findings


@contextlib.contextmanager
def _problem_recording(entry: _Entry) -> Generator[None]:
    """Record the time of a survey and its error, or None if it has succeeded."""
    # Unexpected errors are recorded too. Otherwise each rerun of a page would start another survey.
    problem: RunError | None = RunError(_UNEXPECTED_ERROR)
    try:
        yield
        problem = None
    except RunError as error:  # For example, the checkpoint was deleted.
        problem = error
        raise
    finally:
        entry.problem, entry.checked_at = problem, time.monotonic()


def _repeat_survey(source: GeneratorSource, entry: _Entry) -> None:
    if not entry.lock.acquire(blocking=False):
        return
    try:
        # The run was deleted; the page reports it.
        with contextlib.suppress(RunError), _problem_recording(entry):
            findings = tf_runtime.run_long_work(_compute_first_findings, source)
            if entry.findings is None or entry.findings.is_complete:
                findings = tf_runtime.run_long_work(_test_remaining_directions, findings)
            entry.findings = findings
    finally:
        entry.lock.release()


def _compute_first_findings(source: GeneratorSource) -> Findings:
    tf_runtime.prepare()
    from dcgan.latent.directions import (
        find_ganspace_directions,
        find_named_directions,
        find_sefa_directions,
    )
    from dcgan.latent.survey import sample_survey_latent, take_survey
    from dcgan.networks.class_inputs import fix_class
    from dcgan.networks.plain_layers import make_plain_layers

    # Training would change the weights between two images of one survey.
    generator = source.freeze()
    if not all(np.isfinite(array).all() for array in generator.weights):
        raise RunError(
            f"{source.run.read_title()}, step {generator.step:,}: the generator's weights "
            "contain NaN or infinity; training diverged."
        )
    class_examples.find_examples(source, generator, sample_survey_latent(source.latent_dim))
    survey = take_survey(generator.generate, source.latent_dim, digits=source.digits)
    config = source.run.config
    # A source that draws all classes in turn uses the first layer of class 0: its weights for z are
    # the same for all classes.
    class_id = 0 if source.class_id is None and config.num_classes else source.class_id
    layer = make_plain_layers(*fix_class(generator.weights, config, class_id))[0]
    # If all images are nearly equal, differences of shape cannot be measured.
    named = (
        find_named_directions(generator.generate, survey, slice(_NUM_FIRST_DIRECTIONS))
        if survey.is_diverse
        else []
    )
    ganspace = find_ganspace_directions(layer, survey.z, NUM_PRINCIPAL)
    sefa = find_sefa_directions(layer, NUM_PRINCIPAL)
    make_read_only([survey.z, survey.pixels, *survey.shapes, *(survey.prediction or ())])
    make_read_only([direction.vector for direction in named])
    make_read_only([direction.vector for direction in (*ganspace, *sefa)])
    generator_to_test = generator if survey.is_diverse else None
    return Findings(
        generator.step, survey, tuple(named), tuple(ganspace), tuple(sefa), generator_to_test
    )


def _test_remaining_directions(findings: Findings) -> Findings:
    """Test the named directions that have not been tested."""
    from dcgan.latent.directions import find_named_directions

    if findings.generator_to_test is None:
        return findings
    others = find_named_directions(
        findings.generator_to_test.generate, findings.survey, slice(_NUM_FIRST_DIRECTIONS, None)
    )
    make_read_only([direction.vector for direction in others])
    return replace(findings, named=(*findings.named, *others), generator_to_test=None)
