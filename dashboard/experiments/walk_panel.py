"""The experiment without training: walks through z, beside pictures that fade into each other."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.components.picture import render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.experiments import answer_panel, walk_address
from dashboard.experiments.answers import answer_walk
from dashboard.experiments.experiment import Experiment
from dashboard.experiments.student_work import StudentWork
from dashboard.experiments.walks import NUM_FRAMES, NUM_WALKS, Walks, make_walks
from dashboard.generators.generator_source import GeneratorSource
from dashboard.process import tf_runtime
from dashboard.run_facts.labels import label_runs, shorten_labels
from dashboard.state.trainer import Trainer
from dcgan.config.named_datasets import has_digits
from dcgan.errors import DCGANError
from dcgan.images.grids import tile
from dcgan.runs.run_folder import Run

_ROWS = 4  # Number of walks that are shown at once.
_SCALE = 3
# Keys of the session.
_FIRST_WALK = "walk_first"  # Index of the first walk that is shown.


def render(trainer: Trainer, experiment: Experiment, work: StudentWork) -> None:
    """Render the choice of a generator, the walks and the answer."""
    run = _ask_for_run(trainer)
    if run is None:
        st.info("There is no run with a generator of digits yet. Train one first.")
        return
    if work.answer is None:
        is_pressed = st.button(
            "Show the walks",
            type="primary",
            icon=":material/route:",
            key="show-walks",
            disabled=work.prediction is None,
        )
        if not is_pressed:
            if work.prediction is None:
                st.caption("Choose a prediction first.")
            return
    try:
        with st.spinner("Drawing the walks"):
            step = run.checkpoints.find_newest() or 0
            walks = _measure_walks(run, step)
    except DCGANError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    is_first_time = work.answer is None
    work.answer = answer_walk(walks.readable_at_ends, walks.readable_between, walks.readable_blends)
    if work.prediction is not None:
        walk_address.write_answer(work.prediction, walks, run.name)
    if is_first_time:  # The choice of a prediction is locked from now on.
        request_focus("experiment-result")
        st.rerun()
    with st.container(key="experiment-result"):
        st.markdown(f":material/visibility: **What to watch.** {experiment.watch}")
        _render_walks(walks, step)
        with st.container(key="experiment-answer"):
            answer_panel.render(experiment, work)
            answer_panel.render_reason(experiment, work)
            with st.container(key="experiment-next-row"):
                answer_panel.render_next_step(experiment, work)


def _ask_for_run(trainer: Trainer) -> Run | None:
    runs = {
        run.name: run
        for run in permissions.list_runs(trainer.root)[0]
        if has_digits(run.config.dataset) and run.checkpoints.list_steps()
    }
    if not runs:
        return None
    # The first choice is the included run without classes. Its digits are better than those a short
    # run draws, and its walks lead from one digit to another.
    names = sorted(
        runs, key=lambda name: (runs[name].config.num_classes > 0, not runs[name].is_read_only)
    )
    titles = label_runs(runs.values())
    chosen = st.session_state.get(walk_address.RUN_KEY)
    # Set it each time: the browser keeps the old label of a run that was renamed, and sends it.
    st.session_state[walk_address.RUN_KEY] = chosen if chosen in runs else names[0]
    name = st.selectbox(
        "Generator of",
        names,
        format_func=shorten_labels(titles).__getitem__,
        key=walk_address.RUN_KEY,
        persist_state="session",
        width=420,
    )
    return runs[name]


def _measure_walks(run: Run, step: int) -> Walks:
    source = GeneratorSource(run, step)
    return _measure_walks_cached(source, str(source.identity))


@st.cache_data(show_spinner=False, max_entries=4)
def _measure_walks_cached(_source: GeneratorSource, identity: str) -> Walks:
    del identity  # The key of the cache.
    tf_runtime.prepare()
    from dcgan.digit_classifier.classifier import load_digit_classifier
    from dcgan.evaluation.metrics import is_confident

    classifier = tf_runtime.run_for_page(load_digit_classifier)

    def find_readable(pixels: np.ndarray) -> np.ndarray:
        prediction = tf_runtime.run_for_page(classifier.predict, pixels)
        return is_confident(prediction.probabilities)

    num_classes = _source.run.config.num_classes
    # One class for all pictures of a walk, and another one for the next walk.
    classes = np.arange(NUM_WALKS).repeat(NUM_FRAMES) % num_classes if num_classes else None
    return make_walks(lambda z: _source.generate(z, classes)[0], find_readable, _source.latent_dim)


def _render_walks(walks: Walks, step: int) -> None:
    first = st.session_state.get(_FIRST_WALK, 0)
    left, right = st.columns(2, gap="medium")
    for column, pixels, title, key in (
        (left, walks.walks, "Walks through z", "walks"),
        (right, walks.fades, "Fading the pixels", "fades"),
    ):
        shown = pixels[first : first + _ROWS].reshape(-1, *pixels.shape[2:])
        picture = tile(shown, _ROWS, NUM_FRAMES)
        with column, st.container(key=f"experiment-{key}"):
            st.markdown(f"**{title}**")
            render_pixels(
                picture,
                scale=_SCALE,
                alt=f"{title}: {_ROWS} rows from one digit to another, step {step}",
                key=f"{key}-picture",
            )
    st.button("Other digits", icon=":material/casino:", key="other-walks", on_click=_show_next)


def _show_next() -> None:
    st.session_state[_FIRST_WALK] = (st.session_state.get(_FIRST_WALK, 0) + _ROWS) % NUM_WALKS
