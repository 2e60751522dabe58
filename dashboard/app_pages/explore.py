"""Explore: steer the latent space of the run that trains now, or of any saved one."""

from __future__ import annotations

import contextlib

import streamlit as st

from dashboard.components.plain_text import literal
from dashboard.explore import (
    activations_panel,
    bank_panel,
    deep_link,
    interpolation_panel,
    latent_panel,
    map_panel,
    mix_panel,
    own_digit_panel,
    pad_panel,
    pins_panel,
    replay_panel,
    sheet_panel,
)
from dashboard.shared import selection
from dashboard.shared.following import PICTURE_SECONDS, follow
from dashboard.shared.run_summary import best_checkpoint_words, checkpoint_words, distinct_titles
from dashboard.state import surveys, tf_runtime
from dashboard.state.generator_source import GeneratorSource
from dashboard.state.trainer import Trainer, process_trainer
from dcgan.errors import RunError
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run

_NOW = -1  # Stands for the weights of the moment among the steps of checkpoints.


def live_run_name(trainer: Trainer) -> str | None:
    """Return the name of the run that is being trained or paused here, if any."""
    now = trainer.snapshot()
    return now.run.name if now.run is not None and now.is_active else None


def choose_source(trainer: Trainer) -> GeneratorSource | None:
    """Let the person choose a run and, of a saved one, a checkpoint."""
    now = trainer.snapshot()
    saved, problems = list_runs(trainer.root)
    runs = {run.name: run for run in saved if run.checkpoints.list_steps()}
    live_name = live_run_name(trainer)
    if now.run is not None and now.is_active:
        runs = {now.run.name: now.run} | runs
    if not runs:
        return None
    wanted = st.session_state.pop("explore_run", None)
    if wanted in runs:
        st.session_state["source_run"] = wanted
    elif st.session_state.get("source_run") not in runs:
        st.session_state["source_run"] = st.session_state.get("source_kept")
        if st.session_state["source_run"] not in runs:
            st.session_state["source_run"] = next(iter(runs))

    titles = distinct_titles(runs.values())

    def describe(name: str) -> str:
        return f"{titles[name]} (training now)" if name == live_name else titles[name]

    with st.container(horizontal=True):
        name = st.selectbox("Run", list(runs), key="source_run", format_func=describe, width=380)
        st.session_state["source_kept"] = name
        step = _choose_step(runs[name], is_live=name == live_name)
    for problem in problems:
        st.caption(f":material/warning: {literal(problem)}")
    is_live = name == live_name and step is None
    return GeneratorSource(runs[name], step, trainer if is_live else None)


def _choose_step(run: Run, *, is_live: bool) -> int | None:
    # Not None for now: Streamlit takes that for a choice that can be cleared.
    steps = [*([_NOW] if is_live else []), *reversed(run.checkpoints.list_steps())]
    step = st.selectbox(
        "Checkpoint",
        steps,
        key=f"source_step_{run.name}_{is_live}",
        format_func=lambda step: "Now, as it trains" if step == _NOW else checkpoint_words(step),
        width=220,
        persist_state="session",
        help=f"A checkpoint is a moment of training that was saved. {best_checkpoint_words(run)}",
    )
    return None if step == _NOW else step


trainer = process_trainer()
live_at_start = live_run_name(trainer)
st.title("Explore the latent space", anchor=False)
st.markdown(
    "The generator turns a list of numbers, **z**, into a digit. Nearby numbers give similar "
    "digits; move the sliders and see."
)
deep_link.take_over(trainer)
source = choose_source(trainer)
if source is None:
    st.info("There is no run to explore yet. Start one on the Train page.")
    st.stop()

with st.spinner("Loading the generator"):
    tf_runtime.prepare()


@st.fragment
def latent(source: GeneratorSource) -> None:
    """Draw the latent part by itself: a slider's move redraws nothing else."""
    latent_panel.render(source, page_z)


@st.fragment
def pins(source: GeneratorSource) -> None:
    """Draw the pins by themselves."""
    pins_panel.render(source)


@st.fragment
def bank(source: GeneratorSource) -> None:
    """Draw the bank of digits by itself."""
    bank_panel.render(source)


@st.fragment
def pad(source: GeneratorSource) -> None:
    """Draw the pad by itself."""
    pad_panel.render(source)


@st.fragment
def drawing(source: GeneratorSource) -> None:
    """Draw the square for a digit of one's own by itself."""
    own_digit_panel.render(source)


@st.fragment
def interpolation(source: GeneratorSource) -> None:
    """Draw the walk by itself."""
    interpolation_panel.render(source)


@st.fragment
def sheet(source: GeneratorSource) -> None:
    """Draw the many digits by themselves."""
    sheet_panel.render(source)


@st.fragment
def digit_map(source: GeneratorSource) -> None:
    """Draw the map by itself."""
    map_panel.render(source)


@st.fragment
def mix(source: GeneratorSource) -> None:
    """Draw arithmetic with digits by itself."""
    mix_panel.render(source)


@st.fragment
def inside(source: GeneratorSource) -> None:
    """Draw the look inside by itself."""
    activations_panel.render(source)


@st.fragment
def through_training(source: GeneratorSource) -> None:
    """Draw the look back through training by itself."""
    replay_panel.render(source)


# Other ways to a z, by the names of their tabs.
TOOLS = {
    "Pick a digit": bank,
    "Pad": pad,
    "Draw a digit": drawing,
    "Mix": mix,
    "Map": digit_map,
    "Through training": through_training,
    "Inside": inside,
}


@st.fragment
def watch(source: GeneratorSource) -> None:
    """Rerun the page when a run begins or ends, or the generator's survey is missing or newer."""
    follow(trainer, key="news-page", seconds=PICTURE_SECONDS)
    if source.trainer is not None and surveys.get_findings(source) is not None:
        surveys.survey_generator(source)  # Repeats the survey where the generator has changed much.
    if (
        live_run_name(trainer) != live_at_start
        or surveys.is_needed(source)
        or surveys.get_findings(source) is not findings_at_start
    ):
        st.rerun()


findings_at_start = surveys.get_findings(source)
page_z = selection.get(source.latent_dim).copy()
latent(source)
pins(source)
st.subheader("Choose another digit, or look closer", anchor=False)
st.caption("What you pick, press, draw or mix here becomes the chosen z of the grid above.")
tabs = st.tabs(list(TOOLS), key="tool", on_change="rerun")
for tab, tool in zip(tabs, TOOLS.values(), strict=True):
    if tab.open:  # The others cost nothing.
        with tab:
            tool(source)
st.subheader("From one digit to another", anchor=False)
interpolation(source)
st.subheader("Many digits at once", anchor=False)
sheet(source)
if surveys.is_needed(source):
    # Last, as it takes a second or two: then what waits for it is drawn.
    with contextlib.suppress(RunError):  # The grid has said so.
        surveys.survey_generator(source)
        st.rerun()
watch(source)
