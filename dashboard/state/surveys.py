"""Surveys of generators and the directions found in them, taken once for all tabs.

Takes a second or two, so it is kept. That of a run in training is made anew when its generator has
changed much, in a thread of its own: a page shows what there is meanwhile. No Streamlit here.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dashboard.state import tf_runtime
from dashboard.state.generator_source import GeneratorSource
from dashboard.state.snapshot import read_only
from dcgan.errors import RunError
from dcgan.named_sets import has_digits

if TYPE_CHECKING:
    from dcgan.latent.directions import Direction, PrincipalDirection
    from dcgan.latent.survey import Survey

NUM_PRINCIPAL = 6  # Of each kind.

_MAX_KEPT = 8  # Some megabytes each.
# How other the pictures of the same z are when directions are looked for anew; see `Survey.change`.
# In the first 1,700 steps of a run, directions had lost 0.03 of their correlation on average where
# this was 0.6, and 0.1 where it was 0.75.
_MUCH = 0.6
# Of pictures, in greys: how far a pixel is from its mean over all of them. Before the first step it
# is 1; digits of MNIST have 45.
_LEAST_DIVERSITY = 10.0
_AGAIN_SECONDS = 10.0  # Until what could not be read is tried again.
_CHECK_SECONDS = 4.0  # How often that is measured at most: 64 pictures.


@dataclass(frozen=True, eq=False)
class Findings:
    """The survey and the directions of one generator.

    Attributes:
        step: Of its weights.
        survey: Its digits, measured.
        named: Directions that do what they say.
        ganspace, sefa: Directions along which its first layer varies the most.
    """

    step: int
    survey: Survey
    named: tuple[Direction, ...]
    ganspace: tuple[PrincipalDirection, ...]
    sefa: tuple[PrincipalDirection, ...]


@dataclass(eq=False)
class _Case:
    findings: Findings | None = None
    problem: RunError | None = None
    checked: float = 0.0
    at_work: threading.Lock = field(default_factory=threading.Lock)

    @property
    def has_just_failed(self) -> bool:
        return self.problem is not None and time.monotonic() - self.checked < _AGAIN_SECONDS


_cases: OrderedDict[Hashable, _Case] = OrderedDict()
_LOCK = threading.Lock()


def get_findings(source: GeneratorSource) -> Findings | None:
    """Return what is known already; None before the first `survey_generator`."""
    case = _known_case(source)
    return None if case is None else case.findings


def is_needed(source: GeneratorSource) -> bool:
    """Whether nothing is known and no attempt has failed in the last seconds."""
    case = _known_case(source)
    return case is None or (case.findings is None and not case.has_just_failed)


def describe_problem(source: GeneratorSource) -> str:
    """Return why nothing could be found out, in a sentence; nothing while that is not so."""
    case = _known_case(source)
    return "" if case is None or case.problem is None else str(case.problem)


def _known_case(source: GeneratorSource) -> _Case | None:
    key = source.moment
    with _LOCK:
        if key in _cases:
            _cases.move_to_end(key)
        return _cases.get(key)


def survey_generator(source: GeneratorSource) -> Findings:
    """Return what is known about a source's generator; finds it out where nothing is.

    Raises:
        RunError: As of `GeneratorSource.generate`; for some seconds the same without another try.
    """
    case = _case(source)
    if case.findings is None:
        with case.at_work:  # Who comes second waits, and finds it done.
            if case.problem is not None and case.has_just_failed:
                raise case.problem
            if case.findings is None:
                try:
                    case.findings, case.problem = tf_runtime.run_long_work(_find_out, source), None
                except RunError as error:
                    case.problem = error
                    raise
                finally:
                    case.checked = time.monotonic()
    elif source.trainer is not None and time.monotonic() - case.checked > _CHECK_SECONDS:
        case.checked = time.monotonic()
        with contextlib.suppress(RunError):  # Deleted meanwhile; the page will say so.
            if case.findings.survey.measure_change(lambda z: source.generate(z)[0]) > _MUCH:
                threading.Thread(
                    target=_find_out_anew, args=(source, case), name="surveyor", daemon=True
                ).start()
    return case.findings


def _case(source: GeneratorSource) -> _Case:
    key = source.moment
    with _LOCK:
        case = _cases.setdefault(key, _Case())
        _cases.move_to_end(key)
        if len(_cases) > _MAX_KEPT:
            _cases.popitem(last=False)
        return case


def _find_out_anew(source: GeneratorSource, case: _Case) -> None:
    if not case.at_work.acquire(blocking=False):
        return
    try:
        with contextlib.suppress(RunError):  # Deleted meanwhile; the page will say so.
            case.findings = tf_runtime.run_long_work(_find_out, source)
    finally:
        case.at_work.release()


def _find_out(source: GeneratorSource) -> Findings:
    tf_runtime.prepare()
    from dcgan.latent.directions import (
        find_ganspace_directions,
        find_named_directions,
        find_sefa_directions,
    )
    from dcgan.latent.survey import take_survey
    from dcgan.model.plain_layers import plain_layers

    # As it is now: while it trains, each picture would else be of another generator.
    generator = source.freeze()
    if not all(np.isfinite(array).all() for array in generator.weights):
        raise RunError(
            f"{source.run.name}, step {generator.step:,}: its weights are no numbers; training "
            "diverged."
        )
    survey = take_survey(
        generator.generate, source.latent_dim, has_digits=has_digits(source.run.config.dataset)
    )
    layer = plain_layers(generator.weights, source.run.config)[0]
    # What hardly differs has no shape to speak of.
    is_diverse = _diversity(survey) > _LEAST_DIVERSITY
    named = find_named_directions(generator.generate, survey) if is_diverse else []
    ganspace = find_ganspace_directions(layer, survey.z, NUM_PRINCIPAL)
    sefa = find_sefa_directions(layer, NUM_PRINCIPAL)
    read_only([survey.z, survey.pixels, *survey.shapes, *(survey.prediction or ())])
    read_only([direction.vector for direction in named])
    read_only([direction.vector for direction in (*ganspace, *sefa)])
    return Findings(generator.step, survey, tuple(named), tuple(ganspace), tuple(sefa))


def _diversity(survey: Survey) -> float:
    return float(survey.pixels.std(axis=0).mean())
