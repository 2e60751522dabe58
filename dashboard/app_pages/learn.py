"""Learn: what a GAN is, the two networks layer by layer, a training step, and the words."""

from __future__ import annotations

import math

import streamlit as st

from dashboard.learn import diagrams, glossary
from dashboard.state import tf_runtime
from dashboard.state.trainer import process_trainer
from dcgan.config import TrainingConfig
from dcgan.errors import DCGANError
from dcgan.export.charts import compute_equilibrium_losses
from dcgan.runs.library import list_runs
from dcgan.setting_info import setting_group

_TEXT_WIDTH = 760  # Pixels; longer lines are hard to read.
_FORM = "form"


def _render_page() -> None:
    _introduction()
    st.subheader("The two networks", anchor=False)
    config = _choose_settings()
    # TensorFlow may still be on its way, so what needs it comes last and its place is held.
    place = st.container(key="networks")
    waiting = place.empty()
    if "learn_was_drawn" not in st.session_state:
        waiting.html(diagrams.waiting_html())
    _training_step(config)
    _losses(config)
    _words()
    networks = _describe_networks(config)
    waiting.empty()
    with place:
        _render_networks(networks)
    st.session_state["learn_was_drawn"] = True


def _drawing(html: str) -> None:
    # `st.html` takes SVG out. Nothing that a person typed gets here, and all text is escaped.
    st.markdown(html, unsafe_allow_html=True)


def _introduction() -> None:
    st.title("How a GAN learns", anchor=False)
    with st.container(width=_TEXT_WIDTH):
        st.markdown(
            "Two networks play a game. The :orange[**generator**] is the forger: it turns a few "
            "random numbers into a picture of a digit. The :blue[**discriminator**] is the "
            "inspector: it is shown real digits and forged ones, and says which it takes for "
            "real."
        )
        st.markdown(
            "At first both know nothing: the forger scribbles, the inspector guesses. "
            "Then each learns from the other. Whenever the inspector finds out what gives a "
            "forgery away, the forger is told in which direction to change. Nobody ever "
            "explains what a 3 is; the game alone leads there. It goes well while neither wins "
            "for long, and it is over when the inspector can only guess."
        )
        st.markdown(
            "This is a *generative adversarial network*. DC stands for *deep convolutional*: "
            "both networks look at pictures through small windows, layer after layer."
        )


def _choose_settings() -> TrainingConfig:
    """Let the person choose whose networks to show; what cannot be read is left out."""
    form: TrainingConfig = st.session_state.get("form_config", TrainingConfig())
    labels = {_FORM: "The settings of the Train page"}
    configs = {_FORM: form}
    trainer = process_trainer()
    snapshot = trainer.snapshot()
    first = _FORM
    if snapshot.run is not None and snapshot.config is not None:
        first = str(snapshot.run.path)
        configs[first] = snapshot.config
        word = "training now" if snapshot.is_active else "trained last"
        labels[first] = f"{snapshot.run.read_label().title} ({word})"
    try:
        runs, _ = list_runs(trainer.root)
    except (DCGANError, OSError):
        runs = []
        st.caption("The saved runs could not be read.")
    for run in runs:
        key = str(run.path)
        if key not in configs:
            configs[key] = run.config
            title = run.read_label().title
            labels[key] = f"{title} ({run.name})" if title != run.name else run.name
    if st.session_state.get("learn_choice") not in configs:
        st.session_state["learn_choice"] = first
    chosen = st.selectbox(
        "Whose networks",
        list(configs),
        format_func=labels.__getitem__,
        key="learn_choice",
        width=420,
        help="A saved run, the one that trains now, or what the form on the Train page would "
        "start.",
    )
    return configs[chosen]


@st.cache_data(show_spinner=False, max_entries=100)
def _describe(shaping: dict[str, object]) -> tuple[diagrams.Network, diagrams.Network]:
    tf_runtime.prepare()
    import keras

    from dcgan.model.networks import build_discriminator, build_generator

    config = TrainingConfig.create(**shaping)
    # Real models without values: the largest that the settings allow would take gigabytes.
    with keras.StatelessScope(initialize_variables=False):
        models = build_generator(config), build_discriminator(config)
    generator, discriminator = map(diagrams.describe_network, models)
    return generator, discriminator


def _describe_networks(config: TrainingConfig) -> tuple[diagrams.Network, diagrams.Network]:
    # Only what shapes a network: all else would draw the same ones again.
    names = [name for name in TrainingConfig.model_fields if setting_group(name) == "Networks"]
    return _describe({name: getattr(config, name) for name in names})


