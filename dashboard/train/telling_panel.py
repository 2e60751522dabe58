"""A measurement on request: can a program tell the generator's pictures from real ones?"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.generators.generator_source import GeneratorSource
from dashboard.process import tf_runtime
from dashboard.shared.messages import render_run_error
from dashboard.state.trainer import Trainer
from dashboard.state.training_pictures import load_all_pictures
from dcgan.config.named_datasets import get_picture_noun
from dcgan.errors import DCGANError, MissingPackageError
from dcgan.evaluation.evaluator import draw_classes
from dcgan.evaluation.telling_apart import (
    MOST_LEARNED,
    VIEWS,
    TellingApart,
    check_packages,
    choose_sizes,
    tell_apart,
)
from dcgan.latent.sampling import sample_latent
from dcgan.runs.run_folder import Run

# Keys of the session.
# Name of the run whose measurement was requested. Set in the callback of the button: the script
# may be restarted before it reaches the lines below the button.
_ASKED = "telling-asked"
_FOUND = "telling-found"

_SEED = 12


@dataclass(frozen=True)
class _Found:
    """The answers about a run at a step."""

    run: str
    created: str
    step: int
    answers: TellingApart


def render(trainer: Trainer, run: Run) -> None:
    """Render the button, and the last answers about this run; nothing on a public demo.

    There, one visitor would take a core from all others for a minute.
    """
    if trainer.demo is not None:
        return
    noun = get_picture_noun(run.config.dataset)
    with st.container(key="telling"):
        _render_button(run, noun)
        if st.session_state.get(_ASKED) == run.name:
            del st.session_state[_ASKED]
            try:
                with st.spinner(f"Learning to tell the {noun}s from real ones"):
                    st.session_state[_FOUND] = _measure(trainer, run)
            except DCGANError as error:
                render_run_error(error, run.config)
        found: _Found | None = st.session_state.get(_FOUND)
        if found is not None and (found.run, found.created) == (run.name, run.created):
            _render_answers(found, noun)


def _render_button(run: Run, noun: str) -> None:
    try:
        check_packages()
    except MissingPackageError as error:
        problem = str(error)
    else:
        problem = ""
    st.button(
        "Can a program tell?",
        icon=":material/fact_check:",
        disabled=bool(problem),
        help=problem
        or f"A program learns from up to {MOST_LEARNED:,} {noun}s of this generator and as many "
        "real ones, and is asked about new ones. Half of its answers are right by chance. Takes "
        "about a minute, and training is slower meanwhile.",
        on_click=_record_click,
        args=(run.name,),
    )


def _record_click(run: str) -> None:
    st.session_state[_ASKED] = run


def _measure(trainer: Trainer, run: Run) -> _Found:
    tf_runtime.prepare()
    dataset = load_all_pictures(run)
    num = sum(choose_sizes(len(dataset)))
    z = sample_latent(_SEED, num, run.config.latent_dim)
    classes = draw_classes(run.config, dataset, num)
    # All pictures by the same weights, though the run trains on.
    generator = GeneratorSource(run, None, trainer).freeze()
    pictures = generator.generate(z, classes)
    answers = tf_runtime.run_long_work(tell_apart, pictures, dataset)
    return _Found(run.name, run.created, generator.step, answers)


def _render_answers(found: _Found, noun: str) -> None:
    answers = found.answers
    rows = [
        {
            "It looks at": VIEWS[name].label,
            "Right": right.value,
            "Real against real": answers.control[name].value,
        }
        for name, right in answers.right.items()
    ]
    columns = {
        "It looks at": st.column_config.TextColumn(
            help="  \n".join(f"{view.label}: {view.help_text}" for view in VIEWS.values())
        ),
        "Right": st.column_config.ProgressColumn(
            format="percent",
            min_value=0.5,
            max_value=1.0,
            help="Share of its answers that are right; 50% is chance, 100% is always.",
        ),
        "Real against real": st.column_config.NumberColumn(
            format="percent",
            help="The same between two sets of real images, which nobody can tell apart.",
        ),
    }
    st.dataframe(rows, hide_index=True, column_config=columns, key="telling-table")
    st.caption(
        f"{answers.num_asked:,} {noun}s of step {found.step:,} and as many real ones, judged by a "
        f"program that learned from {answers.num_learned:,} others of each. At 50% right it can "
        "only guess."
    )
