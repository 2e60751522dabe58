"""Inside: the activations of each generator layer, and the saliency of the discriminator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.components.picture import match_mnist_scale, render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.saved_generators import GeneratorIdentity, get_identity
from dashboard.process import tf_runtime
from dashboard.snapshots.snapshot import make_read_only
from dashboard.state.training_pictures import load_some_pictures
from dashboard.tab import selection
from dcgan.charts.colors import FAKE_COLOR, REAL_COLOR
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DatasetError, DCGANError, RunError
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.runs.run_folder import Run, open_run

if TYPE_CHECKING:
    from dcgan.latent.activations import DiscriminatorAnswer, LayerMaps, NetworkProbe

_MAX_MAPS = 48  # Maps of a layer that are shown; the default networks have no more.
_MAPS_PER_ROW = 12
_MAX_LAYER_WIDTH = 500  # Pixels on the page.
_GAP_GREY = 96  # Between two maps, which are often black at their borders.
_SALIENCY_SCALE = 4
_NUM_REAL_IMAGES = 2


def render(source: GeneratorSource) -> None:
    """Render the generator's layers for the selected z, then the discriminator's saliency."""
    step = source.step if source.step is not None else source.run.checkpoints.find_newest()
    if step is None:
        st.caption("This run has no checkpoint yet.")
        return
    z = selection.get_current(source.latent_dim).z.astype(np.float32)
    try:
        with st.spinner("Looking inside"):
            identity = get_identity(source.run, step)._replace(class_id=source.class_id)
            layers, answers, pixels = tf_runtime.run_long_work(_look_inside, identity, z.tobytes())
    except DCGANError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    with st.container(key="inside"):
        st.markdown("##### The generator, layer by layer")
        st.caption(
            f"How the selected {source.noun} forms, from z at the top to the picture below. "
            f"Choose another {source.noun}, and see which squares become bright.",
            help="A layer computes its values from those of the layer above. Each square of layers "
            "2 and later is a **feature map**: where one pattern that the layer has learned, such "
            "as an edge, is in the picture, and how strong it is.",
        )
        _render_legend("#000, #fff", "0", "the layer's largest value")
        for number, layer in enumerate(layers, start=1):
            _render_layer(layer, number, step, source.noun)
        st.markdown("##### Where the discriminator looks")
        st.caption(
            "Where a brighter pixel would make a picture look more real to it, and where more fake."
            + (
                " It first decides which class the picture is most like, then how real it looks."
                if source.class_name
                else ""
            ),
            help="This is called **saliency**: the slope of the discriminator's answer for each "
            "pixel.",
        )
        colors = ", ".join(f"rgb{color}" for color in (_FAKE, _GREY, _REAL))
        _render_legend(colors, "looks more fake", "looks more real")
        _render_answers(answers, pixels, step, source.noun)


_Results = tuple["tuple[LayerMaps, ...]", "tuple[DiscriminatorAnswer, ...]", np.ndarray]


@lru_cache(maxsize=16)
def _look_inside(identity: GeneratorIdentity, z: bytes) -> _Results:
    """Compute the layers and answers that the panel shows; cached for recent z.

    Args:
        identity: The generator.
        z: Bytes of the latent vector, float32.

    Returns:
        The generator's layers, the discriminator's answers, and the pictures that it judged, uint8
        (num, height, width, channels): the generator's first, then real ones.
    """
    from dcgan.data.datasets import to_pixels

    run = open_run(identity.path)
    state = run.checkpoints.load(identity.step)
    networks = _build_networks(run.config)
    try:
        layers = networks.read_layers(state, np.frombuffer(z, np.float32), identity.class_id)
        fake = to_pixels(np.moveaxis(layers[-1].maps, 0, -1))
        pixels = np.concatenate([fake[np.newaxis], _load_real_images(run)])
        answers = networks.ask_discriminator(state, pixels)
    except ValueError as error:
        raise RunError(f"{run.name}: the checkpoint does not fit config.json: {error}") from None
    make_read_only(
        [*(layer.maps for layer in layers), *(answer.saliency for answer in answers), pixels]
    )
    return tuple(layers), tuple(answers), pixels


@lru_cache(maxsize=2)
def _build_networks(config: TrainingConfig) -> NetworkProbe:
    from dcgan.latent.activations import NetworkProbe

    return NetworkProbe(config)


def _load_real_images(run: Run) -> np.ndarray:
    """Load two training images; none if the data set is missing, for example of an imported run."""
    try:
        return load_some_pictures(run).pixels[:_NUM_REAL_IMAGES]
    except DatasetError:
        return np.zeros((0, *run.config.image_shape), np.uint8)


def _render_legend(colors: str, low: str, high: str) -> None:
    """Render a scale of colours, given as in a CSS gradient, and what its ends mean."""
    st.html(
        '<div style="display: flex; align-items: center; gap: 8px; font-size: 0.85rem">'
        f"<span>{low}</span>"
        '<span style="width: 120px; height: 12px; border: 1px solid #808080; '
        f'background: linear-gradient(to right, {colors})"></span>'
        f"<span>{high}</span></div>"
    )


def _render_layer(layer: LayerMaps, number: int, step: int, noun: str) -> None:
    num_maps, height, width = layer.maps.shape
    if height == width == 1 or (num_maps == 1 and height == 1):  # A dense layer, shown as a square.
        units = layer.maps.ravel()
        rows, columns = choose_grid_shape(len(units))
        maps = np.zeros(rows * columns, np.float32)
        maps[: len(units)] = units
        picture = _to_grey(maps.reshape(rows, columns), float(units.max()))
        title = f"Hidden layer, {len(units):,} units"
    elif layer.name == "image":
        picture = (
            np.rint((np.moveaxis(layer.maps, 0, -1) + 1) * 127.5).clip(0, 255).astype(np.uint8)
        )
        title = f"The {noun}"
    else:
        shown_maps = _to_grey(layer.maps[:_MAX_MAPS], float(layer.maps.max()))
        columns = min(_MAPS_PER_ROW, len(shown_maps))
        rows = -(-len(shown_maps) // columns)
        picture = tile(shown_maps, rows, columns, gap=1)
        is_gap = tile(np.full_like(shown_maps, 255), rows, columns, gap=1) == 0
        picture = np.where(is_gap, np.uint8(_GAP_GREY), picture)
        first = f"the first {len(shown_maps)} of " if len(shown_maps) < num_maps else ""
        title = f"Feature maps, {width}×{height} pixels: {first}{num_maps} maps"
    scale = max(1, min(8, _MAX_LAYER_WIDTH // picture.shape[1]))
    st.caption(f"{number}\\. {title}")
    render_pixels(
        picture,
        scale=scale,
        alt=f"Layer {number}: {title}, step {step}",
        key=f"inside-{number}",
    )


def _to_grey(values: np.ndarray, maximum: float) -> np.ndarray:
    """Convert values to uint8: black for 0 and less, white for the maximum."""
    return np.rint(values.clip(0) * (255 / maximum if maximum > 0 else 0)).astype(np.uint8)


def _render_answers(
    answers: Sequence[DiscriminatorAnswer], pixels: np.ndarray, step: int, noun: str
) -> None:
    strongest = max(float(np.abs(answer.saliency).max()) for answer in answers) or 1.0
    with st.container(horizontal=True):
        for index, (answer, picture) in enumerate(zip(answers, pixels, strict=True)):
            title = f"The generator's {noun}" if index == 0 else f"Real picture {index}"
            pair = np.concatenate(
                [
                    picture.repeat(3 // picture.shape[2], axis=2),
                    _to_colors(answer.saliency / strongest),
                ],
                axis=1,
            )
            scale = match_mnist_scale(_SALIENCY_SCALE, picture.shape[0])
            with st.container(width=pair.shape[1] * scale):
                render_pixels(
                    pair,
                    scale=scale,
                    alt=f"{title} and its saliency, step {step}",
                    key=f"saliency-{index}",
                )
                st.caption(f"{title}: {answer.probability:.0%} real, says the discriminator")


def _to_colors(shares: np.ndarray) -> np.ndarray:
    """Convert values in [-1, 1] to colours: -1 has the colour of fakes, 0 is grey, 1 is real."""
    grey, real, fake = (np.array(color, float) for color in (_GREY, _REAL, _FAKE))
    strength = np.abs(shares)[..., np.newaxis]
    hue = np.where(shares[..., np.newaxis] > 0, real, fake)
    return np.rint(grey + strength * (hue - grey)).clip(0, 255).astype(np.uint8)


_GREY = (64, 64, 72)
_REAL, _FAKE = (tuple(bytes.fromhex(color[1:])) for color in (REAL_COLOR, FAKE_COLOR))
