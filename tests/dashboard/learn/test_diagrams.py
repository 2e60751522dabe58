"""The diagrams: numbers of weights, well-formed SVG, escaped text, no imports of Keras."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dashboard.learn.network_diagram import make_network_html, make_placeholder_html
from dashboard.learn.network_layers import (
    Layer,
    Network,
    describe_network,
    format_shape,
    format_weights,
    group_in_stages,
)
from dashboard.learn.training_step_diagram import make_training_step_html
from dcgan.charts.colors import DISCRIMINATOR_COLOR, GENERATOR_COLOR
from dcgan.config.training_config import TrainingConfig
from dcgan.networks.architecture import build_discriminator, build_generator

_REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def generator() -> Network:
    return describe_network(build_generator(TrainingConfig()))


@pytest.fixture(scope="module")
def discriminator() -> Network:
    return describe_network(build_discriminator(TrainingConfig()))


def weights(network: Network) -> dict[str, list[int]]:
    """Return the weights of a network's layers by their kind, in order."""
    found: dict[str, list[int]] = {}
    for layer in network.layers:
        if layer.num_weights:
            found.setdefault(layer.kind, []).append(layer.num_weights)
    return found


def parse(html: str) -> ElementTree.Element:
    """Parse a drawing, which is XML but for standing beside its style."""
    return ElementTree.fromstring(f"<div>{html}</div>")


def read_text(element: ElementTree.Element) -> str:
    return " ".join(text.strip() for text in element.itertext() if text.strip())


def pictures(html: str) -> list[ElementTree.Element]:
    return list(parse(html).iter("{http://www.w3.org/2000/svg}svg"))


# From a Keras model to layers.


def test_the_default_generator_has_the_computed_numbers_of_weights(generator: Network) -> None:
    assert weights(generator) == {
        "Dense": [16 * 128, 128 * 7 * 7 * 48],
        "BatchNormalization": [4 * 128, 4 * 7 * 7 * 48, 4 * 24],
        "Conv2DTranspose": [4 * 4 * 48 * 24, 4 * 4 * 24 * 1 + 1],
    }
    assert generator.num_weights == 331_937
    assert generator.num_trained == 331_937 - 2 * (128 + 7 * 7 * 48 + 24)


def test_the_default_discriminator_has_the_computed_numbers_of_weights(
    discriminator: Network,
) -> None:
    assert weights(discriminator) == {
        "Conv2D": [4 * 4 * 1 * 16 + 16, 4 * 4 * 16 * 32],
        "BatchNormalization": [4 * 32, 4 * 128],
        "Dense": [7 * 7 * 32 * 128, 128 + 1],
    }
    assert discriminator.num_weights == 209_937


def test_the_classic_networks_have_the_computed_numbers_of_weights() -> None:
    config = TrainingConfig.preset("classic")
    generator = describe_network(build_generator(config))
    discriminator = describe_network(build_discriminator(config))
    assert weights(generator)["Dense"] == [100 * 7 * 7 * 256]
    assert weights(generator)["Conv2DTranspose"] == [
        5 * 5 * 256 * 128,
        5 * 5 * 128 * 64,
        5 * 5 * 64 * 1 + 1,
    ]
    assert weights(discriminator)["Conv2D"] == [5 * 5 * 1 * 64 + 64, 5 * 5 * 64 * 128]
    assert (generator.num_weights, discriminator.num_weights) == (2_330_945, 213_249)
    assert [layer.label for layer in discriminator.layers if layer.kind == "Dropout"] == [
        "Dropout 30%",
        "Dropout 30%",
    ]


def test_shapes_lead_from_z_to_a_picture_and_from_a_picture_to_a_logit(
    generator: Network, discriminator: Network
) -> None:
    assert [group[0].shape for group in group_in_stages(generator.layers)] == [
        (16,),
        (128,),
        (2352,),
        (7, 7, 48),
        (14, 14, 24),
        (28, 28, 1),
    ]
    assert [group[0].shape for group in group_in_stages(discriminator.layers)] == [
        (28, 28, 1),
        (14, 14, 16),
        (7, 7, 32),
        (1568,),
        (128,),
        (1,),
    ]


def test_a_model_without_values_is_described_like_one_with_values(generator: Network) -> None:
    import keras

    with keras.StatelessScope(initialize_variables=False):
        model = build_generator(TrainingConfig())
    assert describe_network(model) == generator


def test_the_summary_is_keras_own_table(generator: Network) -> None:
    assert "dense_norm" in generator.summary
    assert "331,937" in generator.summary
    assert "\x1b" not in generator.summary  # No terminal colours.


# Texts.


