"""Words for a distance to real digits, as no number alone says what is good."""

from __future__ import annotations

from dcgan.evaluation.main_metric import compute_quick_limit
from dcgan.evaluation.metric_info import format_distance

# By how much a Fréchet distance is above that of two sets of real digits, up to which words hold.
# The difference hardly depends on the number of digits: after a minute it is 0.21 with 1,000 and
# 0.18 with 10,000. Found by looking at ten sample grids: at 0.1 hardly any digit is odd; at 0.2 one
# in ten; at 1 to 2 a quarter; at 3 to 5 nearly all can be read, but most are frayed; at 10 the
# strokes have gaps; from 30 on noise surrounds them, or the pictures repeat.
_NEARLY_REAL = 0.15
_SCALE = (
    (_NEARLY_REAL, "nearly like real"),
    (0.6, "clear digits, few odd"),
    (2.0, "clear digits, some odd"),
    (6.0, "readable, many odd"),
    (20.0, "nearly all look fake"),
)
_BELOW, _BEYOND = "like real", "far from real"
# The word below the limit of a quick distance, where chance is larger than the finer words allow: a
# quick 0.85 was "nearly like real", and with 10,000 digits the run had 0.23, "few odd".
_IMPRECISE = "clear digits"


def rate_distance(distance: float, real: float) -> str:
    """Return two to three words for a distance to real digits, such as "nearly like real".

    Args:
        distance: Fréchet distance of generated digits, with any number of them.
        real: The distance of as many real digits, which can be larger.
    """
    limit = compute_quick_limit(real)
    if distance < limit and limit - real > _NEARLY_REAL:
        return _IMPRECISE
    if distance < real:
        return _BELOW
    return next((words for limit, words in _SCALE if distance - real < limit), _BEYOND)


def grade_distance(distance: float, real: float) -> int:
    """Return the place of a distance's words on the scale; smaller is better.

    Arguments as in `rate_distance`. The one word for small quick distances is between the words
    that it can stand for and the next ones.
    """
    _, *others = (words for _, words in _SCALE)
    scale = (_BELOW, _SCALE[0][1], _IMPRECISE, *others, _BEYOND)
    return scale.index(rate_distance(distance, real))


def is_nearly_real(distance: float, real: float) -> bool:
    """Return whether the words for a distance are "nearly like real" or better."""
    return distance - real < _NEARLY_REAL


def explain_scale() -> str:
    """Return the whole scale as a sentence, for a help text."""
    parts = [f"“{words}” up to {limit:g}" for limit, words in _SCALE]
    return (
        "The words come from the difference to the distance of real digits: "
        f"“{_BELOW}” below it, {', '.join(parts)}, and above “{_BEYOND}”. A quick distance that is "
        f"too near to tell such small differences says “{_IMPRECISE}”."
    )


def describe_distance(distance: float, real: float, *, has_digits: bool) -> str:
    """Describe a distance beside that of real images: "0.18 (nearly like real; real ones 0.07)".

    Args:
        distance: Main metric of generated images.
        real: The same of real images, which can be larger.
        has_digits: Whether they are digits; of other pictures no words are known.
    """
    if has_digits:
        words = rate_distance(distance, real)
    else:
        words = _BELOW if distance < real else "lower is better"
    return f"{format_distance(distance)} ({words}; real ones {format_distance(real)})"
