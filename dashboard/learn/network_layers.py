"""The layers of a network as plain values, read from a Keras model.

Imports neither Streamlit nor Keras.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

_LOGIT_LAYER = "logit"  # The discriminator's last layer.

# Layers that change numbers in place: drawn as thin plates behind the block that they change.
_IN_PLACE_LAYERS = ("BatchNormalization", "ReLU", "LeakyReLU", "Dropout", "Activation")

_SUMMARY_WIDTH = 72  # Characters.


@dataclass(frozen=True)
class Layer:
    """One layer of a network, in plain Python.

    Attributes:
        kind: Name of its Keras class.
        label: Name of the layer on the page.
        detail: What it does, in a few words; may be empty.
        shape: Shape of its output for one picture, such as (7, 7, 64).
        num_weights: All numbers that it stores, BatchNorm's running statistics included.
    """

    kind: str
    label: str
    detail: str
    shape: tuple[int, ...]
    num_weights: int


@dataclass(frozen=True)
class Network:
    """The layers of a network.

    Attributes:
        name: `generator` or `discriminator`.
        layers: All layers; the first is the input.
        num_trained: Number of weights that the optimizer changes.
        summary: The table that Keras makes.
    """

    name: str
    layers: tuple[Layer, ...]
    num_trained: int
    summary: str

    @property
    def num_weights(self) -> int:
        """The number of all weights, trained or not."""
        return sum(layer.num_weights for layer in self.layers)


def describe_network(model: keras.Model, num_classes: int = 0) -> Network:
    """Describe a Keras functional model, which need not have values.

    Args:
        model: A model that is named `generator` or `discriminator`; each layer has one output.
        num_classes: Number of classes that it knows.
    """
    tables: list[str] = []
    model.summary(
        print_fn=lambda text, line_break=True: tables.append(text), line_length=_SUMMARY_WIDTH
    )
    return Network(
        name=model.name,
        layers=tuple(_describe_layer(layer, num_classes) for layer in model.layers),
        num_trained=sum(math.prod(weight.shape) for weight in model.trainable_weights),
        summary="\n".join(tables).strip(),
    )


def format_shape(shape: Sequence[int]) -> str:
    """Format a shape for people, such as "7 × 7 × 64"."""
    return " × ".join(f"{size:,}" for size in shape)


def format_weights(num_weights: int) -> str:
    """Format a number of weights for people, such as "200,704 weights"."""
    if num_weights == 0:
        return "no weights"
    return "1 weight" if num_weights == 1 else f"{num_weights:,} weights"


def group_in_stages(layers: Sequence[Layer]) -> list[tuple[Layer, ...]]:
    """Group each layer with the layers behind it that change its output in place."""
    groups: list[tuple[Layer, ...]] = []
    for layer in layers:
        if groups and layer.kind in _IN_PLACE_LAYERS:
            groups[-1] += (layer,)
        else:
            groups.append((layer,))
    return groups


def _describe_layer(layer: Any, num_classes: int) -> Layer:
    kind = type(layer).__name__
    label, detail = _label_layer(kind, layer, num_classes)
    return Layer(
        kind=kind,
        label=label,
        detail=detail,
        shape=tuple(int(size) for size in layer.output.shape[1:]),
        num_weights=int(layer.count_params()),
    )


def _label_layer(kind: str, layer: Any, num_classes: int) -> tuple[str, str]:
    """Return a layer's label and detail."""
    match kind:
        case "InputLayer":
            if len(layer.output.shape) > 2:
                return "Picture", "real or fake"
            if num_classes:
                latent_dim = layer.output.shape[1] - num_classes
                return (
                    "Latent vector z, and the class",
                    f"{latent_dim} random numbers, and a weight for each of {num_classes} classes",
                )
            return "Latent vector z", "random numbers"
        case "Dense":
            if layer.name != _LOGIT_LAYER:
                return "Dense", "every input to every output"
            if num_classes:
                return (
                    "Dense",
                    f"how real it looks, and how well it fits each of {num_classes} classes",
                )
            return "Dense", "one number, the logit"
        case "Reshape":
            return "Reshape", "the same numbers as small pictures"
        case "Flatten":
            return "Flatten", "the same numbers in a row"
        case "Conv2DTranspose" | "Conv2D":
            is_up = kind == "Conv2DTranspose"
            factor = int(layer.strides[0])
            change = f"size {'×' if is_up else '÷'} {factor}"
            window = format_shape(layer.kernel_size)
            parts = [f"{window} window", change if factor > 1 else "same size"]
            if getattr(layer.activation, "__name__", "linear") == "tanh":
                parts.append("tanh")
            return "Transposed convolution" if is_up else "Convolution", ", ".join(parts)
        case "BatchNormalization":
            return "BatchNorm", ""
        case "Dropout":
            return f"Dropout {layer.rate:.0%}", ""
        case _:
            return kind, ""
