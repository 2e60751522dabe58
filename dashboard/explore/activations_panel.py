"""Inside: the generator layer by layer for the chosen z, and where the discriminator looks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.components.picture import match_mnist_scale, render_picture
from dashboard.components.plain_text import literal
from dashboard.shared import selection
from dashboard.state import tf_runtime
from dashboard.state.generator_source import GeneratorSource, Moment
from dashboard.state.snapshot import read_only
from dcgan.config import TrainingConfig
from dcgan.errors import DatasetError, DCGANError, RunError
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.images.png_recipe import encode_png
from dcgan.runs.run_folder import open_run

if TYPE_CHECKING:
    from dcgan.latent.activations import Inside, Judgement, LayerMaps

_MOST_MAPS = 48  # Of a layer, the first; all of the default networks'.
_ROW = 12  # Maps side by side.
_WIDTH = 700  # Of a layer's picture on the page, at most, in pixels.
_SALIENCY_SCALE = 6
_NUM_REAL = 2


def render(source: GeneratorSource) -> None:
    """Draw the layers of the generator, then what the discriminator says of its digit."""
    step = source.step if source.step is not None else source.run.checkpoints.find_newest()
    if step is None:
        st.caption("This run has no checkpoint to look into yet.")
        return
    z = selection.get(source.latent_dim).astype(np.float32)
    try:
        with st.spinner("Looking inside"):
            moment = GeneratorSource(source.run, step).moment
            layers, judged, pixels = tf_runtime.run_long_work(_look, moment, z.tobytes())
    except DCGANError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    with st.container(key="inside"):
        st.markdown(
            "**The generator, layer by layer**",
            help="Each square is a feature map: what one channel of a layer makes of the chosen z, "
            "from black, nothing, to white, the most in this layer.",
        )
        for layer in layers:
            _render_layer(layer, step)
        st.markdown(
            "**Where the discriminator looks**",
            help="Its saliency: how its answer would change with each pixel. Blue: brighter, it "
            "would be more real. Orange: brighter, it would be more fake. Grey does not matter.",
        )
        _render_judgements(judged, pixels, step)


_Look = tuple["tuple[LayerMaps, ...]", "tuple[Judgement, ...]", np.ndarray]


@lru_cache(maxsize=16)
def _look(moment: Moment, z: bytes) -> _Look:
    """Look with a checkpoint's networks; the z that was seen last need not be looked at again."""
    from dcgan.data.datasets import to_pixels

    run = open_run(moment.path)
    state = run.checkpoints.load(moment.step)
    inside = _inside(run.config)
    try:
        layers = inside.look(state, np.frombuffer(z, np.float32))
        fake = to_pixels(np.moveaxis(layers[-1].maps, 0, -1))
        pixels = np.concatenate([fake[np.newaxis], _real_images(moment.path, moment.created)])
        judged = inside.judge(state, pixels)
    except ValueError as error:
        raise RunError(f"{run.name}: the checkpoint does not fit config.json: {error}") from None
    read_only([*(layer.maps for layer in layers), *(one.saliency for one in judged), pixels])
    return tuple(layers), tuple(judged), pixels


@lru_cache(maxsize=2)
def _inside(config: TrainingConfig) -> Inside:
    from dcgan.latent.activations import Inside

    return Inside(config)


@lru_cache(maxsize=4)
def _real_images(path: Path, created: str) -> np.ndarray:
    """Return two training images; none where they are not at hand, as of a run from elsewhere."""
    del created  # It tells the run from an earlier one in the same folder.
    run = open_run(path)
    try:
        return run.load_dataset().pixels[:_NUM_REAL]
    except DatasetError:
        return read_only([np.zeros((0, *run.config.image_shape), np.uint8)])[0]


def _render_layer(layer: LayerMaps, step: int) -> None:
    num, height, width = layer.maps.shape
    if height == width == 1 or (num == 1 and height == 1):  # A dense layer: a square of its units.
        units = layer.maps.ravel()
        rows, columns = choose_grid_shape(len(units))
        maps = np.zeros(rows * columns, np.float32)
        maps[: len(units)] = units
        picture = _greys(maps.reshape(rows, columns), float(units.max()))
        words = f"{len(units):,} units"
    elif layer.name == "image":
        picture = (
            np.rint((np.moveaxis(layer.maps, 0, -1) + 1) * 127.5).clip(0, 255).astype(np.uint8)
        )
        words = "the picture"
    else:
        shown = layer.maps[:_MOST_MAPS]
        columns = min(_ROW, len(shown))
        pixels = _greys(shown, float(layer.maps.max()))[..., np.newaxis]
        picture = tile(pixels, -(-len(shown) // columns), columns, gap=1)
        some = f"the first {len(shown)} of " if len(shown) < num else ""
        words = f"{some}{num} maps of {width}×{height}"
    scale = max(1, min(8, _WIDTH // picture.shape[1]))
    st.caption(f"`{layer.name}`, {words}")
    render_picture(
        encode_png(picture),
        size=(picture.shape[1], picture.shape[0]),
        scale=scale,
        alt=f"Layer {layer.name}, {words}, step {step}",
        key=f"inside-{layer.name}",
    )


def _greys(values: np.ndarray, most: float) -> np.ndarray:
    return np.rint(values.clip(0) * (255 / most if most > 0 else 0)).astype(np.uint8)


def _render_judgements(judged: Sequence[Judgement], pixels: np.ndarray, step: int) -> None:
    strongest = max(float(np.abs(it.saliency).max()) for it in judged) or 1.0
    with st.container(horizontal=True):
        for number, (judgement, digit) in enumerate(zip(judged, pixels, strict=True)):
            what = "The generator's digit" if number == 0 else f"Real image {number}"
            pair = np.concatenate(
                [
                    digit.repeat(3 // digit.shape[2], axis=2),
                    _colors(judgement.saliency / strongest),
                ],
                axis=1,
            )
            scale = match_mnist_scale(_SALIENCY_SCALE, digit.shape[0])
            with st.container(width=pair.shape[1] * scale):
                render_picture(
                    encode_png(pair),
                    size=(pair.shape[1], pair.shape[0]),
                    scale=scale,
                    alt=f"{what} and its saliency, step {step}",
                    key=f"saliency-{number}",
                )
                st.caption(f"{what}: called real by {judgement.probability:.0%}")


def _colors(shares: np.ndarray) -> np.ndarray:
    """Colour what lies in [-1, 1]: orange below 0, blue above, the networks' colours; grey at 0."""
    grey, blue, orange = (np.array(color, float) for color in (_GREY, _BLUE, _ORANGE))
    strength = np.abs(shares)[..., np.newaxis]
    towards = np.where(shares[..., np.newaxis] > 0, blue, orange)
    return np.rint(grey + strength * (towards - grey)).clip(0, 255).astype(np.uint8)


_GREY, _BLUE, _ORANGE = (64, 64, 72), (47, 128, 237), (232, 113, 10)