def _render_networks(networks: tuple[diagrams.Network, ...]) -> None:
    for network in networks:
        with st.container(border=True):
            _drawing(diagrams.network_html(network))
    st.caption(
        "A block is as high and deep as its picture and as wide as it has channels (on a log "
        "scale); a thin plate is a layer that changes the numbers in place. What flows in is grey."
    )
    with st.expander("The same as tables", icon=":material/table_rows:"):
        for network in networks:
            st.code(network.summary, language=None)


def _training_step(config: TrainingConfig) -> None:
    st.subheader("One training step", anchor=False)
    rounds = config.discriminator_steps
    again = f" Here 1 to 3 are done {rounds} times before it goes on." if rounds > 1 else ""
    target = 1 - config.label_smoothing
    average = (
        "The pictures that you see come from a running average of the generator's weights "
        f"(EMA), which now moves {1 - config.ema_decay:.2%} of the way; more at a run's start."
        if config.ema_decay
        else "The pictures that you see come from these very weights, as EMA is turned off."
    )
    words, picture = st.columns([3, 2], gap="large", vertical_alignment="center")
    with picture:
        _drawing(diagrams.training_step_html())
        st.caption("Dashed: whose weights a loss changes.")
    with words, st.container(width=_TEXT_WIDTH):
        st.markdown(
            f"1. **Take a batch.** {config.batch_size:,} real images, and as many latent vectors "
            f"z of {config.latent_dim:,} random numbers each.\n"
            "2. **Draw.** The :orange[generator] turns each z into a fake image.\n"
            "3. **The inspector learns.** The :blue[discriminator] gives a logit to every real "
            f"and every fake image. As a probability it should have said {target:g} to the real "
            "ones and 0 to the fakes; Adam changes its weights, and only its, to come nearer."
            f"{again}\n"
            "4. **The forger learns.** The :blue[discriminator], a little wiser now, looks at "
            "the same fakes again. The :orange[generator] would have wanted a 1; the gradient "
            "goes back through the discriminator to say what to change, and Adam changes the "
            "generator's weights only.\n"
            f"5. **The average follows.** {average}"
        )


def _losses(config: TrainingConfig) -> None:
    st.subheader("The two losses", anchor=False)
    smoothing = config.label_smoothing
    generator, discriminator = compute_equilibrium_losses(smoothing)
    with st.container(width=_TEXT_WIDTH):
        st.markdown(
            "Both are cross-entropies: what the true answer costs, given how likely the "
            "discriminator took it to be. $D(x)$ is the sigmoid of its logit, and the bar is the "
            "mean over the batch."
        )
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        st.markdown(":orange[**Generator**]")
        st.latex(r"L_G = -\,\overline{\ln D(G(z))}")
        st.markdown(
            "Small when its fakes are called real. Where nothing can be told, $D = 1/2$ and "
            r"$L_G = \ln 2 \approx 0.69$."
        )
    with right.container(border=True, height="stretch"):
        st.markdown(":blue[**Discriminator**]")
        st.latex(r"L_D = -\,\overline{\ln D(x)} \;-\; \overline{\ln\,(1 - D(G(z)))}")
        st.markdown(
            "Small when real is called real and fake is called fake. Where nothing can be told, "
            r"$L_D = 2 \ln 2 \approx 1.39$."
        )
    if smoothing:
        with st.container(width=_TEXT_WIDTH):
            st.caption(
                f"These settings smooth the labels by {smoothing:g}: in the first mean stands "
                rf"$(1-s)\,\ln D(x) + s\,\ln\,(1 - D(x))$ with $s = {smoothing:g}$. The best "
                f"answer to all is then {(1 - smoothing) / 2:g} instead of 1/2, and the losses "
                f"are {generator:.2f} and {discriminator:.2f}."
            )


def _words() -> None:
    st.subheader("Words", anchor=False)
    query = st.text_input(
        "Find a word",
        key="learn_query",
        placeholder="Such as EMA, beta_1 or collapse",
        icon=":material/search:",
        width=420,
    )
    if query.strip():
        found = glossary.find(query)
        if not found:
            st.caption("There is no such word here.")
        _entries(found)
        return
    for index, chapter in enumerate(glossary.chapters()):
        with st.expander(chapter.title, icon=f":material/{chapter.icon}:", expanded=index == 0):
            _entries(list(chapter.entries))


def _entries(entries: list[glossary.Entry]) -> None:
    half = math.ceil(len(entries) / 2)
    for column, part in zip(
        st.columns(2, gap="large"), (entries[:half], entries[half:]), strict=True
    ):
        for entry in part:
            with column.container(gap="xxsmall", width=_TEXT_WIDTH):
                st.markdown(f"**{entry.term}**  \n{entry.meaning}")
                if entry.settings:
                    st.caption("  \n".join(entry.allowed))


_render_page()
