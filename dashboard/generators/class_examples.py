"""The clearest digit of each class, for generators of runs that learned the classes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from dashboard.generators.saved_generators import GeneratorIdentity
from dashboard.process.lru_cache import LRUCache
from dcgan.config.named_datasets import has_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.generators.generator_source import FrozenGenerator, GeneratorSource

_NUM_CANDIDATES = 64  # Latent vectors; each class chooses its example among them.
_MAX_GENERATORS = 16

_NO_EXAMPLES: Mapping[str, np.ndarray] = MappingProxyType({})
_examples: LRUCache[GeneratorIdentity, Mapping[str, np.ndarray]] = LRUCache(_MAX_GENERATORS)


def list_digits(source: GeneratorSource) -> tuple[str, ...]:
    """Return the names of the run's classes that are digits; empty if it learned no classes."""
    if not source.class_name or not has_digits(source.run.config.dataset):
        return ()
    return tuple(name for name in source.run.config.class_names if name in tuple("0123456789"))


def get_examples(source: GeneratorSource) -> Mapping[str, np.ndarray]:
    """Return the z of the clearest digit of each class, by its name; empty until they are found.

    The result does not depend on the class that the source draws.
    """
    return _examples.get(_make_key(source)) or _NO_EXAMPLES


def find_examples(source: GeneratorSource, generator: FrozenGenerator, z: np.ndarray) -> None:
    """Find the examples of a generator, unless it is a saved one whose examples are known.

    Args:
        source: The generator.
        generator: The same generator with weights that do not change.
        z: Latent batch from which the examples are chosen, shape (num, latent_dim).
    """
    from dcgan.digit_classifier.classifier import load_digit_classifier
    from dcgan.latent.survey import compute_log_odds

    names = list_digits(source)
    if not names or (source.trainer is None and get_examples(source)):
        return
    candidates = z[:_NUM_CANDIDATES]
    examples = {}
    for name in names:
        class_id = source.run.config.class_names.index(name)
        pixels = generator.generate(candidates, np.full(len(candidates), class_id))
        odds = compute_log_odds(load_digit_classifier().predict(pixels).logits)
        examples[name] = candidates[odds[:, int(name)].argmax()]
    _examples.put(_make_key(source), MappingProxyType(examples))


def _make_key(source: GeneratorSource) -> GeneratorIdentity:
    return source.identity._replace(class_id=None)
