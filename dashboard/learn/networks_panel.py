"""The diagrams of both networks, drawn from real Keras models."""

from __future__ import annotations

import streamlit as st

from dashboard.learn.network_diagram import make_network_html, make_placeholder_html
from dashboard.learn.network_layers import Network, describe_network
from dashboard.process import tf_runtime
from dcgan.config.training_config import TrainingConfig

# Keys of the session.
_RENDERED = "learn_networks_rendered"


class NetworksPanel:
    """The place of the diagrams on the page; `fill` renders them after the rest of the page."""

    def __init__(self) -> None:
        self._place = st.container(key="networks")
        self._placeholder = self._place.empty()
        if _RENDERED not in st.session_state:
            self._placeholder.html(make_placeholder_html())

    def fill(self, config: TrainingConfig) -> None:
        """Render the diagrams and the tables of both networks."""
        networks = describe_networks(config)
        self._placeholder.empty()
        with self._place:
            _render_diagrams(networks)
        st.session_state[_RENDERED] = True


@st.cache_data(show_spinner=False, max_entries=100)
def _build_and_describe(settings: dict[str, object]) -> tuple[Network, Network]:
    tf_runtime.prepare()
    import keras

    from dcgan.networks.architecture import build_discriminator, build_generator

    config = TrainingConfig.create(**settings)
    # Models without values, as the weights of the largest allowed ones would take gigabytes.
    with keras.StatelessScope(initialize_variables=False):
        models = build_generator(config), build_discriminator(config)
    generator, discriminator = (describe_network(model, config.num_classes) for model in models)
    return generator, discriminator


def describe_networks(config: TrainingConfig) -> tuple[Network, Network]:
    """Describe both networks of some settings; imports TensorFlow, which takes seconds."""
    return _build_and_describe(config.model_dump())


def _render_diagrams(networks: tuple[Network, ...]) -> None:
    for network in networks:
        with st.container(border=True):
            # `st.html` removes SVG. The HTML has no text of a person, and all text is escaped.
            st.markdown(make_network_html(network), unsafe_allow_html=True)
    st.caption(
        "A block is as high and deep as its picture, and its width is the number of channels (log "
        "scale). A thin plate is a layer that changes the numbers in place. The input is grey."
    )
    with st.expander("Both networks as tables", icon=":material/table_rows:"):
        for network in networks:
            st.code(network.summary, language=None)
