"""Data sets known by name; any other data set is a path of the user's pictures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True)
class NamedSet:
    """A data set of grey pictures that is built in or downloaded by Keras.

    Attributes:
        name: Name for people.
        label: The name, and the source of the pictures.
        contents: Noun for its pictures, in the plural.
        has_digits: Whether its pictures are digits.
        class_names: Name of each class, in the order of the labels.
        hub_name: Name in Hugging Face's list of data sets.
        credit: Authors and sources, as the end of "MNIST is ...".
        licence, licence_url: Name and address of the licence.
        keras_module: Module of `keras.datasets` that downloads the set; "" if it is built in.
        download_advice: What to do if the download fails, in the imperative; "" for no advice.
    """

    name: str
    label: str
    contents: str
    has_digits: bool
    class_names: tuple[str, ...]
    hub_name: str
    credit: str
    licence: str
    licence_url: str
    keras_module: str = ""
    download_advice: str = ""


_MNIST = NamedSet(
    "MNIST",
    "MNIST (built in)",
    "handwritten digits",
    has_digits=True,
    class_names=tuple(map(str, range(10))),
    hub_name="ylecun/mnist",
    # From mnist-notice.md.
    credit="by Yann LeCun and Corinna Cortes, derived from NIST's Special Databases 1 and 3",
    licence="Creative Commons Attribution-ShareAlike 3.0 (CC BY-SA 3.0)",
    licence_url="https://creativecommons.org/licenses/by-sa/3.0/",
)

NAMED_SETS: Mapping[str, NamedSet] = MappingProxyType(
    {
        "mnist": _MNIST,
        "keras": replace(_MNIST, label="MNIST through Keras", keras_module="mnist"),
        "fashion_mnist": NamedSet(
            "Fashion-MNIST",
            "Fashion-MNIST through Keras",
            "pieces of clothing",
            has_digits=False,
            # From the README of zalandoresearch/fashion-mnist, MIT licence.
            class_names=(
                "T-shirt",
                "Trouser",
                "Pullover",
                "Dress",
                "Coat",
                "Sandal",
                "Shirt",
                "Sneaker",
                "Bag",
                "Ankle boot",
            ),
            hub_name="zalando-datasets/fashion_mnist",
            credit="by Zalando Research: its article pictures in the form of MNIST",
            licence="MIT",
            licence_url="https://github.com/zalandoresearch/fashion-mnist/blob/master/LICENSE",
            keras_module="fashion_mnist",
            download_advice="give the path of a folder with its four IDX files as own pictures "
            "(Debian's package dataset-fashion-mnist has them)",
        ),
    }
)


def has_digits(dataset: str) -> bool:
    """Return whether the pictures of a data set are known to be digits.

    Args:
        dataset: The name of a named set, or the path of own pictures.
    """
    return dataset in NAMED_SETS and NAMED_SETS[dataset].has_digits


def get_picture_noun(dataset: str) -> str:
    """Return the noun for one picture of a data set: "digit" if `has_digits`, else "picture"."""
    return choose_noun(are_digits=has_digits(dataset))


def choose_noun(*, are_digits: bool) -> str:
    """Return the noun for one picture of some data: "digit" or "picture"."""
    return "digit" if are_digits else "picture"


def select_class_names(dataset: str, classes: Collection[int]) -> tuple[str, ...]:
    """Return the names of a named set's selected classes, in the order of the labels.

    Args:
        dataset: The name of a named set.
        classes: Labels of the selected classes, in any order; empty for all.
    """
    names = NAMED_SETS[dataset].class_names
    return tuple(names[label] for label in sorted(set(classes))) or names


def get_dataset_label(dataset: str, own_label: str) -> str:
    """Return a named set's label, or `own_label` for the path of the user's pictures."""
    return NAMED_SETS[dataset].label if dataset in NAMED_SETS else own_label
