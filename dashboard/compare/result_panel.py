"""The better of several runs: the verdict, a card for each run, and explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.charts import dots_panel
from dashboard.charts.compared_runs import ComparedRun, get_common_noun
from dashboard.compare import next_panel, result_cards
from dashboard.compare_results.explanations import Explanation
from dashboard.compare_results.measurements import has_dots
from dashboard.compare_results.raced import compare_with_races, read_runs
from dashboard.components.plain_text import TEXT_WIDTH, escape_markdown
from dashboard.race.speed_swings import describe_swings
from dashboard.run_facts.raced_runs import RacedRun, find_common_race, map_raced_runs
from dashboard.state.trainer import Trainer
from dashboard.tab.following import follow
from dashboard.wording.glossary import explain_settings
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.runs.run_folder import Run
from dcgan.wording import join_with_and, quote_title

_MAX_BESIDE = 2  # Cards that leave room for sentences beside them.
_MAX_IN_ROW = 4  # Cards in one row, which show the distances of all runs at a glance.
# Topics of the explanations that answer whether the result is chance, and which runs are left out.
_IN_SIGHT = ("How sure", "Busy computer", "Not measured", "Not ranked")
_FOLDED_LABEL = "What differs, and what the number means"


@st.fragment
def render(
    trainer: Trainer, runs: Sequence[Run], colors: Mapping[str, int], labels: Mapping[str, str]
) -> None:
    """Render the result of a comparison.

    Args:
        trainer: The trainer.
        runs: The runs to compare.
        colors: Index of the colour of each, by name.
        labels: Their labels by name.
    """
    snapshot = trainer.snapshot()
    if any(map(snapshot.trains, runs)):
        snapshot = follow(trainer)
    raced = map_raced_runs(trainer.root)  # Again: a race measures its runs meanwhile.
    compared, problems = read_runs(runs, snapshot, colors, labels, raced)
    for problem in problems:
        st.caption(f":material/warning: {escape_markdown(problem)}")
    swings = _describe_swings(compared, raced)
    result = compare_with_races(compared, raced, is_doubtful=bool(swings))
    with st.container(key="compare-result", gap="small"):
        st.subheader(escape_markdown(result.answer or result.headline), anchor=False)
        if result.answer and (len(compared) > _MAX_IN_ROW or result.not_ranked):
            st.markdown(escape_markdown(result.headline), width=TEXT_WIDTH)  # All the runs.
        if swings and not result.is_doubted:  # Otherwise its sentences say so.
            st.warning(escape_markdown(swings), icon=":material/warning:", width=TEXT_WIDTH)
        # In a wide window the explanations are beside two cards, and beside the dots of more.
        is_beside = len(compared) <= _MAX_BESIDE
        with st.container(key="compare-answer-few" if is_beside else "compare-answer", gap="small"):
            result_cards.render(compared, result)
            _render_dots(compared)
            with st.container(width=TEXT_WIDTH, gap="xsmall", key="compare-explanations"):
                noun = get_common_noun(compared)
                in_sight = [each for each in result.explanations if each.topic in _IN_SIGHT]
                for explanation in in_sight:
                    _render_explanation(explanation, noun, is_listed=len(in_sight) > 1)
                next_panel.render(trainer, result_cards.sort_by_result(compared, result), raced)
                folded = [each for each in result.explanations if each.topic not in _IN_SIGHT]
                if folded:
                    with st.expander(_FOLDED_LABEL, icon=":material/help:", key="compare-why"):
                        for explanation in folded:
                            _render_explanation(explanation, noun, is_listed=True)


def _render_explanation(explanation: Explanation, noun: str, *, is_listed: bool) -> None:
    topic, text, *items = map(escape_markdown, (*explanation[:2], *explanation.items))
    bullet = "- " if is_listed or items else ""
    st.markdown(
        "\n".join([f"{bullet}**{topic}.** {text}", *(f"  - {item}" for item in items)]),
        help=_explain_words(explanation, noun),
    )


def _describe_swings(compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]) -> str:
    """Return the warning of the runs' race that the computer was busy; "" without one."""
    race = find_common_race([raced.get(each.run.name) for each in compared])
    if race is None:
        return ""
    runs = {
        index: each.run
        for each in compared
        for index, race_run in enumerate(race.runs)
        if race_run.folder == each.run.name
    }
    return describe_swings(race, runs)


def _render_dots(compared: Sequence[ComparedRun]) -> None:
    """Render the distances of the verdict, if there are two that can be compared."""
    if not has_dots(compared):
        return
    with st.container(key="compare-dots"):
        dots_panel.render(compared, key="dots")
        if left_out := [quote_title(each.title) for each in compared if each.unranked]:
            have = "has" if len(left_out) == 1 else "have"
            text = f"Without {join_with_and(left_out)}, which {have} only a quick distance."
            st.caption(escape_markdown(text))


def _explain_words(explanation: Explanation, noun: str) -> str | None:
    """Return the details of an explanation and what its words mean; None without any."""
    texts = [escape_markdown(explanation.details)] if explanation.details else []
    texts += [
        f"{METRIC_INFO[metric].label}: {METRIC_INFO[metric].explain(noun)}"
        for metric in explanation.metrics
    ]
    if settings := explain_settings(explanation.settings):
        texts.append(settings)
    return "\n\n".join(texts) or None
