"""What is found out about a generator, its survey and its directions: once for all tabs.

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

from dashboard import engine
from dashboard.sources import Source
from dcgan.errors import RunError

if TYPE_CHECKING:
    from dcgan.directions import Direction, PrincipalDirection
    from dcgan.survey import Survey

NUM_PRINCIPAL = 6  # Of each kind.

_MAX_KEPT = 8  # Some megabytes each.
# How other the pictures of the same z are when directions are looked for anew; see `Survey.change`.
# In the first 1,700 steps of a run, directions had lost 0.03 of their correlation on average where
# this was 0.6, and 0.1 where it was 0.75.
_MUCH = 0.6
_CHECK_SECONDS = 4.0  # How often that is measured at most: 64 pictures.


@dataclass(frozen=True, eq=False)
class Findings:
    """What is known about one generator.

    Attributes:
        step: Of its weights.
        survey: Its digits, measured.
        named: Directions that do what they say.
        ganspace, sefa: Directions along which its first layer varies the most.
    """

    step: int
    survey: Survey
    named: list[Direction]
    ganspace: list[PrincipalDirection]
    sefa: list[PrincipalDirection]


@dataclass(eq=False)
class _Case:
    findings: Findings | None = None
    problem: RunError | None = None
    checked: float = 0.0
    at_work: threading.Lock = field(default_factory=threading.Lock)


_cases: OrderedDict[Hashable, _Case] = OrderedDict()
_LOCK = threading.Lock()


def peek(source: Source) -> Findings | None:
    """Return what is known already; None before the first `look`."""
    with _LOCK:
        case = _cases.get(source.moment)
    return None if case is None else case.findings


def is_awaited(source: Source) -> bool:
    """Whether a `look` would find something out: nothing is known, also not that it cannot be."""
    with _LOCK:
        case = _cases.get(source.moment)
    return case is None or (case.findings is None and case.problem is None)


def look(source: Source) -> Findings:
    """Return what is known about a source's generator; finds it out where nothing is.

    Raises:
        RunError: As of `Source.draw`. Of a checkpoint once and for all, as it does not change.
    """
    case = _case(source)
    if case.findings is None:
        with case.at_work:  # Who comes second waits, and finds it done.
            if case.problem is not None:
                raise case.problem
            if case.findings is None:
                try:
                    case.findings = engine.long_work(_find_out, source)
                except RunError as error:
                    if source.step is not None:
                        case.problem = error
                    raise
                case.checked = time.monotonic()
    elif source.trainer is not None and time.monotonic() - case.checked > _CHECK_SECONDS:
        case.checked = time.monotonic()
        with contextlib.suppress(RunError):  # Deleted meanwhile; the page will say so.
            if case.findings.survey.change(lambda z: source.draw(z)[0]) > _MUCH:
                threading.Thread(
                    target=_find_out_anew, args=(source, case), name="surveyor", daemon=True
                ).start()
    return case.findings


def _case(source: Source) -> _Case:
    key = source.moment
    with _LOCK:
        case = _cases.setdefault(key, _Case())
        _cases.move_to_end(key)
        if len(_cases) > _MAX_KEPT:
            _cases.popitem(last=False)
        return case


def _find_out_anew(source: Source, case: _Case) -> None:
    if not case.at_work.acquire(blocking=False):
        return
    try:
        with contextlib.suppress(RunError):  # Deleted meanwhile; the page will say so.
            case.findings = engine.long_work(_find_out, source)
    finally:
        case.at_work.release()


def _find_out(source: Source) -> Findings:
    engine.prepare()
    from dcgan.datasets import DIGIT_SETS
    from dcgan.directions import ganspace_directions, named_directions, sefa_directions
    from dcgan.networks import first_layer
    from dcgan.survey import take_survey

    # As it is now: while it trains, each picture would else be of another generator.
    generator = source.frozen()
    survey = take_survey(
        generator.draw, source.latent_dim, has_digits=source.run.config.dataset in DIGIT_SETS
    )
    layer = first_layer(generator.weights)
    return Findings(
        generator.step,
        survey,
        named_directions(generator.draw, survey),
        ganspace_directions(layer, survey.z, NUM_PRINCIPAL),
        sefa_directions(layer, NUM_PRINCIPAL),
    )