def test_shapes_and_weights_are_formatted_for_people() -> None:
    assert format_shape((7, 7, 64)) == "7 × 7 × 64"
    assert format_shape((12_544,)) == "12,544"
    assert format_weights(200_704) == "200,704 weights"
    assert format_weights(1) == "1 weight"
    assert format_weights(0) == "no weights"


def test_a_convolution_names_its_window_and_its_change_of_size() -> None:
    config = TrainingConfig.create(generator_filters=(16, 8, 4), kernel_size=3)
    details = [
        layer.detail
        for layer in describe_network(build_generator(config)).layers
        if layer.kind == "Conv2DTranspose"
    ]
    assert details == [
        "3 × 3 window, same size",
        "3 × 3 window, size × 2",
        "3 × 3 window, size × 2, tanh",
    ]


# From layers to a drawing.


def test_each_layer_is_a_block_and_each_stage_a_picture(generator: Network) -> None:
    html = make_network_html(generator)
    drawn = pictures(html)
    assert len(drawn) == len(group_in_stages(generator.layers)) == 6
    fronts = re.findall(r'd="M[^"l]*Z" fill="#', html)
    assert len(fronts) == len(generator.layers)


def test_every_picture_has_a_name_that_says_what_it_shows(generator: Network) -> None:
    names = [picture.attrib["aria-label"] for picture in pictures(make_network_html(generator))]
    assert names[0] == "Latent vector z: 16"
    assert names[4] == "Transposed convolution, BatchNorm, ReLU: 14 × 14 × 24"
    assert all(picture.attrib["role"] == "img" for picture in pictures(make_training_step_html()))


def test_the_diagram_names_every_layer_its_shape_its_weights_and_the_total(
    discriminator: Network,
) -> None:
    html = make_network_html(discriminator)
    text = read_text(parse(html))
    for layer in discriminator.layers:
        assert layer.label in text
        assert format_weights(layer.num_weights) in text
    assert "14 × 14 × 16" in text
    assert "209,937 weights, 320 of them BatchNorm's running statistics" in text


def test_each_network_has_its_own_colour(generator: Network, discriminator: Network) -> None:
    assert GENERATOR_COLOR in make_network_html(generator)
    assert DISCRIMINATOR_COLOR not in make_network_html(generator)
    assert DISCRIMINATOR_COLOR in make_network_html(discriminator)
    assert GENERATOR_COLOR not in make_network_html(discriminator)


def test_a_block_grows_with_its_picture_and_with_the_logarithm_of_its_channels() -> None:
    def front(shape: tuple[int, ...]) -> tuple[float, float]:
        block = Network("generator", (Layer("Conv2D", "Convolution", "", shape, 0),), 0, "")
        path = pictures(make_network_html(block))[0][0].attrib["d"]
        left, top, right, bottom = map(
            float,
            re.match(r"M(\S+) (\S+) H(\S+) V(\S+)", path).groups(),  # type: ignore[union-attr]
        )
        return right - left, bottom - top

    assert front((14, 14, 8))[1] == pytest.approx(2 * front((7, 7, 8))[1], abs=0.2)
    narrow, middle, wide = (front((7, 7, channels))[0] for channels in (8, 32, 128))
    assert wide - middle == pytest.approx(middle - narrow, abs=0.2)


def test_names_are_escaped(generator: Network) -> None:
    evil = '<img src=x onerror="alert(1)">&'
    layer = Layer("Odd", evil, evil, (7, 7, 2), 3)
    html = make_network_html(
        replace(generator, name=evil, layers=(*generator.layers, layer, layer))
    )
    assert "<img" not in html
    assert read_text(parse(html)).count('<img src=x onerror="alert(1)">&') >= 4


@pytest.mark.parametrize(
    "changes",
    [
        {"latent_dim": 1, "generator_filters": (1, 1), "discriminator_filters": (1,)},
        {"generator_filters": (8,) * 6, "discriminator_filters": (8,) * 4, "dropout": 0.5},
    ],
)
def test_the_smallest_and_the_deepest_networks_are_drawn(changes: dict[str, object]) -> None:
    config = TrainingConfig.create(**changes)
    for model in (build_generator(config), build_discriminator(config)):
        assert pictures(make_network_html(describe_network(model)))


def test_the_training_step_is_one_well_formed_picture_in_the_pages_text_colour() -> None:
    html = make_training_step_html()
    assert len(pictures(html)) == 1
    text = read_text(parse(html))
    assert "Generator loss" in text
    assert "Discriminator loss" in text
    texts = parse(html).iter("{http://www.w3.org/2000/svg}text")
    assert {text.attrib.get("fill", "currentColor") for text in texts} == {"currentColor"}


def test_a_drawing_is_one_paragraph_for_markdown(generator: Network) -> None:
    for html in (make_network_html(generator), make_training_step_html(), make_placeholder_html()):
        assert "\n\n" not in html
