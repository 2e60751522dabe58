"""A range to move through the saved moments of a run, labelled with their steps."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.components.registration import do_nothing, register_component

_replay = register_component("replay")
_NOW = -1


def render_replay(
    training: str, steps: Sequence[int], chosen: int | None, *, help_text: str, key: str
) -> int | None:
    """Show the range, and a button that goes back to the newest moment.

    The newest moment stays chosen while steps are added.

    Args:
        training: Identifier of the training. When it changes, the range shows `chosen` again.
        steps: Steps of the saved moments, ascending, at least one.
        chosen: The step to show at first; None for the newest.
        help_text: Shown on hover.
        key: Streamlit's key.

    Returns:
        The chosen step; None for the newest.
    """
    result = _replay(
        key=key,
        data={
            "training": training,
            "steps": list(steps),
            "chosen": _NOW if chosen is None else chosen,
            "help": help_text,
        },
        on_chosen_change=do_nothing,
    )
    answer = result.chosen
    if answer == _NOW:
        return None
    return answer if isinstance(answer, int) and answer in steps else chosen
