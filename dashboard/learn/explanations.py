"""The explanations of the Learn page: what a GAN is, and one training step."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import TEXT_WIDTH
from dashboard.learn import progress_picture
from dashboard.learn.training_step_diagram import make_training_step_html
from dcgan.config.training_config import TrainingConfig

# Titles of the parts of the page below the experiments, which are folded.
PARTS = {
    "networks": "The two networks",
    "step": "One training step",
    "losses": "The two losses",
    "collapse": "Why a generator collapses",
    "words": "Words",
}


def render_introduction(*, is_folded: bool) -> None:
    """Render the title and what a GAN is.

    Args:
        is_folded: Whether to fold the text, as for a student who has done an experiment.
    """
    with st.container(key="page-head"):
        st.title("How a GAN learns", anchor=False)
    with st.container(key="learn-game"):
        if is_folded:
            with st.expander("What a GAN is", icon=":material/menu_book:"):
                _render_game()
        else:
            _render_game()


def _render_game() -> None:
    """Render the game of both networks, beside the pictures of a generator that learns."""
    text_column, picture_column = st.columns([2, 1], gap="large")
    with picture_column:
        progress_picture.render()
    with text_column, st.container(key="learn-introduction"):
        st.markdown(
            "Two networks play a game. The :orange[**generator**] is the forger: it turns a few "
            "random numbers into a picture of a digit. The :blue[**discriminator**] is the "
            "inspector: it sees real digits and forged ones, and decides for each whether it is "
            "real."
        )
        st.markdown(
            "At first both know nothing: the forger scribbles, the inspector guesses. Then each "
            "learns from the other. Whenever the inspector finds a sign of forgery, the forger "
            "learns how to change its pictures. Nobody explains what a 3 is (unless the networks "
            "learn the classes); the game alone leads to it. The game goes well while neither wins "
            "for long. With perfect forgeries the inspector could only guess."
        )
        st.markdown(
            "This is a *generative adversarial network*. DC stands for *deep convolutional*: "
            "both networks look at pictures through small windows, layer after layer."
        )


def render_training_step(config: TrainingConfig) -> None:
    """Render the five parts of a training step with these settings, and its diagram."""
    num_repetitions = config.discriminator_steps
    repetition = (
        f" Here 1 to 3 are done {num_repetitions} times before 4." if num_repetitions > 1 else ""
    )
    target = 1 - config.target_smoothing
    aim = (
        f"As a probability from 0 to 1, its target is {target:g} for real pictures and 0 for fakes."
        if config.loss_kind.has_targets
        else "Its loss, below, asks for high logits for real pictures and low ones for fakes."
    )
    with_class = " and a class" if config.num_classes else ""
    fitting = " It also says how well the picture fits its class." if config.num_classes else ""
    last = 6 if config.lookahead else 5
    going_back = (
        f"5. **Both go back.** After every {config.lookahead} steps, both networks go back a part "
        "of the way that they came since the last time (*lookahead*): at first a small part, "
        "later half. So they circle less around each other. Runs on augmented pictures skip this "
        "step, because it slows the training of few pictures.\n"
        if config.lookahead
        else ""
    )
    average = (
        "The pictures that you see come from a running average of the generator's weights "
        "(EMA, exponential moving average). In each step it moves "
        f"{1 - config.ema_decay:.2%} of the way towards the new weights, and more at a run's start."
        if config.ema_decay
        else "The pictures that you see come from these weights, as a running average (EMA) is off."
    )
    text_place, diagram_place = st.columns([3, 2], gap="large", vertical_alignment="center")
    with diagram_place:
        st.markdown(make_training_step_html(), unsafe_allow_html=True)
        st.caption("Dashed: the network that a loss changes.")
    with text_place, st.container(width=TEXT_WIDTH):
        st.markdown(
            f"1. **Take a batch.** {config.batch_size:,} :green[real pictures], and the same "
            f"number of latent vectors z, each of {config.latent_dim:,} random "
            f"numbers{with_class}.\n2. **Generate.** The :orange[generator] turns each z into a "
            ":violet[fake picture].\n3. **The discriminator learns.** The :blue[discriminator] "
            "gives every real and every fake picture a number, its *logit*: above 0 means real, "
            f"below 0 fake.{fitting} {aim} *Adam* is a rule that turns errors into small changes "
            f"of weights. Here it changes only the discriminator's weights.{repetition}\n4. **The "
            "generator learns.** The updated :blue[discriminator] looks at the same fakes again. "
            "The :orange[generator] wants high logits. The *gradient* gives for each weight how "
            "the error would change with it. It goes back through the discriminator into the "
            "picture and on into the generator. Adam then changes the generator's weights, and no "
            f"others.\n{going_back}{last}. **The average follows.** {average}"
        )
